import type { CallId, MaskedCall, PrincipalId, TenantId } from '../call.ts'

export type ApprovalId = string

/** A question put before people: may this very call run? */
export interface Approval {
  readonly id: ApprovalId
  readonly tenant: TenantId
  readonly callId: CallId
  /** HMAC over tenant, principal, on-behalf-of, session, action, resource and the frozen input. Never published. */
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
  /** Newest first. */
  readonly list: (
    tenant: TenantId,
    query: { call?: CallId; state?: Approval['state']; limit: number; before?: ApprovalId },
  ) => Promise<readonly Approval[]>
}
