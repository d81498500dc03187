import { z } from 'zod'
import { maskedCall } from './calls.ts'
import { route } from './route.ts'
import { byId, id, page, paging, time } from './shapes.ts'

export const approvalState = z.enum(['pending', 'approved', 'denied', 'expired'])

export const approval = z.object({
  id,
  call_id: id,
  trace_id: id,
  state: approvalState,
  why: z.string(),
  /** Masked. */
  call: maskedCall,
  requester: z.string(),
  /** Whether the one who reads this asked for it: nobody decides their own request. */
  own: z.boolean(),
  asked_at: time,
  expires_at: time,
  /** How many different people must approve; one who denies is enough. */
  quorum: z.number().int().min(1),
  /** Any one of these is enough, besides the quorum: so many people, each with the role where one is named. Empty: the quorum is. */
  ways: z.array(z.object({ quorum: z.number().int().min(1), role: z.string().optional() })),
  /** Whoever answers has one of these roles; empty: whoever may decide requests. */
  roles: z.array(z.string()),
  answers: z.array(z.object({ by: z.string(), approved: z.boolean(), reason: z.string(), at: time })),
  /** Why what the call asks for, and the reasons, are not shown. */
  payload: z.enum(['erased', 'damaged']).optional(),
  /** Somebody changed the request or an answer in the database: nobody answers it, and no call runs by it. */
  forged: z.literal(true).optional(),
})
export type Approval = z.infer<typeof approval>

export const approvalEvent = z.object({ type: z.enum(['asked', 'answered', 'reset']), approval: approval.optional() })
export type ApprovalEvent = z.infer<typeof approvalEvent>

export const approvals = {
  list: route({
    method: 'GET',
    path: '/api/approvals',
    needs: 'approval:read',
    query: z.object({ ...paging, state: approvalState.optional() }),
    response: page(approval),
  }),
  pending: route({ method: 'GET', path: '/api/approvals/pending', needs: 'approval:read', response: page(approval) }),
  stream: route({ method: 'GET', path: '/api/approvals/stream', needs: 'approval:read', response: approvalEvent, stream: true }),
  get: route({ method: 'GET', path: '/api/approvals/:id', needs: 'approval:read', params: byId, response: approval }),
  /** 403 `own-request`, 403 `not-asked` without a role that is asked for, 403 `agents-do-not-decide` for API keys, 409 `already-decided`, 409 `approval-forged`, 410 `input-forgotten`. The reason is kept without personal data. */
  decide: route({
    method: 'POST',
    path: '/api/approvals/:id/decide',
    needs: 'approval:decide',
    params: byId,
    body: z.strictObject({ approved: z.boolean(), reason: z.string().max(2_000).default('') }),
    response: approval,
  }),
}
