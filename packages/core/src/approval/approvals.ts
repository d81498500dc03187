import type { CallId, MaskedCall, PrincipalId, TenantId } from '../call.ts'

export type ApprovalId = string

/** A question put before people: may this very call run? */
export interface Approval {
  readonly id: ApprovalId
  readonly tenant: TenantId
  readonly callId: CallId
  /** HMAC over tenant, principal, on-behalf-of, session, the tool's digest, action, resource and the frozen input. Never published. */
  readonly binding: string
  readonly call: MaskedCall
  readonly why: string
  readonly askedAt: number
  readonly expiresAt: number
  readonly state: 'pending' | 'approved' | 'denied' | 'consumed'
  readonly decidedBy?: PrincipalId
  readonly decidedAt?: number
  readonly answer?: string
}

/** What people have said of the calls put before them. */
export interface Approvals {
  /** Files the question, or returns the one already filed for the same call id and binding. Idempotent. */
  readonly ask: (approval: Approval) => Promise<Approval>
  /** Records an answer. Of two people answering at once one gets `false`; so does whoever answers an expired or decided one. */
  readonly answer: (
    tenant: TenantId,
    id: ApprovalId,
    answer: { approved: boolean; by: PrincipalId; reason: string; now: number },
  ) => Promise<boolean>
  readonly find: (tenant: TenantId, id: ApprovalId) => Promise<Approval | undefined>
  /** Last asked first. `before`: only those asked before this one; none when nothing has that id. */
  readonly list: (
    tenant: TenantId,
    query: { call?: CallId; state?: Approval['state']; limit: number; before?: ApprovalId },
  ) => Promise<readonly Approval[]>
}

/** Keeps questions in memory: for tests and the in-process gate. Forgotten when the process ends. */
export function memoryApprovals(): Approvals {
  const filed: Approval[] = []
  const at = (tenant: TenantId, id: ApprovalId) => filed.findIndex((each) => each.tenant === tenant && each.id === id)

  return {
    async ask(approval) {
      const { tenant, callId, binding } = approval
      const same = filed.find((each) => each.tenant === tenant && each.callId === callId && each.binding === binding)
      if (same) return same
      const asked = Object.freeze({ ...approval })
      filed.push(asked)
      return asked
    },
    async answer(tenant, id, { approved, by, reason, now }) {
      const index = at(tenant, id)
      const asked = filed[index]
      if (asked?.state !== 'pending' || asked.expiresAt <= now) return false
      const state = approved ? 'approved' : 'denied'
      filed[index] = Object.freeze({ ...asked, state, decidedBy: by, decidedAt: now, answer: reason })
      return true
    },
    find: async (tenant, id) => filed[at(tenant, id)],
    async list(tenant, { call, state, limit, before }) {
      return filed
        .slice(0, before === undefined ? undefined : Math.max(0, at(tenant, before)))
        .filter((each) => each.tenant === tenant && (call === undefined || each.callId === call) && (state ?? each.state) === each.state)
        .toReversed()
        .slice(0, limit)
    },
  }
}
