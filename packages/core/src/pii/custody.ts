import type { TenantId } from '../call.ts'
import type { JsonObject } from '../json.ts'
import type { SealError } from './seal.ts'

/** A session as the vault holds it: no value, and nothing that a value could be read from. */
export interface HeldSession {
  /** Grows with each session that is opened: what pages of a list go by. */
  readonly number: number
  readonly principal: string
  readonly session: string
  readonly about: JsonObject
  readonly openedAt: number
  readonly expiresAt: number
  /** Whether it is known whom the data is about. */
  readonly subject: boolean
  /** The name of the tenant's key that it is under, by its subject's key or by itself. */
  readonly key: string
  /** How many values of each kind. */
  readonly kinds: { readonly [kind: string]: number }
}

/** What can never be read again. Counts and names of keys only: it may stand in evidence. */
export interface Destroyed {
  /** Names of the keys that were destroyed. */
  readonly keys: readonly string[]
  readonly sessions: number
  readonly kinds: { readonly [kind: string]: number }
}

/** A key of a tenant that wraps others, and how many keys of sessions and subjects it still wraps. */
export interface HeldKey {
  readonly name: string
  readonly madeAt: number
  readonly current: boolean
  readonly wraps: number
}

/** What a tenant's vault holds, all in all. */
export interface Holdings {
  readonly sessions: number
  readonly subjects: number
  /** By kind: how many values, and when the oldest was kept. What is over and not yet purged may be counted. */
  readonly kinds: readonly { readonly kind: string; readonly count: number; readonly oldest: number }[]
  readonly keys: readonly HeldKey[]
}

/** How far keys were wrapped anew: the numbers of the last subject's key and the last session that were looked at. */
export interface Reached {
  readonly key: number
  readonly session: number
}

/** The keys of a session, or a key that wraps others, by its name: what is stored of it does not open. */
export type DamagedKey = ({ readonly session: string } | { readonly key: string }) & { readonly code: SealError['code'] }

/** What became of a step of wrapping keys anew. */
export interface Rewrapped {
  readonly rewrapped: number
  /** How many are still to do, damaged ones included. */
  readonly left: number
  /** What was passed over in this step. */
  readonly damaged: readonly DamagedKey[]
  readonly reached?: Reached
}

/** How long values are kept, in milliseconds after they were last kept, by kind. A kind that is not named lives as long as its session. */
export type Retention = { readonly [kind: string]: number }

/** What is done with a vault as a whole: how its keys are looked after, and how what it holds ends. No value is opened by any of it. */
export interface Custody {
  /** Living sessions, the last opened first. Those that keep private records (`recordsOf`) are left out. */
  readonly sessions: (
    tenant: TenantId,
    query: { readonly principal?: string; readonly session?: string; readonly before?: number; readonly limit: number },
  ) => Promise<readonly HeldSession[]>
  readonly holdings: (tenant: TenantId) => Promise<Holdings>
  /** Which of these keys are there, by name: the tenant's, its subjects', and those that sealed what its sessions hold. */
  readonly present: (tenant: TenantId, keys: readonly string[]) => Promise<readonly string[]>
  /** Makes a new key of the tenant, which wraps from now on. What older ones wrap stays readable until it is re-wrapped. */
  readonly rotate: (tenant: TenantId) => Promise<{ readonly from?: string; readonly to: string }>
  /**
   * Looks at up to `limit` keys, and wraps them anew under the current key of the tenant; the first time, with nothing `reached`,
   * also the tenant's own keys under the newest secret. What does not open is passed over as it is. The older keys are destroyed
   * when none is left to do. To be called with what was reached until nothing more is done, by anyone, also after a crash.
   */
  readonly rewrap: (tenant: TenantId, limit: number, reached?: Reached) => Promise<Rewrapped>
  /** Destroys a subject's key and those of all its sessions, private records included. The same subject may come again, under new keys. */
  readonly erase: (tenant: TenantId, subject: string) => Promise<Destroyed>
  /** Destroys sessions whose time is over, and values that are older than their kind may be. A part of it, where there is much. */
  readonly purge: (tenant: TenantId, retention?: Retention) => Promise<Destroyed>
}

/** Nothing. */
export const nothingDestroyed: Destroyed = { keys: [], sessions: 0, kinds: {} }

/** Kinds with how many there are of each, put together. */
export function counted(kinds: Iterable<string>): { readonly [kind: string]: number } {
  const counts = new Map<string, number>()
  for (const kind of kinds) counts.set(kind, (counts.get(kind) ?? 0) + 1)
  return Object.fromEntries([...counts].toSorted(([a], [b]) => (a < b ? -1 : 1)))
}
