import { holds, type PiiSession, routes } from '@agentgate/api'
import {
  type HeldSession,
  isOpaque,
  type JsonObject,
  type Owner,
  type Principal,
  recordsOf,
  SealError,
  type SessionId,
  type TenantId,
  UnknownToken,
} from '@agentgate/core'
import type { Open, Who } from '../door.ts'
import { Fault, notFound } from '../fault.ts'
import type { House } from '../house.ts'
import { ownerOf } from '../owner.ts'
import { written } from '../pii/events.ts'
import { certified } from '../pii/erasing.ts'
import { profileOf, sessionOf } from '../pii/profile.ts'
import { stepUpRequired } from '../policies/moving.ts'
import { hasSteppedUp } from '../session/step-up.ts'
import { openedPrefix, SessionEnded } from '../watched-vault.ts'
import { rfc3339 } from '../wire.ts'

const longest = 366 * 86_400_000

/** Personal data in texts: found, replaced by tokens, put back, revealed. Every operation is an audit event; no value ever is. */
export function piiRoutes(open: Open, house: House): void {
  const { personal, audit, vault, newId, clock } = house
  const isPersonal = async (tenant: TenantId, text: string) => (await personal.detect(tenant, text)).length > 0

  /** A session id as it may stand in the audit chain, which nobody can erase. */
  const opaque = async (tenant: TenantId, id: string): Promise<string> => {
    if (await isOpaque(id, (text) => isPersonal(tenant, text))) return id
    throw new Fault(422, 'invalid-session', 'A session id is opaque: letters, digits, `_ . : -`, at most 128, no personal data.')
  }

  /** What people say that stands in evidence as it is. */
  const impersonal = async (tenant: TenantId, what: string, text: string): Promise<string> => {
    if (!(await isPersonal(tenant, text))) return text
    throw new Fault(422, 'personal-data', `The ${what} holds personal data: say what for, not about whom.`)
  }

  open(routes.pii.detect, async ({ body, who }) => {
    const { tenant, id } = who.asker.principal
    const { text, kinds, min_score: minScore } = body
    try {
      const asked = { ...(kinds && { kinds }), ...(minScore !== undefined && { minScore }) }
      const detections = await personal.detectFor(tenant, text, asked)
      const facts = { kinds: written(detections.map(({ kind }) => kind)), count: detections.length }
      await audit.record(tenant, { type: 'pii.detected', principal: id, facts })
      return { detections: [...detections] }
    } catch (error) {
      if (!(error instanceof TypeError || error instanceof RangeError)) throw error
      throw new Fault(422, 'invalid-request', error.message)
    }
  })

  open(routes.pii.createSession, async ({ body, who }) => {
    const { principal } = who.asker
    const { tenant } = principal
    const { purpose, profile, agent, channel, conversation, subject } = body
    const about: JsonObject = {
      purpose,
      profile,
      ...(agent && { agent }),
      ...(channel && { channel }),
      ...(conversation && { conversation }),
    }
    for (const [name, said] of Object.entries(about)) await impersonal(tenant, name, String(said))
    const until = body.expires_at === undefined ? undefined : Date.parse(body.expires_at)
    if (until !== undefined && !(until > clock.now() && until <= clock.now() + longest))
      throw new Fault(422, 'invalid-request', 'A session ends in the future, within a year.')
    const session = `${openedPrefix}${newId()}`
    const owner = { ...own(principal, session), ...(subject !== undefined && { subject }) }
    await vault.open(owner, { about, ...(until !== undefined && { until, lifetime: until - clock.now() }) })
    await vault.open(recordsOf(owner), {})
    const facts = { session, purpose, profile, subject: subject !== undefined, integrity: 'ok' }
    await audit.record(tenant, { type: 'pii.session-created', principal: principal.id, facts })
    const held = await sessionOf(vault, tenant, principal.id, session)
    if (!held) throw notFound('session')
    return shown(tenant, held)
  })

  open(routes.pii.sessions, async ({ query, who }) => {
    const { principal } = who.asker
    const all = query.all === 'true'
    if (all && holds(principal.roles, 'pii:audit') !== 'all')
      throw new Fault(403, 'not-permitted', "Everybody's sessions need the permission `pii:audit`, which none of your roles has.")
    const { limit, cursor } = query
    const before = cursor !== undefined && /^\d{1,15}$/.test(cursor) ? { before: Number(cursor) } : {}
    const items = await vault.sessions(principal.tenant, { limit, ...before, ...(!all && { principal: principal.id }) })
    const last = items.at(-1)
    return {
      items: items.map((held) => shown(principal.tenant, held)),
      ...(last && items.length === limit && { next_cursor: String(last.number) }),
    }
  })

  open(routes.pii.session, async ({ params, who }) => {
    const { tenant, id } = who.asker.principal
    const held = await sessionOf(vault, tenant, id, params.id)
    if (!held) throw notFound('session')
    return shown(tenant, held)
  })

  open(routes.pii.forget, async ({ params, who }) => {
    const { principal } = who.asker
    const session = await opaque(principal.tenant, params.id)
    const destroyed = await personal.forget(principal, session)
    if (destroyed.sessions === 0) throw notFound('session')
    const erasure = await certified(house, principal.tenant, { of: 'session', by: principal.id, session }, destroyed)
    await audit.record(principal.tenant, { type: 'pii.session-forgotten', principal: principal.id, facts: { session, integrity: 'ok' } })
    return { ok: true as const, erasure }
  })

  open(routes.pii.redact, async ({ body, who }) => {
    const { principal } = who.asker
    const session = await opaque(principal.tenant, body.session_id)
    const { text, mappings } = await personal.redact(principal, session, body.text).catch((error: unknown) => {
      if (!(error instanceof SessionEnded)) return integrity(error)
      throw new Fault(410, 'session-ended', 'The session is over, and its terms with it: open another.')
    })
    const facts = { session, kinds: written(mappings.map(({ kind }) => kind)), count: mappings.length, integrity: 'ok' }
    await audit.record(principal.tenant, { type: 'pii.masked', principal: principal.id, facts })
    return { redacted_text: text, mappings: [...mappings] }
  })

  open(routes.pii.restore, async ({ body, who, reach }) => {
    const { principal } = who.asker
    const session = await opaque(principal.tenant, body.session_id)
    const purpose = await impersonal(principal.tenant, 'purpose', body.purpose)
    const whose = await told(who, { type: 'pii.restored', session, purpose }, () => permitted(who, reach, session, body.principal))
    const restored = await personal.restore(whose, session, body.text).catch(async (error: unknown) => {
      await failed(principal, { type: 'pii.restored', session, purpose, error })
      if (!(error instanceof UnknownToken)) return integrity(error)
      throw new Fault(409, 'unknown-token', 'The text holds a token that this session never made: nothing was restored.')
    })
    const kinds = written(restored.restored.map(({ kind }) => kind))
    const facts = { session, purpose, kinds, count: restored.restored.length, integrity: 'ok', ...viewing(principal, whose) }
    await audit.record(principal.tenant, { type: 'pii.restored', principal: principal.id, facts })
    return { restored_text: restored.text, restorations: restored.restored.length }
  })

  open(routes.pii.reveal, async ({ body, who, reach }) => {
    const { principal } = who.asker
    const session = await opaque(principal.tenant, body.session_id)
    const purpose = await impersonal(principal.tenant, 'purpose', body.purpose)
    const whose = await told(who, { type: 'pii.revealed', session, purpose }, async () => {
      if (who.session !== undefined && !hasSteppedUp(who, clock)) throw stepUpRequired('This reveals personal data')
      return permitted(who, reach, session, body.principal)
    })
    const found = await personal.reveal(whose, session, body.token).catch(async (error: unknown) => {
      await failed(principal, { type: 'pii.revealed', session, purpose, error })
      return integrity(error)
    })
    const facts = {
      session,
      purpose,
      kinds: written(found ? [found.kind] : []),
      count: found ? 1 : 0,
      integrity: 'ok',
      ...viewing(principal, whose),
    }
    await audit.record(principal.tenant, { type: 'pii.revealed', principal: principal.id, facts })
    if (!found) throw notFound('token in that session')
    return { value: found.value, kind: found.kind }
  })

  open(routes.pii.erase, async ({ body, who }) => {
    const { tenant, id } = who.asker.principal
    if (!hasSteppedUp(who, clock)) throw stepUpRequired('This erases a person')
    return certified(house, tenant, { of: 'subject', by: id, subject: body.subject }, await vault.erase(tenant, body.subject))
  })

  /** A refusal is an audit event like what is done: who looks where they may not is seen. */
  async function told<T>({ asker: { principal } }: Who, asked: { type: string; session: string; purpose: string }, work: () => Promise<T>) {
    try {
      return await work()
    } catch (error) {
      await failed(principal, { ...asked, error })
      throw error
    }
  }

  /** Whose session it is, if whoever asks may see values of it by its profile. Somebody else's takes a person who has stepped up. */
  async function permitted(who: Who, reach: 'all' | 'own', session: string, asked: string | undefined): Promise<Principal> {
    const { principal } = who.asker
    const of = asked ?? principal.id
    const held = await sessionOf(vault, principal.tenant, of, session)
    const profile = profileOf(held)
    const mine = of === principal.id
    if (profile === 'strict_tokenized' || !(mine || (reach === 'all' && profile === 'authorized_viewers')))
      throw new Fault(403, 'profile-forbids', 'The profile of that session lets you see no values of it.')
    if (!mine && !hasSteppedUp(who, clock)) throw stepUpRequired("This shows values of somebody else's session")
    return mine ? principal : ({ tenant: principal.tenant, id: of, roles: [], mfa: false } as unknown as Principal)
  }

  async function failed(
    principal: Principal,
    { type, session, purpose, error }: { type: string; session: string; purpose: string; error: unknown },
  ) {
    const known = error instanceof SealError || error instanceof Fault
    const code = known ? error.code : error instanceof UnknownToken ? 'unknown-token' : 'failed'
    const facts = { session, purpose, kinds: '', count: 0, integrity: code }
    await audit.record(principal.tenant, { type, principal: principal.id, facts })
  }
}

function own(principal: Principal, session: string): Owner {
  return ownerOf({ tenant: principal.tenant, principal, session: session as SessionId })
}

function viewing(principal: Principal, whose: Principal): JsonObject {
  return whose.id === principal.id ? {} : { of: whose.id }
}

/** A value that does not open is told as what it is: the vault has it on the audit log, and nothing of it is answered. */
function integrity(error: unknown): never {
  if (!(error instanceof SealError)) throw error
  throw new Fault(409, 'integrity-failed', 'A value of the session does not open any more: it was damaged or moved, or its key is gone.')
}

function shown(tenant: string, { principal, session, about, openedAt, expiresAt, subject, key, kinds }: HeldSession): PiiSession {
  const { agent, channel, conversation, purpose } = about
  return {
    session_id: session,
    principal,
    tenant,
    ...(typeof agent === 'string' && { agent }),
    ...(typeof channel === 'string' && { channel }),
    ...(typeof conversation === 'string' && { conversation }),
    purpose: typeof purpose === 'string' ? purpose : 'unspecified',
    profile: profileOf({ about }),
    created_at: rfc3339(openedAt),
    expires_at: rfc3339(expiresAt),
    subject,
    key,
    kinds: { ...kinds },
  }
}
