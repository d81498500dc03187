import { routes } from '@agentgate/api'
import { type AuditBody, isOpaque, readAudit, SealError, type TenantId, UnknownToken } from '@agentgate/core'
import type { Open, Who } from '../door.ts'
import { Fault, notFound } from '../fault.ts'
import type { House } from '../house.ts'
import { rfc3339 } from '../wire.ts'

/** Personal data in texts: found, replaced by tokens, put back, revealed. Every operation is an audit event; no value ever is. */
export function piiRoutes(open: Open, house: House): void {
  const { personal, audit, ledger, newId, clock } = house
  const holds = (text: string) => personal.detect(text).length > 0

  /** A session id as it may stand in the audit chain, which nobody can erase. */
  const opaque = (id: string): string => {
    if (isOpaque(id, holds)) return id
    throw new Fault(422, 'invalid-session', 'A session id is opaque: letters, digits, `_ . : -`, at most 128, no personal data.')
  }

  open(routes.pii.detect, async ({ body }) => {
    const { text, kinds, min_score } = body
    const options = { ...(kinds && { kinds }), ...(min_score !== undefined && { minScore: min_score }) }
    try {
      return { detections: [...personal.detect(text, Object.keys(options).length > 0 ? options : undefined)] }
    } catch (error) {
      if (!(error instanceof TypeError || error instanceof RangeError)) throw error
      throw new Fault(422, 'invalid-request', error.message)
    }
  })

  open(routes.pii.createSession, async ({ body, who }) => {
    const { tenant, id } = who.asker.principal
    const session = newId()
    if (holds(body.purpose)) throw new Fault(422, 'personal-data', 'The purpose holds personal data: say what for, not about whom.')
    await audit.record(tenant, { type: 'pii.session-created', principal: id, facts: { session, purpose: body.purpose } })
    return { session_id: session, principal: id, purpose: body.purpose, created_at: rfc3339(clock.now()) }
  })

  open(routes.pii.sessions, async ({ who }) => ({ items: await sessionsOf(who) }))

  open(routes.pii.session, async ({ params, who }) => {
    const found = (await sessionsOf(who)).find(({ session_id }) => session_id === params.id)
    if (!found) throw notFound('session')
    return found
  })

  open(routes.pii.forget, async ({ params, who }) => {
    const { tenant, id } = who.asker.principal
    await personal.forget(who.asker.principal, opaque(params.id))
    await audit.record(tenant, { type: 'pii.session-forgotten', principal: id, facts: { session: params.id } })
    return { ok: true as const }
  })

  open(routes.pii.redact, async ({ body, who }) => {
    const { principal } = who.asker
    const { text, mappings } = await personal.redact(principal, opaque(body.session_id), body.text)
    const kinds = [...new Set(mappings.map(({ kind }) => kind))].toSorted().join(',')
    await audit.record(principal.tenant, {
      type: 'pii.masked',
      principal: principal.id,
      facts: { session: body.session_id, kinds, count: mappings.length },
    })
    return { redacted_text: text, mappings: [...mappings] }
  })

  open(routes.pii.restore, async ({ body, who }) => {
    const { principal } = who.asker
    const restored = await personal.restore(principal, opaque(body.session_id), body.text).catch((error: unknown) => {
      if (!(error instanceof UnknownToken)) throw integrity(error)
      throw new Fault(409, 'unknown-token', 'The text holds a token that this session never made: nothing was restored.')
    })
    const facts = { session: body.session_id, count: restored.count }
    await audit.record(principal.tenant, { type: 'pii.restored', principal: principal.id, facts, sealed: { purpose: body.purpose } })
    return { restored_text: restored.text, restorations: restored.count }
  })

  open(routes.pii.reveal, async ({ body, who }) => {
    const { principal } = who.asker
    const value = await personal.reveal(principal, opaque(body.session_id), body.token).catch((error: unknown) => {
      throw integrity(error)
    })
    const [, kind = ''] = /^<([A-Z_]+)_\d+>$/.exec(body.token) ?? []
    const facts = { session: body.session_id, kind, found: value !== undefined }
    await audit.record(principal.tenant, { type: 'pii.revealed', principal: principal.id, facts, sealed: { purpose: body.purpose } })
    if (value === undefined) throw notFound('token in that session')
    return { value }
  })

  /** One's own sessions that were not forgotten, newest first, as the audit chain has them: the last thousand events are read. */
  async function sessionsOf({ asker: { principal } }: Who) {
    const gone = new Set<string>()
    const found = []
    for (const event of await recent(principal.tenant)) {
      if (event.principal !== principal.id) continue
      const session = told(event, 'session')
      if (event.event === 'pii.session-forgotten') gone.add(session)
      if (event.event !== 'pii.session-created' || gone.has(session)) continue
      found.push({ session_id: session, principal: principal.id, purpose: told(event, 'purpose'), created_at: event.at })
    }
    return found
  }

  async function recent(tenant: TenantId): Promise<readonly AuditBody[]> {
    const { size } = await ledger.head(tenant)
    const entries = await ledger.read(tenant, Math.max(0, size - 1000), size)
    return entries.flatMap((entry) => readAudit(entry) ?? []).toReversed()
  }
}

/** A value that does not open is told as what it is: the vault has it on the audit log, and nothing of it is answered. */
function integrity(error: unknown): unknown {
  if (!(error instanceof SealError)) return error
  return new Fault(409, 'integrity-failed', 'A value of the session does not open any more: it was damaged or moved, or its key is gone.')
}

function told({ facts }: AuditBody, name: string): string {
  const fact = facts[name]
  return fact && 'value' in fact ? String(fact.value) : ''
}
