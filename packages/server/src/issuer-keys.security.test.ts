import type { Problem } from '@agentgate/api'
import { certifyGrant, type Grant, type GrantClaim, grantIn, grantStatement, localSigner, sha256, signGrant } from '@agentgate/core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { claimOf } from './signed-grants.ts'
import { onlyTenant } from './server.ts'
import { startTestServer, type TestServer, type TestUser } from './test-server.ts'

const signerOf = (name: string) => localSigner(new Uint8Array(Buffer.from(sha256(name), 'hex')))
const text64 = (bytes: Uint8Array | string) => Buffer.from(bytes).toString('base64')
type Signer = ReturnType<typeof signerOf>

describe('the key by which an issuer signs what it hands on', () => {
  let server: TestServer
  let admin: TestUser
  const idOf = async (user: TestUser) => (await user.client.principals.me()).id

  beforeAll(async () => {
    server = await startTestServer({ still: true })
    admin = await server.userWith('admin')
    const input = { type: 'object', properties: { resource: { type: 'string' } } }
    await admin.client.tools.put({ params: { name: 'look_up' }, query: {}, body: { input, effect: 'read' } })
    await stepUp()
    const text = '@id("all") permit (principal, action in [Action::"read"], resource);'
    await admin.client.policies.create({ body: { id: 'open', policy: { text } } })
    await admin.client.policies.activate({ params: { id: 'open' }, body: { why: 'a test' } })
  })
  afterAll(() => server.stop())

  const stepUp = () => admin.client.principals.stepUp({ body: { password: 'a long password of admin' } })
  const enrol = (by: TestUser, { key }: Signer) => by.client.delegations.enrolKey({ body: { public_key: text64(key.raw) } })
  async function asked(to: TestUser, more: { readonly parent?: string; readonly allowed_actions?: string[] } = {}) {
    const expires_at = new Date(server.server.house.clock.now() + 3_600_000).toISOString()
    return { holder: await idOf(to), allowed_actions: ['effect:read'], resource_scope: ['/reports/*'], expires_at, ...more }
  }
  type Body = Awaited<ReturnType<typeof asked>>
  const issue = (by: TestUser, body: Body, signed?: { statement: string; signature: string }) =>
    by.client.delegations.issue({ body: { ...body, ...(signed && { signed }) } })
  async function statementFor(by: TestUser, body: Body): Promise<string> {
    const { body: problem } = (await issue(by, body).catch((error: unknown) => error)) as Problem
    expect(problem.type).toBe('signature-required')
    return Buffer.from(problem.statement ?? '', 'base64').toString()
  }
  async function signed(signer: Signer, statement: string) {
    return { statement: text64(statement), signature: text64((await signGrant(signer, statement)).signature) }
  }
  const refused = (asking: Promise<unknown>) => asking.catch(({ status, code }: Problem) => [status, code])
  async function code(user: TestUser): Promise<string> {
    const body = JSON.stringify({ action: 'look_up', input: { resource: '/reports/may' } })
    const { verdict, reason } = (await (await user.fetch('/api/calls', { method: 'POST', body })).json()) as {
      verdict: string
      reason?: { code: string }
    }
    return reason?.code ?? verdict
  }
  /** An agent that holds a grant and has a key, and one that it may hand on to. */
  async function broker(name: string) {
    const [agent, worker] = [await server.agentOf(name), await server.agentOf(`${name}-worker`)]
    const { id: parent } = await issue(admin, await asked(agent))
    await issue(admin, await asked(worker, { allowed_actions: [] }))
    const key = signerOf(name)
    await enrol(agent, key)
    return { agent, worker, key, body: await asked(worker, { parent }) }
  }

  it('signs the very statement that the server signs, and what it signed covers calls', async () => {
    const { agent, worker, key, body } = await broker('signing')
    const statement = await statementFor(agent, body)
    expect(grantIn(statement)).toMatchObject({ issuer: await idOf(agent), holder: body.holder, resource_scope: ['/reports/*'] })
    expect(await code(worker)).toBe('grant-exceeded')
    const grant = await issue(agent, body, await signed(key, statement))
    expect(grant).toMatchObject({ issuer_key: key.key.id, state: 'stands' })
    expect(await code(worker)).toBe('allow')
    const { chain, envelope } = await worker.client.delegations.get({ params: { id: grant.id } })
    expect(chain.map((each) => each.issuer_key)).toEqual([key.key.id, undefined])
    expect(envelope).toMatchObject({ payload: text64(statement), signatures: [{}, { keyid: key.key.id }] })
    const { items } = await admin.client.delegations.list({ query: {} })
    expect(items.find(({ id }) => id === grant.id)?.issuer_key).toBe(key.key.id)
    expect(await refused(issue(agent, body, await signed(key, statement)))).toEqual([409, 'already-issued'])
  })

  it('is asked for by every grant of its issuer, also where another signs, or something else is signed', async () => {
    const { agent, worker, key, body } = await broker('strict')
    const statement = await statementFor(agent, body)
    const claim = grantIn(statement) as GrantClaim
    const other = (more: Partial<GrantClaim>) => grantStatement({ ...claim, ...more })
    expect(await refused(issue(agent, body, await signed(signerOf('thief'), statement)))).toEqual([422, 'signature-invalid'])
    for (const each of [
      other({ resource_scope: ['/reports/may'] }),
      other({ issuer: await idOf(admin) }),
      other({ tenant: 'another' }),
      other({ parent: null }),
      other({ grant_id: 'mine' }),
      ` ${statement}`,
    ])
      expect(await refused(issue(agent, body, await signed(key, each))), each).toEqual([422, 'statement-differs'])
    const later = new Date(server.server.house.clock.now() + 1).toISOString()
    expect(await refused(issue(agent, body, await signed(key, other({ issued_at: later }))))).toEqual([409, 'statement-expired'])
    // What the key once signed for somebody else is no signature of this.
    const { signature } = await signed(key, other({ resource_scope: ['/reports/may'] }))
    expect(await refused(issue(agent, body, { statement: text64(statement), signature }))).toEqual([422, 'signature-invalid'])
    server.pass(5 * 60_000 + 1)
    expect(await refused(issue(agent, body, await signed(key, statement)))).toEqual([409, 'statement-expired'])
    expect(await code(worker)).toBe('grant-exceeded')
    expect(await refused(issue(worker, body, await signed(key, statement)))).not.toMatchObject({ state: 'stands' })
  })

  it('is one for an agent until an administrator removes it, stepped up', async () => {
    const { agent, key, body } = await broker('one')
    const next = signerOf('another of one')
    const issuer = await idOf(agent)
    expect(await refused(enrol(agent, next))).toEqual([409, 'key-enrolled'])
    expect(await enrol(agent, key)).toMatchObject({ key_id: key.key.id, issuer })
    const stranger = await server.agentOf('one-stranger')
    expect(await refused(stranger.client.delegations.removeKey({ params: { issuer } }))).toEqual([404, 'not-found'])
    expect(await refused(agent.client.delegations.removeKey({ params: { issuer } }))).toEqual([403, 'step-up-required'])
    admin = await server.userWith('admin')
    expect(await refused(admin.client.delegations.removeKey({ params: { issuer } }))).toEqual([403, 'step-up-required'])
    expect((await stranger.client.delegations.issuerKeys()).items).toEqual([])
    expect((await agent.client.delegations.issuerKeys()).items).toEqual([{ issuer, key_id: key.key.id, public_key: text64(key.key.raw) }])
    await stepUp()
    await admin.client.delegations.removeKey({ params: { issuer } })
    expect(await refused(admin.client.delegations.removeKey({ params: { issuer } }))).toEqual([404, 'not-found'])
    expect(await issue(agent, body)).not.toHaveProperty('issuer_key')
    await enrol(agent, next)
    expect(await issue(agent, body, await signed(next, await statementFor(agent, body)))).toMatchObject({ issuer_key: next.key.id })
    const { items } = await admin.client.evidence.audit({ query: { limit: 200 } })
    for (const type of ['issuer-key.enrolled', 'issuer-key.removed'])
      expect(items.filter((each) => each.type === type && JSON.stringify(each).includes(issuer)).length, type).toBeGreaterThan(0)
  })

  it('is enrolled by people who stepped up, and by nobody for another', async () => {
    const own = signerOf('admin')
    admin = await server.userWith('admin')
    expect(await refused(enrol(admin, own))).toEqual([403, 'step-up-required'])
    await stepUp()
    await enrol(admin, own)
    const agent = await server.agentOf('of-admin')
    const body = await asked(agent)
    expect(await issue(admin, body, await signed(own, await statementFor(admin, body)))).toMatchObject({ issuer_key: own.key.id })
    const late = await signed(own, await statementFor(admin, body))
    await admin.client.delegations.removeKey({ params: { issuer: await idOf(admin) } })
    expect(await refused(issue(admin, body, late))).toEqual([409, 'no-issuer-key'])
    for (const public_key of ['', 'x', text64(new Uint8Array(31)), `${text64(new Uint8Array(32)).slice(0, -2)}B=`])
      expect(await refused(admin.client.delegations.enrolKey({ body: { public_key } }))).toEqual([422, 'invalid-request'])
  })
  it('covers nothing where the server alone signed for an issuer with a key', async () => {
    const { agent, worker, body } = await broker('forged')
    const { house } = server.server
    const grant = {
      id: house.newId(),
      tenant: onlyTenant,
      issuer: await idOf(agent),
      holder: body.holder,
      parent: body.parent,
      actions: ['effect:read'],
      resources: ['/reports/*'],
      issuedAt: house.clock.now(),
      expiresAt: Date.parse(body.expires_at),
    } as unknown as Grant
    const entry = await certifyGrant(house.keys.signer, claimOf(grant))
    await house.ledger.append(grant.tenant, [entry])
    await house.grants.issue({ ...grant, envelope: entry.body })
    expect(await code(worker)).toBe('grant-exceeded')
    expect((await admin.client.delegations.get({ params: { id: grant.id } })).chain[0]?.state).toBe('unsigned')
  })
})
