import { type ApiKey as WireApiKey, holds, permissions, routes, type Tokens as WireTokens, type User as WireUser } from '@agentgate/api'
import type { Principal, TenantId } from '@agentgate/core'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Open } from '../door.ts'
import { Fault, notFound } from '../fault.ts'
import type { House } from '../house.ts'
import type { Identity } from '../identity.ts'
import type { ApiKey } from '../session/api-keys.ts'
import { cookieIn } from '../session/cookies.ts'
import type { Tokens } from '../session/sessions.ts'
import type { User } from '../session/users.ts'
import { rfc3339 } from '../wire.ts'

/** Signing in and out, one's devices, one's keys. */
export function principalRoutes(
  open: Open,
  { audit, personal, watch, honey, inBackground }: House,
  identity: Identity,
  tenant: TenantId,
): void {
  const { users, sessions, apiKeys, signIn, stepUp, cookies, travel } = identity

  open(routes.principals.login, async ({ body, request, reply }) => {
    const { email, password } = body
    const userAgent = request.headers['user-agent']
    const found = await signIn({ email, password, address: request.ip, ...(userAgent !== undefined && { userAgent }) })
    if ('tokens' in found) {
      const { tokens, user } = found
      const place = travel.placeOf(request.ip)
      const facts = { session: tokens.session, ...(place && { country: place.country }) }
      await audit.record(user.tenant, { type: 'login', principal: user.id, facts })
      travel.seen(tokens, request.ip)
      return handOut(request, reply, tokens, user)
    }
    const failed = { address: request.ip, account: email }
    for (const given of [email, password]) inBackground(honey.presented(tenant, given, request.ip))
    if (found.refused === 'too-many-attempts') {
      await watch.signInFailed(tenant, { ...failed, silent: true })
      const message = 'Too many attempts to sign in from here: wait as long as `Retry-After` says.'
      throw new Fault(429, 'too-many-attempts', message, { retry_after_ms: found.retryAfterMs })
    }
    const { principal } = found
    await watch.signInFailed(found.tenant ?? tenant, { ...failed, ...(principal && { principal }) })
    throw new Fault(401, 'invalid-credentials', 'The address or the password is wrong.')
  })

  open(routes.principals.refresh, async ({ body, request, reply }) => {
    const token = body.refresh_token ?? cookieIn(request.headers.cookie, cookies.refresh.name)
    const refreshed = token === undefined ? { refused: 'invalid' as const } : await sessions.refresh(token)
    if ('refused' in refreshed) {
      if (refreshed.refused === 'reused') {
        await audit.record(refreshed.tenant, { type: 'session.reused', principal: refreshed.principal })
      }
      throw new Fault(401, 'unauthenticated', 'The refresh token is missing, wrong, used or revoked: sign in again.')
    }
    const { tokens } = refreshed
    travel.seen(tokens, request.ip)
    const user = await users.find(tokens.tenant, tokens.principal)
    if (!user || user.disabled) throw new Fault(401, 'unauthenticated', 'This person may not sign in any more.')
    return handOut(request, reply, tokens, user)
  })

  open(routes.principals.stepUp, async ({ body, who, request }) => {
    const { tenant, id } = who.asker.principal
    if (who.session === undefined)
      throw new Fault(403, 'no-session', 'An API key cannot step up: somebody who has signed in with a password can.')
    const found = await stepUp(tenant, id, who.session, { password: body.password, address: request.ip })
    if ('until' in found) {
      await audit.record(tenant, { type: 'step-up', principal: id, facts: { session: who.session } })
      return { ok: true as const, until: rfc3339(found.until) }
    }
    // Whoever has taken a session guesses at its password here.
    inBackground(honey.presented(tenant, body.password, request.ip))
    await watch.signInFailed(tenant, { address: request.ip, account: id, principal: id, silent: true })
    if (found.refused === 'too-many-attempts') {
      const message = 'Too many attempts to step up from here: wait as long as `Retry-After` says.'
      throw new Fault(429, 'too-many-attempts', message, { retry_after_ms: found.retryAfterMs })
    }
    await audit.record(tenant, { type: 'step-up.failed', principal: id, facts: { session: who.session } })
    throw new Fault(403, 'invalid-credentials', 'The password is wrong.')
  })

  open(routes.principals.logout, async ({ who, reply }) => {
    const { principal } = who.asker
    if (who.session !== undefined) {
      await sessions.revoke(principal.tenant, principal.id, who.session)
      await audit.record(principal.tenant, { type: 'logout', principal: principal.id, facts: { session: who.session } })
    }
    for (const { name, options } of [cookies.access, cookies.refresh]) void reply.clearCookie(name, options)
    return { ok: true as const }
  })

  open(routes.principals.me, async ({ who }) => {
    const { principal } = who.asker
    const user = await users.find(principal.tenant, principal.id)
    return user ? shownUser(user) : { id: principal.id, tenant: principal.tenant, email: '', roles: [...principal.roles] }
  })

  open(routes.principals.capabilities, async ({ who }) => ({
    capabilities: permissions.flatMap((permission) => {
      const scope = holds(who.asker.principal.roles, permission)
      return scope ? [{ permission, scope }] : []
    }),
  }))

  open(routes.principals.sessions, async ({ who }) => {
    const { tenant, id } = who.asker.principal
    const items = (await sessions.list(tenant, id)).map(({ id, createdAt, seenAt, expiresAt, userAgent }) => ({
      id,
      current: id === who.session,
      created_at: rfc3339(createdAt),
      last_seen_at: rfc3339(seenAt),
      expires_at: rfc3339(expiresAt),
      ...(userAgent !== undefined && { user_agent: userAgent }),
    }))
    return { items }
  })

  open(routes.principals.revokeSession, async ({ params, who }) => {
    const { tenant, id } = who.asker.principal
    if (!(await sessions.revoke(tenant, id, params.id))) throw notFound('session')
    await audit.record(tenant, { type: 'session.revoked', principal: id, facts: { session: params.id } })
    return { ok: true as const }
  })

  open(routes.principals.apiKeys, async ({ who }) => ({ items: (await keysOf(who.asker.principal)).map(shownKey) }))

  open(routes.principals.createApiKey, async ({ body, who }) => {
    const { principal } = who.asker
    const { name, roles, expires_at: expires } = body
    if ((await personal.detect(principal.tenant, name)).length > 0)
      throw new Fault(422, 'personal-data', 'The name holds personal data: say what the key is for, not about whom.')
    const asked = { name, ...(roles && { roles }), ...(expires !== undefined && { expiresAt: Date.parse(expires) }) }
    const made = await apiKeys.make(principal, asked)
    if ('refused' in made) throw new Fault(made.refused === 'unknown-role' ? 422 : 403, made.refused, made.message)
    const facts = { key: made.made.id, agent: made.made.principal }
    await audit.record(principal.tenant, { type: 'apikey.created', principal: principal.id, facts })
    return { key: made.key, api_key: shownKey(made.made) }
  })

  open(routes.principals.revokeApiKey, async ({ params, who }) => {
    const { principal } = who.asker
    const known = (await keysOf(principal)).some(({ id }) => id === params.id)
    if (!known || !(await apiKeys.revoke(principal.tenant, params.id))) throw notFound('API key')
    await audit.record(principal.tenant, { type: 'apikey.revoked', principal: principal.id, facts: { key: params.id }, moves: true })
    return { ok: true as const }
  })

  async function keysOf({ tenant, id, roles }: Principal): Promise<readonly ApiKey[]> {
    const all = await apiKeys.list(tenant)
    return holds(roles, 'apikey:manage') ? all : all.filter(({ createdBy }) => createdBy === id)
  }

  /** Browsers send `Origin` with every POST: they get cookies that no script can read, and no tokens. */
  function handOut(request: FastifyRequest, reply: FastifyReply, { access, refresh, expiresIn }: Tokens, user: User): WireTokens {
    const shown = { token_type: 'Bearer' as const, expires_in: expiresIn, user: shownUser(user) }
    const browser = request.headers.origin !== undefined || request.headers['sec-fetch-site'] !== undefined
    if (!browser) return { access_token: access, refresh_token: refresh, ...shown }
    void reply.setCookie(cookies.access.name, access, cookies.access.options)
    void reply.setCookie(cookies.refresh.name, refresh, cookies.refresh.options)
    return shown
  }
}

function shownUser({ id, tenant, email, roles }: User): WireUser {
  return { id, tenant, email, roles: [...roles] }
}

function shownKey({ id, principal, name, createdBy, createdAt, expiresAt, seenAt }: ApiKey): WireApiKey {
  return {
    id,
    principal,
    name,
    created_by: createdBy,
    created_at: rfc3339(createdAt),
    ...(expiresAt !== undefined && { expires_at: rfc3339(expiresAt) }),
    ...(seenAt !== undefined && { last_used_at: rfc3339(seenAt) }),
  }
}
