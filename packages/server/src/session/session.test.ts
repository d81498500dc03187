import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { PrincipalId, TenantId } from '@agentgate/core'
import bcrypt from 'bcrypt'
import { decodeJwt, decodeProtectedHeader, importJWK, jwtVerify, SignJWT } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { storedPrincipals } from '../store/principals.ts'
import { openStore, type Store } from '../store/store.ts'
import { accessTokens } from './access-token.ts'
import { createApiKeys } from './api-keys.ts'
import { createAuthenticate } from './authenticate.ts'
import { cookiesFor } from './cookies.ts'
import { createPasswords } from './passwords.ts'
import { createSessions, type Tokens } from './sessions.ts'
import { createSignIn } from './sign-in.ts'
import { createThrottle } from './throttle.ts'
import { createUsers, type User } from './users.ts'

const tenant = 'default' as TenantId
const other = 'other' as TenantId
const password = 'correct horse battery'
const minute = 60_000
const origin = 'https://gate.example.com'

let now = 1_800_000_000_000
const clock = { now: () => now }
const folder = mkdtempSync(join(tmpdir(), 'agentgate-session-'))
const secret = new Uint8Array(32).fill(3)

let store: Store
let rooms: ReturnType<typeof open>
let alice: User

function open(from: Store) {
  const principals = storedPrincipals(from, clock)
  const passwords = createPasswords()
  const users = createUsers({ store: from, principals, passwords, clock })
  const tokens = accessTokens({ secret, issuer: origin, clock })
  const sessions = createSessions({ store: from, tokens, clock })
  const throttle = createThrottle(clock)
  const signIn = createSignIn({ users, sessions, passwords, throttle })
  const apiKeys = createApiKeys({ store: from, principals, clock })
  const cookies = cookiesFor(origin)
  const authenticate = createAuthenticate({ sessions, apiKeys, cookies, origin, allowedOrigins: ['https://other.example.com'] })
  return { principals, passwords, users, tokens, sessions, signIn, apiKeys, authenticate }
}

async function added(email: string, roles: readonly string[] = ['viewer']): Promise<User> {
  const made = await rooms.users.add(tenant, { email, password, roles })
  if ('refused' in made) throw new Error(made.message)
  return made.added
}

/** Signs in from a network of its own, so that tests do not slow each other down. */
let networks = 0
async function signedIn(email = 'alice@example.com'): Promise<Tokens> {
  const found = await rooms.signIn({ email, password, address: `10.0.${networks++}.1`, userAgent: 'Firefox' })
  if ('refused' in found) throw new Error(found.refused)
  return found.tokens
}
const isIn = ({ access }: Tokens) => rooms.sessions.check(access).then((found) => found !== undefined)

beforeAll(async () => {
  store = await openStore({ folder, vaultSecret: secret })
  rooms = open(store)
  alice = await added('Alice@Example.com', ['approver', 'viewer'])
})
afterAll(async () => {
  await store.close()
  rmSync(folder, { recursive: true })
})

describe('signing in', () => {
  it('answers tokens and the person, whatever the case of the address', async () => {
    const found = await rooms.signIn({ email: ' ALICE@example.com', password, address: '10.1.0.1' })
    expect(found).toMatchObject({ user: { id: alice.id, tenant, email: 'alice@example.com', roles: ['approver', 'viewer'] } })
    expect(alice.id).toMatch(/^User::[0-9a-f-]{36}$/)
  })

  it('answers every failure alike', async () => {
    const gone = await added('gone@example.com')
    await rooms.users.disable(tenant, gone.id)
    const refused = []
    for (const [index, attempt] of [
      { email: 'alice@example.com', password: 'wrong password here' },
      { email: 'nobody@example.com', password },
      { email: 'gone@example.com', password },
      { email: 'alice@example.com', password: `${password}${'x'.repeat(80)}` },
      { email: '', password: '' },
    ].entries())
      refused.push(await rooms.signIn({ ...attempt, address: `10.2.${index}.1` }))
    expect(refused.map((each) => ('refused' in each ? each.refused : ''))).toEqual(Array.from({ length: 5 }, () => 'invalid-credentials'))
  })

  it('hashes for somebody unknown as for somebody known', async () => {
    const compared: string[] = []
    const real = bcrypt.compare
    bcrypt.compare = async (data: string | Buffer, hash: string) => {
      compared.push(hash)
      return real(data, hash)
    }
    try {
      expect(await rooms.passwords.check(password, undefined)).toEqual({ ok: false })
    } finally {
      bcrypt.compare = real
    }
    expect(compared.map((hash) => bcrypt.getRounds(hash))).toEqual([12])
  })

  it('takes no password that bcrypt would have cut to the right one', async () => {
    const long = 'x1y2z3w4'.repeat(9)
    const hash = await rooms.passwords.hash(long)
    expect(await rooms.passwords.check(long, hash)).toEqual({ ok: true })
    expect(await rooms.passwords.check(`${long}!`, hash)).toEqual({ ok: false })
  })

  it('stores a better hash in place of a cheaper one', async () => {
    const bob = await added('bob@example.com')
    await rooms.users.storeHash(tenant, bob.id, await bcrypt.hash(password, 4))
    await signedIn('bob@example.com')
    const row = await rooms.users.byEmail('bob@example.com')
    expect(bcrypt.getRounds(row?.password ?? '')).toBe(12)
    await signedIn('bob@example.com')
  })

  it('keeps nothing of a password or a token in the clear', async () => {
    const { refresh } = await signedIn()
    const rows = JSON.stringify(await store.ask('users', 'list', tenant, 100))
    expect(rows).not.toContain(password)
    expect(await store.ask('sessions', 'rotate', refresh, 'x', now, 1, 1)).toEqual({ status: 'unknown' })
  })

  it('slows guessing down for an account and a network, and tells for how long', async () => {
    const guess = (address: string, email = 'alice@example.com') => rooms.signIn({ email, password: 'a wrong password', address })
    for (let index = 0; index < 5; index++) expect(await guess('10.3.0.1')).toMatchObject({ refused: 'invalid-credentials' })
    expect(await guess('10.3.0.1')).toEqual({ refused: 'too-many-attempts', retryAfterMs: 30_000 })
    expect(await rooms.signIn({ email: 'alice@example.com', password, address: '10.3.0.1' })).toMatchObject({
      refused: 'too-many-attempts',
    })
    expect(await rooms.signIn({ email: 'alice@example.com', password, address: '10.4.0.1' })).toHaveProperty('tokens')
    now += 30_000
    expect(await guess('10.3.0.1')).toMatchObject({ refused: 'invalid-credentials' })
    expect(await guess('10.3.0.1')).toEqual({ refused: 'too-many-attempts', retryAfterMs: 60_000 })
    now += 15 * minute
    expect(await rooms.signIn({ email: 'alice@example.com', password, address: '10.3.0.1' })).toHaveProperty('tokens')
  })
})

describe('an access token', () => {
  it('is signed by a key that its public form checks, and is good for a quarter of an hour', async () => {
    const { access, session } = await signedIn()
    const [key] = (await rooms.tokens.jwks()).keys
    expect(decodeProtectedHeader(access)).toEqual({ alg: 'EdDSA', typ: 'at+jwt', kid: key?.kid })
    expect(decodeJwt(access)).toMatchObject({ sub: alice.id, sid: session, tenant, iss: origin, aud: 'agentgate' })
    expect(JSON.stringify(decodeJwt(access))).not.toContain('alice')
    await jwtVerify(access, await importJWK(key ?? {}, 'EdDSA'), { currentDate: new Date(now) })
    expect(await isIn({ access } as Tokens)).toBe(true)
    now += 15 * minute
    expect(await isIn({ access } as Tokens)).toBe(false)
  })

  it('is refused when forged in any way', async () => {
    const { access } = await signedIn()
    const [header = '', payload = '', signature = ''] = access.split('.')
    const none = Buffer.from('{"alg":"none","typ":"at+jwt"}').toString('base64url')
    const claims = Buffer.from(JSON.stringify({ ...decodeJwt(access), sub: 'User::admin' })).toString('base64url')
    const [key] = (await rooms.tokens.jwks()).keys
    const asSecret = Buffer.from(key?.x ?? '', 'base64url')
    const confused = await new SignJWT(decodeJwt(access)).setProtectedHeader({ alg: 'HS256', typ: 'at+jwt' }).sign(asSecret)
    const stranger = await accessTokens({ secret: new Uint8Array(32).fill(4), issuer: origin, clock }).issue({
      tenant,
      principal: alice.id,
      session: 's',
    })
    const elsewhere = await accessTokens({ secret, issuer: 'https://evil.example.com', clock }).issue({
      tenant,
      principal: alice.id,
      session: 's',
    })
    const forged = [
      `${none}.${payload}.`,
      `${none}.${payload}.${signature}`,
      `${header}.${claims}.${signature}`,
      confused,
      stranger,
      elsewhere,
      '',
      'x',
      'a.b.c',
    ]
    for (const token of forged) expect(await rooms.tokens.read(token)).toBeUndefined()
  })

  it('says nothing of another tenant: the session must be of the tenant that it names', async () => {
    const { session } = await signedIn()
    const token = await rooms.tokens.issue({ tenant: other, principal: alice.id, session })
    expect(await rooms.sessions.check(token)).toBeUndefined()
  })
})

describe('a session', () => {
  it('goes on with a new refresh token for each old one', async () => {
    const first = await signedIn()
    now += 10 * minute
    const second = await rooms.sessions.refresh(first.refresh)
    if ('refused' in second) throw new Error(second.refused)
    expect(second.tokens).toMatchObject({ session: first.session, principal: alice.id })
    expect(second.tokens.refresh).not.toBe(first.refresh)
    expect(await isIn(second.tokens)).toBe(true)
  })

  it('is revoked, whole, when a refresh token comes twice', async () => {
    const first = await signedIn()
    const second = await rooms.sessions.refresh(first.refresh)
    if ('refused' in second) throw new Error(second.refused)
    expect(await rooms.sessions.refresh(first.refresh)).toEqual({ refused: 'reused', principal: alice.id, tenant })
    expect(await isIn(second.tokens)).toBe(false)
    expect(await isIn(first)).toBe(false)
    expect(await rooms.sessions.refresh(second.tokens.refresh)).toEqual({ refused: 'invalid' })
  })

  it('gives one of two who refresh at once new tokens, and then trusts neither', async () => {
    const { refresh } = await signedIn()
    const both = await Promise.all([rooms.sessions.refresh(refresh), rooms.sessions.refresh(refresh)])
    const won = both.flatMap((each) => ('tokens' in each ? [each.tokens] : []))
    expect(won).toHaveLength(1)
    expect(await isIn(won[0] as Tokens)).toBe(false)
  })

  it('is over for good once revoked, from the very next request on', async () => {
    const tokens = await signedIn()
    expect(await isIn(tokens)).toBe(true)
    expect(await rooms.sessions.revoke(tenant, 'User::someone' as PrincipalId, tokens.session)).toBe(false)
    expect(await rooms.sessions.revoke(other, alice.id, tokens.session)).toBe(false)
    expect(await isIn(tokens)).toBe(true)
    expect(await rooms.sessions.revoke(tenant, alice.id, tokens.session)).toBe(true)
    expect(await isIn(tokens)).toBe(false)
    expect(await rooms.sessions.refresh(tokens.refresh)).toEqual({ refused: 'invalid' })
    expect(await rooms.sessions.revoke(tenant, alice.id, tokens.session)).toBe(false)
  })

  it('ends a week after it was last refreshed, and 30 days after it began', async () => {
    const idle = await signedIn()
    let kept = await signedIn()
    const began = now
    for (let day = 6; day <= 24; day += 6) {
      now = began + day * 86_400_000
      const next = await rooms.sessions.refresh(kept.refresh)
      if ('refused' in next) throw new Error(`${day}: ${next.refused}`)
      kept = next.tokens
    }
    expect(await rooms.sessions.refresh(idle.refresh)).toEqual({ refused: 'invalid' })
    now = began + 30 * 86_400_000
    expect(await rooms.sessions.refresh(kept.refresh)).toEqual({ refused: 'invalid' })
  })

  it('is listed among the person’s devices, and all others can be revoked', async () => {
    const carol = await added('carol@example.com')
    const [one, two] = [await signedIn('carol@example.com'), await signedIn('carol@example.com')]
    const listed = await rooms.sessions.list(tenant, carol.id)
    expect(listed.map(({ id }) => id).sort()).toEqual([one.session, two.session].sort())
    expect(listed[0]).toMatchObject({ createdAt: now, seenAt: now, userAgent: 'Firefox' })
    now += 2 * minute
    await isIn(two)
    expect((await rooms.sessions.list(tenant, carol.id))[0]).toMatchObject({ id: two.session, seenAt: now })
    expect(await rooms.sessions.revokeAll(tenant, carol.id, two.session)).toBe(1)
    expect([await isIn(one), await isIn(two)]).toEqual([false, true])
  })

  it('is out at once when the person is disabled, or is no principal any more', async () => {
    const dave = await added('dave@example.com')
    const tokens = await signedIn('dave@example.com')
    await rooms.principals.revoke(tenant, dave.id)
    expect(await isIn(tokens)).toBe(false)
    await rooms.principals.grant({ id: dave.id, tenant, roles: ['viewer'], mfa: false })
    expect(await isIn(tokens)).toBe(true)
    expect(await rooms.users.disable(tenant, dave.id)).toBe(true)
    expect(await isIn(tokens)).toBe(false)
    expect(await rooms.sessions.refresh(tokens.refresh)).toEqual({ refused: 'invalid' })
  })
})

describe('adding people', () => {
  const add = async (email: string, given: string, roles = ['viewer']) => {
    const made = await rooms.users.add(tenant, { email, password: given, roles })
    return 'refused' in made ? made.refused : made.added.roles.join()
  }

  it.each(['short', 'aaaaaaaaaaaaaaaa', 'password123456', 'Erinerinerin1', 'é'.repeat(40)])('refuses the password `%s`', async (given) => {
    expect(await add('erinerin@example.com', given)).toBe('weak-password')
  })

  it('refuses an address twice, in any tenant, and roles that do not exist', async () => {
    expect(await add('ALICE@EXAMPLE.COM', password)).toBe('email-taken')
    expect(await add('erin@example.com', password, ['root'])).toBe('unknown-role')
  })

  it('takes an operator for the approver it is', async () => {
    expect(await add('erin@example.com', password, ['operator', 'approver'])).toBe('approver')
  })
})

describe('an API key', () => {
  const admin = { id: 'User::admin' as PrincipalId, tenant, roles: ['admin'], mfa: false }
  beforeAll(() => rooms.principals.grant(admin))
  const made = async (roles?: readonly string[], by = admin, expiresAt?: number) => {
    const found = await rooms.apiKeys.make(by, { name: 'ci', ...(roles && { roles }), ...(expiresAt && { expiresAt }) })
    if ('refused' in found) throw new Error(found.refused)
    return found
  }

  it('authenticates an agent of its own', async () => {
    const { key, made: about } = await made()
    expect(key).toMatch(/^ag_[\w-]{43}$/)
    expect(about.principal).toBe(`Agent::${about.id}`)
    expect(await rooms.apiKeys.check(key)).toEqual({
      id: about.principal,
      tenant,
      onBehalfOf: admin.id,
      roles: ['service_agent'],
      mfa: false,
    })
    expect(JSON.stringify(await rooms.apiKeys.list(tenant))).not.toContain(key.slice(3))
  })

  it('is refused once revoked, expired, changed or made up', async () => {
    const { key, made: about } = await made(undefined, admin, now + minute)
    expect(await rooms.apiKeys.revoke(other, about.id)).toBe(false)
    expect(await rooms.apiKeys.check(key)).toBeDefined()
    now += minute
    expect(await rooms.apiKeys.check(key)).toBeUndefined()
    const second = await made()
    expect(await rooms.apiKeys.revoke(tenant, second.made.id)).toBe(true)
    for (const wrong of [second.key, `${key}x`, 'ag_', '', 'ag_%']) expect(await rooms.apiKeys.check(wrong)).toBeUndefined()
  })

  it('is known as its agent while it is good, and no longer', async () => {
    const { made: about } = await made(undefined, admin, now + minute)
    const agent = () => rooms.principals.find(tenant, about.principal)
    expect(await agent()).toMatchObject({ id: about.principal, onBehalfOf: admin.id })
    now += minute
    expect(await agent()).toBeUndefined()
    const second = await made()
    await rooms.apiKeys.revoke(tenant, second.made.id)
    expect(await rooms.principals.find(tenant, second.made.principal)).toBeUndefined()
  })

  it('is shut out with the person who made it', async () => {
    const owner = await added('owner@example.com', ['admin'])
    const { key, made: about } = await made(undefined, { id: owner.id, tenant, roles: ['admin'], mfa: false })
    expect(await rooms.apiKeys.check(key)).toMatchObject({ onBehalfOf: owner.id })
    await rooms.users.disable(tenant, owner.id)
    expect(await rooms.apiKeys.check(key)).toBeUndefined()
    expect(await rooms.principals.find(tenant, about.principal)).toBeUndefined()
  })

  it('makes no keys: they would outlive it', async () => {
    const { key } = await made(['admin'])
    const agent = await rooms.apiKeys.check(key)
    if (!agent) throw new Error('the key is not known')
    expect(await rooms.apiKeys.make(agent, { name: 'child' })).toMatchObject({ refused: 'only-people' })
  })

  it('never may more than who made it', async () => {
    const developer = { ...admin, roles: ['developer'] }
    expect(await rooms.apiKeys.make(developer, { name: 'x', roles: ['admin'] })).toMatchObject({ refused: 'more-than-own' })
    expect(await rooms.apiKeys.make({ ...admin, roles: ['viewer'] }, { name: 'x' })).toMatchObject({ refused: 'more-than-own' })
    expect(await rooms.apiKeys.make(admin, { name: 'x', roles: ['root'] })).toMatchObject({ refused: 'unknown-role' })
    expect(await made(['developer'], developer)).toBeDefined()
  })
})

describe('authenticating a request', () => {
  const cookie = async () => `a=b; __Host-agentgate=${(await signedIn()).access}; c=d`

  it('takes an access token, an API key or a cookie', async () => {
    const tokens = await signedIn()
    expect(await rooms.authenticate({ method: 'POST', authorization: `Bearer ${tokens.access}` })).toMatchObject({
      principal: { id: alice.id },
      session: tokens.session,
    })
    const key = await rooms.apiKeys.make({ ...alice, mfa: false, roles: ['admin'] }, { name: 'x' })
    const asAgent = await rooms.authenticate({ method: 'POST', authorization: `bearer ${'key' in key ? key.key : ''}` })
    expect(asAgent.principal.id).toMatch(/^Agent::/)
    expect(asAgent).not.toHaveProperty('session')
    expect(await rooms.authenticate({ method: 'GET', cookie: await cookie() })).toMatchObject({ principal: { id: alice.id } })
  })

  it('refuses everything else alike, and never falls back from a bad token to a good cookie', async () => {
    for (const authorization of ['Bearer x', 'Bearer ', 'Basic YTpi', 'ag_x', 'Bearer ag_x', `Bearer ${'x'.repeat(10_000)}`]) {
      await expect(rooms.authenticate({ method: 'GET', authorization, cookie: await cookie() })).rejects.toMatchObject({
        code: 'unauthenticated',
      })
    }
    for (const wrong of [undefined, '', '__Host-agentgate=', 'agentgate=x', '__Host-agentgate=x.y.z']) {
      await expect(rooms.authenticate({ method: 'GET', cookie: wrong })).rejects.toMatchObject({ code: 'unauthenticated' })
    }
  })

  it('lets a cookie change something only from our own pages', async () => {
    const change = { method: 'POST', cookie: await cookie() }
    for (const ours of [{ origin }, { origin: 'https://other.example.com' }, { fetchSite: 'same-origin' }])
      expect(await rooms.authenticate({ ...change, ...ours })).toBeDefined()
    for (const theirs of [
      {},
      { origin: 'https://evil.example.com' },
      { origin: 'null' },
      { origin: `${origin}.evil.com` },
      { fetchSite: 'same-site' },
      { fetchSite: 'none' },
      { origin: 'http://gate.example.com', fetchSite: 'same-origin' },
    ])
      await expect(rooms.authenticate({ ...change, ...theirs })).rejects.toMatchObject({ code: 'wrong-origin', status: 403 })
    expect(await rooms.authenticate({ ...change, method: 'GET', origin: 'https://evil.example.com' })).toBeDefined()
  })
})
