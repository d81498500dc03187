import type { Approval, Approvals, CallId, MaskedCall, PrincipalId, TenantId } from '@agentgate/core'
import type { ApprovalRow } from './sqlite/approvals.ts'
import type { Store } from './store.ts'

/** The questions put before people, in SQLite. */
export function sqliteApprovals(store: Store): Approvals {
  return {
    ask: async (approval) => approvalOf(await store.ask('approvals', 'ask', rowOf(approval))),
    answer: async (tenant, id, { approved, by, reason, now }) =>
      store.ask('approvals', 'answer', { tenant, id, state: approved ? 'approved' : 'denied', by, reason, now }),
    async find(tenant, id) {
      const row = await store.ask('approvals', 'find', tenant, id)
      return row && approvalOf(row)
    },
    list: async (tenant, { call = null, state = null, before = null, limit }) =>
      (await store.ask('approvals', 'list', { tenant, call, state, before, limit: Math.min(limit, 1000) })).map(approvalOf),
  }
}

function rowOf({ id, tenant, callId, binding, call, why, askedAt, expiresAt, state, decidedBy, decidedAt, answer }: Approval): ApprovalRow {
  return {
    id,
    tenant,
    call: callId,
    binding,
    masked: JSON.stringify(call),
    why,
    asked_at: askedAt,
    expires_at: expiresAt,
    state,
    decided_by: decidedBy ?? null,
    decided_at: decidedAt ?? null,
    answer: answer ?? null,
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
    state: row.state as Approval['state'],
    ...(row.decided_by !== null && { decidedBy: row.decided_by as PrincipalId }),
    ...(row.decided_at !== null && { decidedAt: row.decided_at }),
    ...(row.answer !== null && { answer: row.answer }),
  }
}
