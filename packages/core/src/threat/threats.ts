import type { PrincipalId, TenantId } from '../call.ts'
import type { Severity } from './kind.ts'

/** `pending → acknowledged → resolved | dismissed`; a pending one may be closed at once. */
export const threatStates = ['pending', 'acknowledged', 'resolved', 'dismissed'] as const
export type ThreatState = (typeof threatStates)[number]

/** A step in the life of a threat: it was seen, by a decision or not, or somebody moved it on. */
export type ThreatStep =
  | { readonly at: number; readonly decision?: string }
  | { readonly at: number; readonly to: Exclude<ThreatState, 'pending'>; readonly by: PrincipalId }

/** Something seen that may be an attack, as often as it was seen. Kinds, ids and counts: no personal data but a network's address. */
export interface RaisedThreat {
  readonly id: string
  readonly tenant: TenantId
  /** A kind of payload, `prompt_injection`, `brute_force`, `credential_stuffing`, … */
  readonly kind: string
  readonly severity: Severity
  /** Who or where from: a principal's id, or `network:` and an address by a trusted proxy. */
  readonly subject: string
  /** The decision by which it was seen last. */
  readonly decision?: string
  readonly state: ThreatState
  /** How often it was seen while it was open. */
  readonly count: number
  readonly firstAt: number
  readonly lastAt: number
  /** Who moved it last, and when. */
  readonly movedBy?: PrincipalId
  readonly movedAt?: number
  /** Oldest first: the first sighting, the latest ones, and every move; those in between are only counted. */
  readonly steps: readonly ThreatStep[]
}

/** What was seen. `id` names it if it is new. */
export type SeenThreat = Pick<RaisedThreat, 'id' | 'tenant' | 'kind' | 'severity' | 'subject' | 'decision'> & { readonly at: number }

/** For how long the same of the same subject is one threat: milliseconds since it was last seen. */
export const sameThreat = 3_600_000

/** How many steps of one threat are kept. */
export const mostSteps = 50

/** How many of one tenant are kept; the oldest closed ones go first, then the oldest. */
export const mostThreats = 10_000

/** The threats of each tenant. Servers share them: of two that see the same at once, one begins it and both are counted. */
export interface Threats {
  /** Adds to the open threat of the same kind and subject that was seen within `sameThreat`, or begins one. */
  readonly raise: (seen: SeenThreat) => Promise<RaisedThreat>
  readonly find: (tenant: TenantId, id: string) => Promise<RaisedThreat | undefined>
  /** Last seen first. */
  readonly list: (tenant: TenantId, asked?: { readonly state?: ThreatState; readonly limit?: number }) => Promise<readonly RaisedThreat[]>
  /** Moves it, once: of two who answer at once, one is told `closed`. */
  readonly move: (
    tenant: TenantId,
    id: string,
    to: Exclude<ThreatState, 'pending'>,
    by: PrincipalId,
    at: number,
  ) => Promise<RaisedThreat | 'unknown' | 'closed'>
}

/** The threat with what was seen, or a new one. */
export function seenAgain(known: RaisedThreat | undefined, { at, decision, ...seen }: SeenThreat): RaisedThreat {
  const latest = decision === undefined ? {} : { decision }
  const step = { at, ...latest }
  if (!known) return { ...seen, ...latest, state: 'pending', count: 1, firstAt: at, lastAt: at, steps: [step] }
  return { ...known, ...latest, count: known.count + 1, lastAt: Math.max(known.lastAt, at), steps: shortened([...stepsOf(known), step]) }
}

/** Without the oldest sighting but the first, when there are too many steps. */
function shortened(steps: readonly ThreatStep[]): readonly ThreatStep[] {
  if (steps.length <= mostSteps) return steps
  const passed = steps.findIndex((step, index) => index > 0 && !('to' in step))
  return steps.toSpliced(passed, 1)
}

/** One that was kept without steps has its first sighting. */
export function stepsOf({ steps, firstAt }: { readonly firstAt: number; readonly steps?: readonly ThreatStep[] }): readonly ThreatStep[] {
  return steps ?? [{ at: firstAt }]
}

/** Whether what is seen at `at` belongs to this threat. */
export function isSame({ state, lastAt }: RaisedThreat, at: number): boolean {
  return (state === 'pending' || state === 'acknowledged') && at - lastAt <= sameThreat
}

/** The threat moved on; `closed` where that is no step. */
export function movedTo(threat: RaisedThreat, to: Exclude<ThreatState, 'pending'>, by: PrincipalId, at: number): RaisedThreat | 'closed' {
  const open = threat.state === 'pending' || (threat.state === 'acknowledged' && to !== 'acknowledged')
  return open ? { ...threat, state: to, movedBy: by, movedAt: at, steps: shortened([...stepsOf(threat), { at, to, by }]) } : 'closed'
}

/** Threats in memory: for tests. */
export function memoryThreats(): Threats {
  const all = new Map<string, RaisedThreat>()
  const of = (tenant: TenantId) => [...all.values()].filter((each) => each.tenant === tenant)
  const open = ({ state }: RaisedThreat) => state === 'pending' || state === 'acknowledged'
  return {
    async raise(seen) {
      const known = of(seen.tenant).find((each) => each.kind === seen.kind && each.subject === seen.subject && isSame(each, seen.at))
      const threat = seenAgain(known, seen)
      all.set(JSON.stringify([threat.tenant, threat.id]), threat)
      const [oldest] = of(seen.tenant).toSorted((one, other) => Number(open(one)) - Number(open(other)) || one.lastAt - other.lastAt)
      if (oldest && of(seen.tenant).length > mostThreats) all.delete(JSON.stringify([oldest.tenant, oldest.id]))
      return threat
    },
    find: async (tenant, id) => all.get(JSON.stringify([tenant, id])),
    async list(tenant, { state, limit = 50 } = {}) {
      const found = of(tenant).filter((each) => state === undefined || each.state === state)
      return found.toSorted((one, other) => other.lastAt - one.lastAt || (one.id < other.id ? 1 : -1)).slice(0, limit)
    },
    async move(tenant, id, to, by, at) {
      const known = all.get(JSON.stringify([tenant, id]))
      if (!known) return 'unknown'
      const moved = movedTo(known, to, by, at)
      if (moved !== 'closed') all.set(JSON.stringify([tenant, id]), moved)
      return moved
    },
  }
}
