import type { CallId, TenantId } from '../call.ts'
import type { Decision, DecisionId, Found, Outcome } from '../decision.ts'
import type { Json, JsonObject } from '../json.ts'

/** The private side of a decided call: what settling, resuming and showing it need. Masked; no raw personal data. */
export interface CallRecord {
  readonly decision: Decision
  /** Masked. Absent while the call runs or waits. */
  readonly outcome?: Outcome
  /** What detectors had to say of the answer. */
  readonly inspected?: readonly Found[]
  readonly settledAt?: number
  /** The name under which the vault keeps the raw input of a held call. */
  readonly kept?: string
  /** Where the decision stands in the ledger. */
  readonly entry?: number
  /** What the salted digests of the statement hide: `{fact: {salt, value}}`, salts in hex. */
  readonly opened?: { readonly [fact: string]: { readonly salt: string; readonly value: Json } }
  /** Why input, context, output and salts are missing: their key was destroyed, or what was sealed does not open. */
  readonly payload?: 'erased' | 'damaged'
}

export interface CallQuery {
  readonly verdict?: string
  readonly status?: string
  readonly tool?: string
  readonly principal?: string
  readonly call?: CallId
  /** Only decisions recorded before this one: the next page. When there is none of that id (UUIDv7), those with an older id. */
  readonly before?: string
  readonly limit: number
  /** Payloads and salts may be left out: for lists and counts, which show none. */
  readonly bare?: boolean
}

/** The calls that were decided, last recorded first. They are written by the ledger's append, beside their statements. */
export interface Calls {
  readonly find: (tenant: TenantId, id: DecisionId) => Promise<CallRecord | undefined>
  readonly list: (tenant: TenantId, query: CallQuery) => Promise<readonly CallRecord[]>
  /** Takes the right to settle an allowed, unsettled call until `until`: of two claimers one gets `false`. */
  readonly claim: (tenant: TenantId, id: DecisionId, now: number, until: number) => Promise<boolean>
  /**
   * Allowed calls of all tenants that nobody settled and, at `now`, nobody claims, whose allow was over at `by`. The longest expired
   * first, at most 100.
   */
  readonly expired: (now: number, by?: number) => Promise<readonly CallRecord[]>
}

/** Private records in memory, for tests and the in-process gate. `beside` is the hook of `memoryLedger` that fills them. */
export function memoryCalls(): Calls & {
  readonly beside: (tenant: TenantId, id: string, record: JsonObject) => void
  readonly forget: (tenant: TenantId, id: string) => void
} {
  const tenants = new Map<TenantId, Map<string, CallRecord>>()
  const claims = new Map<string, number>()
  const free = (tenant: TenantId, { decision, outcome }: CallRecord, now: number) =>
    decision.verdict === 'allow' && !outcome && (claims.get(`${tenant}/${decision.id}`) ?? now) <= now

  return {
    beside(tenant, id, record) {
      const records = tenants.get(tenant) ?? new Map<string, CallRecord>()
      // INVARIANT: only the recorder writes beside the ledger, and it writes call records.
      tenants.set(tenant, records.set(id, record as unknown as CallRecord))
    },
    forget(tenant, id) {
      tenants.get(tenant)?.delete(id)
      claims.delete(`${tenant}/${id}`)
    },
    find: async (tenant, id) => tenants.get(tenant)?.get(id),
    async list(tenant, query) {
      const all = [...(tenants.get(tenant)?.values() ?? [])]
      const { before, limit } = query
      const cursor = all.findIndex(({ decision }) => decision.id === before)
      const older = cursor >= 0 ? all.slice(0, cursor) : all.filter(({ decision }) => before === undefined || decision.id < before)
      return older
        .filter((record) => answers(record, query))
        .toReversed()
        .slice(0, limit)
    },
    async claim(tenant, id, now, until) {
      const record = tenants.get(tenant)?.get(id)
      if (!record || !free(tenant, record, now)) return false
      claims.set(`${tenant}/${id}`, until)
      return true
    },
    async expired(now, by = now) {
      return [...tenants]
        .flatMap(([tenant, records]) => [...records.values()].filter((record) => free(tenant, record, now)))
        .filter(({ decision }) => decision.expiresAt <= by)
        .sort((a, b) => a.decision.expiresAt - b.decision.expiresAt)
        .slice(0, 100)
    },
  }
}

function answers({ decision, outcome }: CallRecord, { verdict, status, tool, principal, call }: CallQuery): boolean {
  const asked = [verdict, status, tool, principal, call]
  const found = [decision.verdict, outcome?.status, decision.call.tool.name, decision.call.principal.id, decision.call.id]
  return asked.every((each, index) => each === undefined || each === found[index])
}
