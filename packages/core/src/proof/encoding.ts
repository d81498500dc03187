import { smtName } from './smt-text.ts'
import { type Sort, type Term, type Terms, terms } from './term.ts'

/** What is gathered besides terms while policies are encoded. */
export interface Encoding {
  readonly t: Terms
  /** States what is always true of a symbol: its range, the meaning of a name. Only questions that use the symbol hear of it. */
  readonly assume: (about: Term, fact: Term) => void
  readonly assumed: (about: Term) => readonly Term[]
  /** A symbol that nothing else is called. */
  readonly fresh: (kind: string, sort: Sort) => Term
  /**
   * Stands for a construct that is not encoded. It may be anything, so that what is shown with it in the way holds, and
   * what depends on it is never shown.
   */
  readonly gap: (construct: string) => Term
  readonly construct: (gap: Term) => string | undefined
  /** Something that a request does not say, by name, such as whether a rate has room. */
  readonly outside: (name: string) => Term
  /** The symbols of what a request does not say. */
  readonly outsides: () => ReadonlyMap<Term, string>
  /** Says whose constructs are being encoded. */
  readonly during: <T>(subject: string, work: () => T) => T
}

export function encoding(): Encoding {
  const t = terms()
  const assumed = new Map<Term, Set<Term>>()
  const gaps = new Map<Term, string>()
  const outsides = new Map<Term, string>()
  let subject = ''
  let made = 0
  const fresh = (kind: string, sort: Sort) => t.symbol(`${kind}_${made++}`, sort)
  return {
    t,
    assume(about, fact) {
      const facts = assumed.get(about) ?? new Set()
      assumed.set(about, facts.add(fact))
    },
    assumed: (about) => [...(assumed.get(about) ?? [])],
    fresh,
    gap(construct) {
      const gap = fresh('gap', 'Bool')
      gaps.set(gap, subject === '' ? construct : `${subject}: ${construct}`)
      return gap
    },
    construct: (gap) => gaps.get(gap),
    outside(name) {
      const symbol = t.symbol(smtName('outside', name), 'Bool')
      outsides.set(symbol, name)
      return symbol
    },
    outsides: () => outsides,
    during(name, work) {
      const before = subject
      subject = name
      try {
        return work()
      } finally {
        subject = before
      }
    },
  }
}
