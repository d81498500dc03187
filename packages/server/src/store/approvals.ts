import type { Approval, Approvals, CallId, MaskedCall, TenantId } from '@agentgate/core'
import type { ApprovalRow } from './sqlite/approvals.ts'
import type { Store } from './store.ts'

/** The questions put before people, in the store. */
export function storedApprovals(store: Store): Approvals {
  return {
    ask: async (approval) => approvalOf(await store.ask('approvals', 'ask', rowOf(approval))),
    answer: async (tenant, id, answer) => store.ask('approvals', 'answer', tenant, id, answer),
    async find(tenant, id) {
      const row = await store.ask('approvals', 'find', tenant, id)
      return row && approvalOf(row)
    },
    async list(tenant, { call = null, state = null, open = false, overdue = null, before = null, limit }) {
      const asked = { tenant, call, state, open: open || overdue !== null ? 1 : 0, overdue, before, limit: Math.min(limit, 1000) } as const
      return (await store.ask('approvals', 'list', asked)).map(approvalOf)
    },
    close: async (tenant, id) => store.ask('approvals', 'close', tenant, id),
  }
}

function rowOf(approval: Approval): ApprovalRow {
  const { id, tenant, callId, binding, call, why, askedAt, expiresAt, quorum, ways, roles, answers, state, mac = null } = approval
  return {
    id,
    tenant,
    call: callId,
    binding,
    masked: JSON.stringify(call),
    why,
    asked_at: askedAt,
    expires_at: expiresAt,
    quorum,
    ways: JSON.stringify(ways),
    roles: JSON.stringify(roles),
    answers: JSON.stringify(answers),
    state,
    mac,
  }
}

function approvalOf(row: ApprovalRow): Approval {
  return {
    id: row.id,
    tenant: row.tenant as TenantId,
    callId: row.call as CallId,
    binding: row.binding,
    call: JSON.parse(row.masked) as MaskedCall,
    why: row.why,
    askedAt: row.asked_at,
    expiresAt: row.expires_at,
    quorum: row.quorum,
    ways: JSON.parse(row.ways),
    roles: JSON.parse(row.roles),
    answers: JSON.parse(row.answers),
    state: row.state as Approval['state'],
    ...(row.mac !== null && { mac: row.mac }),
  }
}
