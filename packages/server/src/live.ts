import { randomBytes } from 'node:crypto'

/** An event of a live stream. `about` is the principal it concerns. */
export interface Live<T> {
  readonly id: string
  readonly tenant: string
  readonly about: readonly string[]
  readonly data: T
}

/** Events as they happen, and the last thousand of them for whoever comes back. */
export interface Hub<T> {
  readonly publish: (event: Omit<Live<T>, 'id'>) => void
  /**
   * What was published after `after`, or `missed` when that is not known any more; then what is published from now on,
   * until the returned function is called.
   */
  readonly listen: (
    tenant: string,
    after: string | undefined,
    hear: (event: Live<T>) => void,
    by?: string,
  ) => { missed: boolean; stop: () => void }
  /** Something happened that is not told here: whoever comes back is told that it was missed. */
  readonly skip: () => void
  /** How many listen: all of them, or those by this name. */
  readonly listeners: (by?: string) => number
}

/** A hub in this process. Ids are `<start>-<n>`: one that another process gave out is never mistaken for one of this. */
export function createHub<T>(keep = 1000): Hub<T> {
  const start = randomBytes(6).toString('hex')
  const recent: Live<T>[] = []
  const hearing = new Map<(event: Live<T>) => void, string | undefined>()
  let count = 0
  return {
    publish(event) {
      const live = { ...event, id: `${start}-${count++}` }
      recent.push(live)
      if (recent.length > keep) recent.shift()
      for (const hear of hearing.keys()) hear(live)
    },
    listen(tenant, after, hear, by) {
      const seen = (event: Live<T>) => {
        if (event.tenant === tenant) hear(event)
      }
      const at = after === undefined ? count : numberOf(after)
      const oldest = count - recent.length
      const missed = at < oldest - 1 || at > count
      if (after !== undefined && !missed) for (const event of recent.slice(at + 1 - oldest)) seen(event)
      hearing.set(seen, by)
      return { missed: after !== undefined && missed, stop: () => void hearing.delete(seen) }
    },
    skip() {
      recent.length = 0
      count++
    },
    listeners: (by) => (by === undefined ? hearing.size : [...hearing.values()].filter((each) => each === by).length),
  }

  function numberOf(id: string): number {
    const [, from, n] = /^([0-9a-f]{12})-(\d{1,15})$/.exec(id) ?? []
    return from === start ? Number(n) : Number.POSITIVE_INFINITY
  }
}
