import type { CallId, TenantId } from '../call.ts'
import type { Decision, DecisionId, Outcome } from '../decision.ts'

/** The private side of a decided call: what settling, resuming and showing it need. Masked; no raw personal data. */
export interface CallRecord {
  readonly decision: Decision
  /** Masked. Absent while the call runs or waits. */
  readonly outcome?: Outcome
  readonly settledAt?: number
  /** The name under which the vault keeps the raw input of a held call. */
  readonly kept?: string
  /** Where the decision stands in the ledger. */
  readonly entry?: number
  /** What the salted digests of the statement hide: `{fact: {salt, value}}`, salts in hex. */
  readonly opened?: { readonly [fact: string]: { readonly salt: string; readonly value: import('../json.ts').Json } }
}

export interface CallQuery {
  readonly verdict?: string
  readonly status?: string
  readonly tool?: string
  readonly principal?: string
  readonly call?: CallId
  /** Only decisions older than this id: the next page. */
  readonly before?: string
  readonly limit: number
}

/** The calls that were decided, newest first. They are written by the ledger's append, beside their statements. */
export interface Calls {
  readonly find: (tenant: TenantId, id: DecisionId) => Promise<CallRecord | undefined>
  readonly list: (tenant: TenantId, query: CallQuery) => Promise<readonly CallRecord[]>
  /** Takes the right to settle an allowed, unsettled call until `until`: of two claimers one gets `false`. */
  readonly claim: (tenant: TenantId, id: DecisionId, now: number, until: number) => Promise<boolean>
  /** Allowed calls of all tenants that nobody settled and nobody claims, past their expiry. At most 100. */
  readonly expired: (now: number) => Promise<readonly CallRecord[]>
}
