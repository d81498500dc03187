/** Whose a question is: a tenant's, and in it somebody's. */
export type Asker = readonly [tenant: string, who: string]

/**
 * Lets those go first that have had least: among tenants, and within one among those who ask. Whoever has asked for much
 * waits for the others, and nobody saves up by not asking.
 */
export interface FairQueue<J> {
  readonly add: (job: J, by: Asker) => void
  /** Gives back what was taken and not served: it is the next of its asker. */
  readonly putBack: (job: J, by: Asker) => void
  readonly take: () => J | undefined
  /** Whether it was still waiting. */
  readonly remove: (job: J, by: Asker) => boolean
  /** Says what serving an asker has cost. */
  readonly charge: (by: Asker, cost: number) => void
  readonly clear: () => readonly J[]
  readonly size: () => number
}

/** Askers that are remembered when nothing of theirs waits. */
const remembered = 500

export function fairQueue<J>(): FairQueue<J> {
  const tenants = shares(() => ({ waiting: 0, all: shares(() => ({ waiting: 0, jobs: [] as J[] })) }))
  let size = 0
  const of = ([tenant, who]: Asker) => {
    const outer = tenants.of(tenant)
    return { outer, inner: outer.of.all.of(who) }
  }
  const put = (by: Asker, how: (jobs: J[]) => void) => {
    const { outer, inner } = of(by)
    how(inner.of.jobs)
    outer.of.waiting++
    inner.of.waiting++
    size++
  }
  const gone = (outer: { waiting: number }, inner: { waiting: number }) => {
    outer.waiting--
    inner.waiting--
    size--
  }

  return {
    add: (job, by) => put(by, (jobs) => jobs.push(job)),
    putBack: (job, by) => put(by, (jobs) => jobs.unshift(job)),
    take() {
      const outer = tenants.least()
      const inner = outer?.all.least()
      if (!outer || !inner) return undefined
      gone(outer, inner)
      return inner.jobs.shift()
    },
    remove(job, by) {
      const { outer, inner } = of(by)
      const at = inner.of.jobs.indexOf(job)
      if (at < 0) return false
      inner.of.jobs.splice(at, 1)
      gone(outer.of, inner.of)
      return true
    },
    charge(by, cost) {
      const { outer, inner } = of(by)
      outer.spent += cost
      inner.spent += cost
    },
    clear() {
      const all: J[] = []
      for (let job = this.take(); job !== undefined; job = this.take()) all.push(job)
      return all
    },
    size: () => size,
  }
}

interface Share<T> {
  spent: number
  readonly of: T
}

/** What some have had of something. Who comes anew, or back, counts as having had as much as the least who waits. */
function shares<T extends { waiting: number }>(make: () => T) {
  const all = new Map<string, Share<T>>()
  let least = 0
  return {
    of(name: string): Share<T> {
      const known = all.get(name)
      const share = known ?? { spent: least, of: make() }
      if (share.of.waiting === 0) share.spent = Math.max(share.spent, least)
      if (!known) forgetSome()
      all.set(name, share)
      return share
    },
    least(): T | undefined {
      let found: Share<T> | undefined
      for (const share of all.values()) if (share.of.waiting > 0 && (!found || share.spent < found.spent)) found = share
      if (found) least = Math.max(least, found.spent)
      return found?.of
    },
  }

  function forgetSome(): void {
    if (all.size < remembered) return
    for (const [name, { spent, of }] of all) if (of.waiting === 0 && spent <= least) all.delete(name)
    for (const [name, { of }] of all) if (all.size >= remembered && of.waiting === 0) all.delete(name)
  }
}
