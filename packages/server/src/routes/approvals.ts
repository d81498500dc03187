import { type Approval as WireApproval, routes } from '@agentgate/api'
import type { Approval, ApprovalId, Principal } from '@agentgate/core'
import type { Open, Who } from '../door.ts'
import { Fault, notFound } from '../fault.ts'
import type { House } from '../house.ts'
import { serveHub } from '../stream.ts'
import { rfc3339, wireCall } from '../wire.ts'

/** What people answer. `answered` runs after an answer is on record. */
export function approvalRoutes(
  open: Open,
  house: House,
  { authenticate, answered }: { authenticate: (request: never) => Promise<unknown>; answered: (approval: Approval) => Promise<void> },
): void {
  const { approvals, clock, audit, live, personal } = house

  open(routes.approvals.list, async ({ query, who, reach }) => list(who, reach, query))
  open(routes.approvals.pending, async ({ who, reach }) => list(who, reach, { limit: 200, state: 'pending' }))

  open(routes.approvals.stream, async ({ who, reach, request, reply }) => {
    const { principal } = who.asker
    serveHub(live.approvals, request, reply, {
      principal,
      show: ({ about, data }) =>
        reach === 'all' || about.includes(principal.id) ? { type: data.type, approval: shown(data.approval, principal) } : undefined,
      stillWelcome: () => authenticate(request as never),
    })
    return undefined
  })

  open(routes.approvals.get, async ({ params, who, reach }) => shown(await find(who, reach, params.id), who.asker.principal))

  open(routes.approvals.decide, async ({ params, body, who }) => {
    const { principal } = who.asker
    if (who.session === undefined || principal.onBehalfOf !== undefined)
      throw new Fault(403, 'agents-do-not-decide', 'An API key decides no requests: somebody who has signed in does.')
    const asked = await find(who, 'all', params.id)
    if (asked.forged)
      throw new Fault(
        409,
        'approval-forged',
        'The request was changed past AgentGate and decides nothing: look who writes to its database.',
      )
    if (asked.payload)
      throw new Fault(410, 'input-forgotten', 'What the call asks for is erased or damaged: nobody can say what they would approve.')
    if (isOwn(asked, principal)) throw new Fault(403, 'own-request', 'Nobody decides their own request: ask another approver.')
    if (asked.roles.length > 0 && !asked.roles.some((role) => principal.roles.includes(role))) {
      const wanted = asked.roles.map((role) => `\`${role}\``).join(' or ')
      throw new Fault(403, 'not-asked', `The policies ask for the answer of ${wanted}: ask somebody who has that role.`)
    }
    const reason = await personal.hidden(principal.tenant, body.reason)
    const answer = { approved: body.approved, by: principal.id, reason, at: clock.now(), roles: principal.roles }
    if (!(await approvals.answer(principal.tenant, asked.id, answer))) {
      const current = await find(who, 'all', params.id)
      const waits = current.state === 'pending'
      if (waits && current.answers.some(({ by }) => by === principal.id))
        throw new Fault(409, 'already-answered', 'You have answered this request: everybody answers once.')
      if (waits) throw new Fault(409, 'approval-timeout', 'The request expired before it was answered.')
      throw new Fault(409, 'already-decided', 'Somebody answered this request before you did: reload to see the answer.')
    }
    const facts = { approval: asked.id, call: asked.callId, tool: asked.call.tool.name, approved: body.approved }
    await audit.record(principal.tenant, { type: 'approval.decided', principal: principal.id, facts, sealed: { reason } })
    const decided = await find(who, 'all', params.id)
    live.approvals.publish({ tenant: decided.tenant, about: about(decided), data: { type: 'answered', approval: decided } })
    if (decided.state !== 'pending') house.inBackground(answered(decided))
    return shown(decided, principal)
  })

  async function list(
    { asker: { principal } }: Who,
    reach: 'all' | 'own',
    query: { limit: number; state?: WireApproval['state'] | undefined; cursor?: string | undefined },
  ) {
    const state = query.state === 'expired' ? 'pending' : query.state
    const found = await approvals.list(principal.tenant, {
      limit: query.limit,
      ...(state && { state }),
      ...(query.cursor !== undefined && { before: query.cursor }),
    })
    const last = found.at(-1)
    const items = found.filter((each) => reach === 'all' || about(each).includes(principal.id)).map((each) => shown(each, principal))
    return {
      items: query.state ? items.filter((each) => each.state === query.state) : items,
      ...(last && found.length === query.limit && { next_cursor: last.id }),
    }
  }

  async function find({ asker: { principal } }: Who, reach: 'all' | 'own', id: ApprovalId): Promise<Approval> {
    const found = await approvals.find(principal.tenant, id)
    if (!found || (reach === 'own' && !about(found).includes(principal.id))) throw notFound('approval')
    return found
  }

  function shown(approval: Approval, reader: Principal): WireApproval {
    const { id, callId, call, why, askedAt, expiresAt, quorum, ways, roles, answers } = approval
    return {
      id,
      call_id: callId,
      trace_id: callId,
      state: approval.state === 'pending' && expiresAt <= clock.now() ? 'expired' : approval.state,
      why,
      call: wireCall(call),
      requester: call.principal.onBehalfOf ?? call.principal.id,
      own: isOwn(approval, reader),
      asked_at: rfc3339(askedAt),
      expires_at: rfc3339(expiresAt),
      quorum,
      ways: ways.map((way) => ({ ...way })),
      roles: [...roles],
      answers: answers.map(({ by, approved, reason, at }) => ({ by, approved, reason, at: rfc3339(at) })),
      ...(approval.payload && { payload: approval.payload }),
      ...(approval.forged && { forged: true as const }),
    }
  }
}

/** Whom an approval concerns: who asked, and for whom. */
export function about({ call: { principal } }: Approval): readonly string[] {
  return principal.onBehalfOf ? [principal.id, principal.onBehalfOf] : [principal.id]
}

function isOwn(approval: Approval, { id, onBehalfOf }: Principal): boolean {
  const asked = about(approval)
  return asked.includes(id) || (onBehalfOf !== undefined && asked.includes(onBehalfOf))
}
