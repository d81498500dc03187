import {
  type CallId,
  type CallRecord,
  type Calls,
  type Clock,
  type Ledger,
  type MaskedCall,
  memoryCalls,
  memoryLedger,
  type TenantId,
} from '@agentgate/core'

/** How many calls an agent in process remembers after they ended. */
const recent = 1_000

/**
 * The ledger and the calls of an agent in process. They keep what runs or waits, and of what has ended the last thousand calls:
 * older ones are forgotten with their evidence, and told to `forgotten`. What runs keeps the path to it, some hundred bytes for each
 * call that was made since.
 */
export function recentCalls(
  clock: Clock,
  forgotten: (call: MaskedCall) => void,
): {
  ledger: Ledger
  calls: Calls /** Whose a decision is, of those that are kept. */
  tenantOf: (decision: string) => TenantId | undefined
} {
  const calls = memoryCalls()
  /** The decisions of each call: a held one is decided again. */
  const decisions = new Map<CallId, Set<string>>()
  const ended = new Map<CallId, MaskedCall>()
  const tenants = new Map<string, TenantId>()
  const ledger = memoryLedger({
    clock,
    beside(tenant, id, record) {
      calls.beside(tenant, id, record)
      // INVARIANT: only the recorder writes beside the ledger, and it writes call records.
      const { decision, outcome } = record as unknown as CallRecord
      const { call } = decision
      tenants.set(id, tenant)
      decisions.set(call.id, (decisions.get(call.id) ?? new Set()).add(id))
      if (outcome === undefined) return
      ended.set(call.id, call)
      if (ended.size > recent) forget()
    },
  })
  return { ledger, calls, tenantOf: (decision) => tenants.get(decision) }

  function forget(): void {
    for (const [id, call] of ended) {
      const { tenant } = call
      for (const each of decisions.get(id) ?? []) {
        tenants.delete(each)
        ledger.forget(tenant, each)
        calls.forget(tenant, each)
      }
      decisions.delete(id)
      ended.delete(id)
      forgotten(call)
      return
    }
  }
}
