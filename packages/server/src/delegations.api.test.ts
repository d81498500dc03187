import { createClient } from '@agentgate/api'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { onlyTenant } from './server.ts'
import { startTestServer, type TestServer, type TestUser } from './test-server.ts'

let server: TestServer
let admin: TestUser
let person: TestUser
const tomorrow = () => new Date(server.server.house.clock.now() + 86_400_000).toISOString()
const idOf = async (user: TestUser) => (await user.client.principals.me()).id

beforeAll(async () => {
  server = await startTestServer({ still: true })
  admin = await server.userWith('admin')
  person = await server.signIn('requester')
  const input = { type: 'object', properties: { resource: { type: 'string' } } }
  for (const [name, effect] of [
    ['look_up', 'read'],
    ['change', 'write'],
  ] as const)
    await person.client.tools.put({ params: { name }, query: {}, body: { input, effect } })
  await admin.client.principals.stepUp({ body: { password: 'a long password of admin' } })
  const text = '@id("all") permit (principal, action in [Action::"read", Action::"write"], resource);'
  await admin.client.policies.create({ body: { id: 'open', policy: { text } } })
  await admin.client.policies.activate({ params: { id: 'open' }, body: { why: 'a test' } })
})
afterAll(() => server.stop())

interface Asked {
  readonly action?: string
  readonly resource?: string
}
const decide = async (user: TestUser, { action = 'look_up', resource = '/reports/may' }: Asked = {}) => {
  const response = await user.fetch('/api/calls', { method: 'POST', body: JSON.stringify({ action, input: { resource } }) })
  return (await response.json()) as { id: string; verdict: string; reason?: { code: string }; call_id?: string }
}
const code = async (user: TestUser, asked?: Asked) => {
  const { verdict, reason } = await decide(user, asked)
  return reason?.code ?? verdict
}
const issue = async (by: TestUser, to: TestUser, more: object = {}) =>
  by.client.delegations.issue({
    body: { holder: await idOf(to), allowed_actions: ['effect:read'], resource_scope: ['/reports/*'], expires_at: tomorrow(), ...more },
  })
const refused = (asking: Promise<unknown>) => asking.catch(({ status, code }: { status: number; code: string }) => [status, code])

describe('a grant', () => {
  it('bounds its holder from the next decision on, which is proved', async () => {
    const agent = await server.agentOf('bounded')
    expect(await code(agent, { action: 'change', resource: '/anything' })).toBe('allow')
    const grant = await issue(admin, agent)
    expect(grant).toMatchObject({ state: 'stands', issuer: await idOf(admin), obligations: [] })
    expect(await code(agent)).toBe('allow')
    expect(await code(agent, { action: 'change' })).toBe('grant-exceeded')
    expect(await code(agent, { resource: '/other' })).toBe('grant-exceeded')
    expect(await code(agent, { resource: '/reports/../other' })).not.toBe('allow')
    const { id } = await decide(agent)
    const { statement } = await admin.client.evidence.certificate({ params: { id } })
    expect(statement).toMatchObject({
      predicate: { proof: { predicates: expect.arrayContaining([{ name: 'LineageValid', holds: true, witness: [grant.id] }]) } },
    })
  })

  it('is handed on by its holder, narrower only, to those who act under grants', async () => {
    const [broker, worker] = [await server.agentOf('broker'), await server.agentOf('worker')]
    const first = await issue(admin, broker)
    const { id: parent } = first
    expect(await refused(issue(broker, worker, { parent }))).toEqual([409, 'unbound-holder'])
    await issue(admin, worker, { allowed_actions: [] })
    expect(await code(worker)).toBe('grant-exceeded')
    for (const wider of [
      { allowed_actions: ['effect:read', 'change'] },
      { resource_scope: ['*'] },
      { resource_scope: ['/reports/../*'] },
      { expires_at: new Date(Date.parse(first.expires_at) + 1).toISOString() },
    ])
      expect(await refused(issue(broker, worker, { parent, ...wider }))).toEqual([422, 'wider-than-parent'])
    const own = await issue(broker, worker, { parent, resource_scope: ['/reports/2026/*'], allowed_actions: ['look_up'] })
    expect(await code(worker, { resource: '/reports/2026/may' })).toBe('allow')
    expect(await code(worker, { resource: '/reports/2025/may' })).toBe('grant-exceeded')
    expect(await refused(issue(worker, broker, { parent }))).toEqual([404, 'not-found'])
    expect(await refused(issue(worker, broker))).toEqual([403, 'only-people'])
    const { chain, envelope } = await worker.client.delegations.get({ params: { id: own.id } })
    expect(chain.map(({ id }) => id)).toEqual([own.id, parent])
    expect(Buffer.from(String(envelope['payload']), 'base64').toString()).toContain('"resource_scope":["/reports/2026/*"]')

    await admin.client.delegations.revoke({ params: { id: parent } })
    expect(await code(worker, { resource: '/reports/2026/may' })).toBe('grant-exceeded')
    expect(await code(broker)).toBe('grant-revoked')
    expect(await refused(issue(broker, worker, { parent }))).toEqual([409, 'parent-ended'])
  })

  it('is handed on at most seven times', async () => {
    let [holder, parent] = [await server.agentOf('g0'), (await issue(admin, await server.agentOf('g'))).id]
    parent = (await issue(admin, holder)).id
    for (let n = 1; n < 8; n++) {
      const next = await server.agentOf(`g${n}`)
      await issue(admin, next, { allowed_actions: [] })
      parent = (await issue(holder, next, { parent })).id
      holder = next
    }
    expect(await code(holder)).toBe('allow')
    const last = await server.agentOf('g8')
    await issue(admin, last, { allowed_actions: [] })
    expect(await refused(issue(holder, last, { parent }))).toEqual([422, 'too-deep'])
  })

  it('binds the agents of the person who holds it', async () => {
    const boss = await server.userWith('developer')
    const { key } = await boss.client.principals.createApiKey({ body: { name: 'aide', roles: ['developer'] } })
    const decideAs = async () => {
      const body = JSON.stringify({ action: 'change', input: { resource: '/reports/may' } })
      const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' }
      const response = await fetch(`${server.url}/api/calls`, { method: 'POST', headers, body })
      return ((await response.json()) as { verdict: string }).verdict
    }
    expect(await decideAs()).toBe('allow')
    await issue(admin, boss)
    expect(await decideAs()).toBe('deny')
  })

  it('is over at its time', async () => {
    const agent = await server.agentOf('brief')
    await issue(admin, agent, { expires_at: new Date(server.server.house.clock.now() + 1_000).toISOString() })
    expect(await code(agent)).toBe('allow')
    server.pass(1_000)
    expect(await code(agent)).toBe('grant-expired')
    expect(await refused(issue(admin, agent, { expires_at: new Date(0).toISOString() }))).toEqual([422, 'expired-already'])
  })

  it('may want a person for each call', async () => {
    const agent = await server.agentOf('watched')
    await issue(admin, agent, { obligations: ['approval'] })
    const held = await decide(agent)
    expect(held).toMatchObject({ verdict: 'hold' })
    const [asked] = (await admin.client.approvals.pending()).items
    await admin.client.approvals.decide({ params: { id: asked?.id ?? '' }, body: { approved: true } })
    const again = await agent.fetch(`/api/calls/${asked?.call_id}/resume`, { method: 'POST', body: '{}' })
    expect(await again.json()).toMatchObject({ verdict: 'allow' })
  })

  it('is on a list page by page, also for who sees only what concerns them, and those that stand by themselves', async () => {
    const [agent, other] = [await server.agentOf('listed'), await server.agentOf('crowd')]
    const mine: string[] = []
    for (let n = 0; n < 3; n++) {
      server.pass(1)
      mine.unshift((await issue(admin, agent)).id)
      for (let k = 0; k < 3; k++) await issue(admin, other)
    }
    const pages: string[][] = []
    for (let cursor: string | undefined = ''; cursor !== undefined; ) {
      const page: { items: { id: string }[]; next_cursor?: string | undefined } = await agent.client.delegations.list({
        query: { limit: 2, ...(cursor !== '' && { cursor }) },
      })
      pages.push(page.items.map(({ id }) => id))
      cursor = page.next_cursor
    }
    expect(pages).toEqual([mine.slice(0, 2), mine.slice(2)])
    await admin.client.delegations.revoke({ params: { id: mine[1] ?? '' } })
    const standing = await agent.client.delegations.list({ query: { standing: 'true' } })
    expect(standing.items.map(({ id, state }) => [id, state])).toEqual([mine[0], mine[2]].map((id) => [id, 'stands']))
  })

  it('is seen by who issued or holds it, and by those who answer for all', async () => {
    const [agent, stranger] = [await server.agentOf('seen'), await server.agentOf('stranger')]
    const { id } = await issue(admin, agent)
    for (const user of [admin, agent]) expect((await user.client.delegations.get({ params: { id } })).chain).toHaveLength(1)
    expect(await refused(stranger.client.delegations.get({ params: { id } }))).toEqual([404, 'not-found'])
    expect((await stranger.client.delegations.list({ query: {} })).items).toEqual([])
    expect((await agent.client.delegations.list({ query: {} })).items.map(({ id }) => id)).toEqual([id])
    expect(await refused(stranger.client.delegations.revoke({ params: { id } }))).toEqual([404, 'not-found'])
    expect(await refused(agent.client.delegations.revoke({ params: { id } }))).toEqual([403, 'forbidden'])
  })

  it('names nobody but those who ask here, and no personal data', async () => {
    const agent = await server.agentOf('plain')
    expect(await refused(issue(admin, agent, { holder: 'Agent::nobody' }))).toEqual([422, 'unknown-holder'])
    expect(await refused(issue(admin, agent, { resource_scope: ['/users/jane.doe@example.com/*'] }))).toEqual([422, 'personal-data'])
    expect(await refused(issue(admin, agent, { resource_scope: ['/users/jane.doe%40example.com/*'] }))).toEqual([422, 'personal-data'])
    expect(await refused(issue(admin, agent, { resource_scope: ['/a/*/b'] }))).toEqual([422, 'invalid-request'])
    expect(await code(agent)).toBe('allow')
  })

  it('stands in the ledger, signed, with who issued and who revoked it', async () => {
    const agent = await server.agentOf('recorded')
    const grant = await issue(admin, agent)
    await admin.client.delegations.revoke({ params: { id: grant.id } })
    const { items } = await admin.client.evidence.audit({ query: { limit: 200 } })
    for (const type of ['grant.issued', 'grant.revoked'])
      expect(
        items.find((each) => each.type === type && JSON.stringify(each).includes(grant.id)),
        type,
      ).toBeDefined()
    const { house } = server.server
    const { size } = await house.ledger.head(onlyTenant)
    const entries = await house.ledger.read(onlyTenant, Math.max(0, size - 200), size)
    expect(entries.filter(({ type }) => type === 'grant').length).toBeGreaterThan(0)
  })
})

describe('an agent that hands on', () => {
  it('hands out no first grant, whatever its roles, and revokes once', async () => {
    const { key } = await admin.client.principals.createApiKey({ body: { name: 'chief', roles: ['admin'] } })
    const chief = createClient({ url: server.url, token: () => key })
    const { id: holder } = await chief.principals.me()
    const body = { holder, allowed_actions: ['effect:read'], resource_scope: ['*'], expires_at: tomorrow() }
    expect(await refused(chief.delegations.issue({ body }))).toEqual([403, 'only-people'])
    const { id } = await admin.client.delegations.issue({ body })
    const size = async () => (await server.server.house.ledger.head(onlyTenant)).size
    await admin.client.delegations.revoke({ params: { id } })
    const before = await size()
    expect((await admin.client.delegations.revoke({ params: { id } })).state).toBe('revoked')
    expect(await size()).toBe(before)
  })

  it('makes nobody decide again by what it hands on, and not as fast as it can', async () => {
    const [broker, worker] = [await server.agentOf('fast'), await server.agentOf('flooded')]
    const { id: parent } = await issue(admin, broker)
    await issue(admin, worker)
    const epoch = async () => (await server.server.house.ledger.head(onlyTenant)).epoch
    const before = await epoch()
    for (let n = 0; n < 30; n++) await issue(broker, worker, { parent, allowed_actions: [] })
    expect(await epoch()).toBe(before)
    expect(await refused(issue(broker, worker, { parent }))).toEqual([429, 'too-many-grants'])
    expect(await code(worker)).toBe('allow')
    const expires_at = tomorrow()
    server.pass(60_001)
    await issue(broker, worker, { parent, allowed_actions: [], expires_at })
  })
})

describe('a grant in the database that nobody signed', () => {
  it('counts for nothing, is told as such, and can be taken away', async () => {
    const agent = await server.agentOf('forger')
    const grant = await issue(admin, agent)
    const { house } = server.server
    const [row] = await house.grants.chain(onlyTenant, grant.id)
    if (!row) throw new Error('no row')
    const forged = { ...row, actions: ['effect:write'], resources: ['*'], issuedAt: row.issuedAt + 1 }
    await house.grants.issue({ ...forged, id: 'forged' })
    await house.grants.issue({ ...forged, id: 'torn', envelope: '{' })
    expect(await code(agent)).toBe('allow')
    expect(await code(agent, { action: 'change' })).toBe('grant-exceeded')
    const states = async () =>
      (await admin.client.delegations.list({ query: { holder: await idOf(agent) } })).items.map(({ id, state }) => [id === grant.id, state])
    expect(await states()).toEqual([
      [false, 'unsigned'],
      [false, 'unsigned'],
      [true, 'stands'],
    ])
    for (const id of ['forged', 'torn']) await admin.client.delegations.revoke({ params: { id } })
    expect(await code(agent, { action: 'change' })).toBe('grant-exceeded')
  })

  it('hands nothing on', async () => {
    const [broker, worker] = [await server.agentOf('forging'), await server.agentOf('forged on')]
    const { id } = await issue(admin, broker)
    const { house } = server.server
    const [row] = await house.grants.chain(onlyTenant, id)
    if (!row) throw new Error('no row')
    await house.grants.issue({ ...row, id: 'wide', resources: ['*'] })
    await issue(admin, worker, { allowed_actions: [] })
    expect(await refused(issue(broker, worker, { parent: 'wide' }))).toEqual([409, 'parent-ended'])
  })
})
