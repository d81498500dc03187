import { besideAfter, type CallRecord, type Calls, type JsonObject } from '@agentgate/core'
import type { Parts } from './sqlite/calls.ts'
import type { Store } from './store.ts'

/** The most that one list answers. */
const maxList = 1000

/** The decided calls in the store, as `storedLedger` wrote them. */
export function storedCalls(store: Store): Calls {
  return {
    find: async (tenant, id) => recordOf(await store.ask('calls', 'find', tenant, id)),
    async list(tenant, { verdict = null, status = null, tool = null, principal = null, call = null, before = null, limit }) {
      const filter = { verdict, status, tool, principal, call }
      return (await store.ask('calls', 'list', tenant, filter, before, Math.min(limit, maxList))).flatMap((parts) => recordOf(parts) ?? [])
    },
    claim: async (tenant, id, now, until) => store.ask('calls', 'claim', tenant, id, now, until),
    expired: async (now, by = now) => (await store.ask('calls', 'expired', now, by)).flatMap((parts) => recordOf(parts) ?? []),
  }
}

/** What the parts of a private record add up to. */
export function joined(parts: Parts): JsonObject | undefined {
  let record: JsonObject | undefined
  for (const part of parts) {
    const members = JSON.parse(part.record) as JsonObject
    record = besideAfter(record, { id: '', record: members, ...(part.member !== null && { index: part.member }) }, part.idx)
  }
  return record
}

function recordOf(parts: Parts): CallRecord | undefined {
  // INVARIANT: only the recorder writes beside the ledger, and it writes call records.
  return joined(parts) as unknown as CallRecord | undefined
}
