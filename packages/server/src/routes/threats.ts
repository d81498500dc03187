import { isIP } from 'node:net'
import { holds, routes, type WireThreat, type WireThreatStory } from '@agentgate/api'
import { type Block, type PrincipalId, type RaisedThreat, type SessionId, type Taint, type ThreatStep, unnamed } from '@agentgate/core'
import type { Open, Who } from '../door.ts'
import { Fault, notFound } from '../fault.ts'
import type { House } from '../house.ts'
import { sortOf } from '../security/watch.ts'
import { networkOf } from '../session/throttle.ts'
import { rfc3339 } from '../wire.ts'

/** Threats that were raised, what people make of them, and who is blocked. */
export function threatRoutes(open: Open, { threats, taints, blocklist, watch, principals, audit, clock }: House): void {
  open(routes.threats.list, async ({ query: { state, limit }, who }) => {
    const { tenant, roles } = who.asker.principal
    const found = await threats.list(tenant, { limit, ...(state && { state }) })
    return { items: found.filter((threat) => mayKnow(roles, threat)).map(shown) }
  })

  open(routes.threats.get, async ({ params, who }) => {
    const { tenant, roles } = who.asker.principal
    const threat = await threats.find(tenant, params.id)
    if (!threat || !mayKnow(roles, threat)) throw notFound('threat')
    return { ...shown(threat), steps: threat.steps.map(shownStep) }
  })

  const verbs = { acknowledge: 'acknowledged', resolve: 'resolved', dismiss: 'dismissed' } as const
  for (const verb of Object.keys(verbs) as (keyof typeof verbs)[])
    open(routes.threats[verb], async ({ params, who }) => shown(await move(who, params.id, verbs[verb])))

  open(routes.threats.taints, async ({ query: { principal, cursor, limit }, who }) => {
    const { tenant } = who.asker.principal
    const after = cursor === undefined ? undefined : cursor.slice(1)
    const marks = await taints.list({ tenant, id: principal as PrincipalId }, { limit, ...(after !== undefined && { after }) })
    const last = marks.length === limit ? marks.at(-1) : undefined
    // A cursor is never empty, though the session of calls that named none is.
    return { items: marks.map(({ session, taint }) => shownMark(session, taint)), ...(last && { next_cursor: `=${last.session}` }) }
  })

  open(routes.threats.resetTaint, async ({ body: { principal, session_id: session = unnamed }, who }) => {
    const { tenant, id } = who.asker.principal
    if (who.session === undefined)
      throw new Fault(403, 'no-session', 'An API key trusts nothing again: somebody who has signed in with a password can.')
    const was = await taints.reset({ tenant, id: principal as PrincipalId, session: session as SessionId })
    if (was === 'none') throw notFound('taint')
    await audit.record(tenant, {
      type: 'taint.reset',
      principal: id,
      facts: { of: principal, ...(session !== unnamed && { session }), was },
    })
    return shownMark(session, was)
  })

  open(routes.threats.blocklist, async ({ who }) => {
    const found = await blocklist.list(who.asker.principal.tenant, clock.now())
    return { items: found.map(shownBlock) }
  })

  open(routes.threats.block, async ({ body, who, request }) => {
    const { tenant, id } = who.asker.principal
    const subject = body.address === undefined ? body.principal : `network:${networkIn(body.address)}`
    if (subject === undefined || (body.address !== undefined && body.principal !== undefined))
      throw new Fault(422, 'invalid-request', 'Give an `address` or a `principal`: one of them is blocked.')
    if (subject === `network:${networkOf(request.ip)}`)
      throw new Fault(422, 'own-network', 'That is the network that you ask from: blocked, it could not take it back.')
    if (body.principal !== undefined && !(await principals.find(tenant, body.principal as PrincipalId))) throw notFound('principal')
    const block: Block = { tenant, subject, until: clock.now() + Math.round(body.hours * 3_600_000), why: 'by-hand', by: id }
    await watch.block(block)
    return shownBlock(block)
  })

  open(routes.threats.unblock, async ({ params, who }) => {
    const { tenant, id } = who.asker.principal
    const { subject } = params
    if (!(await watch.unblock(tenant, subject))) throw notFound('block')
    await audit.record(tenant, { type: `${sortOf(subject)}.unblocked`, principal: id, facts: { subject } })
    return { ok: true as const }
  })

  async function move({ asker: { principal } }: Who, id: string, to: 'acknowledged' | 'resolved' | 'dismissed'): Promise<RaisedThreat> {
    const moved = await threats.move(principal.tenant, id, to, principal.id, clock.now())
    if (moved === 'unknown') throw notFound('threat')
    if (moved === 'closed') throw new Fault(409, 'threat-closed', 'Somebody moved this threat on already: look at it again.')
    await audit.record(principal.tenant, { type: `threat.${to}`, principal: principal.id, facts: { threat: id } })
    return moved
  }
}

/** Whoever touches a honey token does not get to know that it was one. */
function mayKnow(roles: readonly string[], { kind }: RaisedThreat): boolean {
  return kind !== 'honey_token' || holds(roles, 'threat:update') !== undefined
}

function networkIn(address: string): string {
  if (isIP(address) === 0) throw new Fault(422, 'invalid-request', 'That is no IP address: write it like `203.0.113.9`.')
  return networkOf(address)
}

function shown({ id, kind, severity, subject, decision, state, count, firstAt, lastAt, movedBy, movedAt }: RaisedThreat): WireThreat {
  return {
    id,
    kind,
    severity,
    subject,
    ...(decision !== undefined && { decision_id: decision }),
    state,
    count,
    first_at: rfc3339(firstAt),
    last_at: rfc3339(lastAt),
    ...(movedBy !== undefined && { moved_by: movedBy }),
    ...(movedAt !== undefined && { moved_at: rfc3339(movedAt) }),
  }
}

function shownStep(step: ThreatStep): WireThreatStory['steps'][number] {
  if ('to' in step) return { at: rfc3339(step.at), to: step.to, by: step.by }
  return { at: rfc3339(step.at), ...(step.decision !== undefined && { decision_id: step.decision }) }
}

function shownMark(session: string, taint: Taint) {
  return { ...(session !== unnamed && { session_id: session }), taint }
}

function shownBlock({ subject, until, why, by }: Block) {
  return { subject, until: rfc3339(until), why, ...(by !== undefined && { by }) }
}
