import type { Trace } from '@agentgate/api'

/** What the list is narrowed to. */
export interface Narrowing {
  readonly verdict?: string
  readonly status?: string
  readonly tool?: string
  readonly principal?: string
}

/** What happened since the list was loaded: calls by id, of which `seen` are shown and the others only counted. */
export interface Tail {
  readonly newest: ReadonlyMap<string, Trace>
  readonly seen: ReadonlySet<string>
}

export const quiet: Tail = { newest: new Map(), seen: new Set() }

/** The most calls that are kept while nobody looks. */
export const tailLimit = 5000

export function matches(trace: Trace, { verdict, status, tool, principal }: Narrowing): boolean {
  return (
    (verdict === undefined || trace.verdict === verdict) &&
    (status === undefined || trace.status === status) &&
    (tool === undefined || trace.tool === tool) &&
    (principal === undefined || trace.principal === principal)
  )
}

/** The tail after an event. While paused, calls that are not listed yet are kept back. */
export function heard(tail: Tail, trace: Trace, { paused, listed }: { paused: boolean; listed: (id: string) => boolean }): Tail {
  if (tail.newest.size >= tailLimit && !tail.newest.has(trace.id)) return tail
  const newest = new Map(tail.newest).set(trace.id, trace)
  const seen = paused && !listed(trace.id) && !tail.seen.has(trace.id) ? tail.seen : new Set(tail.seen).add(trace.id)
  return { newest, seen }
}

export function resumed(tail: Tail): Tail {
  return { newest: tail.newest, seen: new Set(tail.newest.keys()) }
}

/** What the list shows: the loaded calls brought up to date, and the new ones before them, newest first. */
export function shownRows(loaded: readonly Trace[], { newest, seen }: Tail, narrowing: Narrowing): readonly Trace[] {
  const known = new Set(loaded.map(({ id }) => id))
  const current = loaded.map((trace) => newest.get(trace.id) ?? trace)
  const added = [...newest.values()].filter(({ id }) => seen.has(id) && !known.has(id))
  return [...added, ...current]
    .filter((trace) => matches(trace, narrowing))
    .toSorted((a, b) => b.at.localeCompare(a.at) || b.id.localeCompare(a.id))
}

/** How many calls of the narrowing wait behind the pause. */
export function unseen(loaded: readonly Trace[], { newest, seen }: Tail, narrowing: Narrowing): number {
  const known = new Set(loaded.map(({ id }) => id))
  return [...newest.values()].filter((trace) => !seen.has(trace.id) && !known.has(trace.id) && matches(trace, narrowing)).length
}
