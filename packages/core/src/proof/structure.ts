/** What is asked of a reading's structure: which members are there, how many, of what kind. Never a value of a fact. */
export type Question<R> = (reading: R) => unknown

export type Ask<R> = <A>(question: (reading: R) => A) => A

/** Things that were made of the structure of readings alone, each once for all readings of the same structure. */
export interface Structures<R, T> {
  /**
   * What is made of a reading's structure. `make` learns nothing of the reading but the answers to what it asks, so that
   * the same answers mean the same thing made; which question comes next may depend on the answers before.
   */
  readonly of: (reading: R, make: (ask: Ask<R>) => T) => T
  /** The weight of all that is kept. */
  readonly weight: () => number
  readonly clear: () => void
}

interface Node<R, T> {
  ask?: Question<R>
  made?: { readonly it: T }
  readonly next: Map<unknown, Node<R, T>>
}

export function structures<R, T>(weigh: (made: T) => number): Structures<R, T> {
  let root: Node<R, T> = { next: new Map() }
  let weight = 0

  return {
    of(reading, make) {
      let at = root
      while (at.ask) {
        const next = at.next.get(at.ask(reading))
        if (!next) break
        at = next
      }
      if (at.made) return at.made.it
      const trace: { readonly question: Question<R>; readonly answer: unknown }[] = []
      const it = make((question) => {
        const answer = question(reading)
        trace.push({ question, answer })
        return answer
      })
      let leaf = root
      for (const { question, answer } of trace) {
        leaf.ask ??= question
        const next: Node<R, T> = leaf.next.get(answer) ?? { next: new Map() }
        leaf.next.set(answer, next)
        leaf = next
      }
      leaf.made = { it }
      weight += weigh(it)
      return it
    },
    weight: () => weight,
    clear() {
      root = { next: new Map() }
      weight = 0
    },
  }
}
