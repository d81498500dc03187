import { Problem } from '@agentgate/api'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { answering, startReceiver, type TestReceiver } from './test-receiver.ts'
import { startTestServer, type TestServer, type TestUser } from './test-server.ts'

const input = { type: 'object', properties: { text: { type: 'string' } }, required: ['text'], additionalProperties: false }

describe('honey tokens', () => {
  let receiver: TestReceiver
  let server: TestServer
  let admin: TestUser
  beforeAll(async () => {
    receiver = await startReceiver(answering)
    server = await startTestServer({
      env: { TRUSTED_PROXIES: '127.0.0.1', ALERT_WEBHOOK_URL: receiver.url, ALERT_WEBHOOK_SECRET: 'x'.repeat(32) },
    })
    admin = await server.userWith('admin')
    await admin.client.tools.put({ params: { name: 'look_up' }, query: {}, body: { input, effect: 'read' } })
  })
  afterAll(async () => {
    await server.stop()
    receiver.stop()
  })

  const plant = (level: 'log' | 'alert' | 'block', name: string = level) => admin.client.threats.plantHoneyToken({ body: { name, level } })
  const decide = async ({ client }: TestUser, text: string) => client.calls.decide({ body: { action: 'look_up', input: { text } } })
  const threatsOf = async (user: TestUser, id: string) =>
    (await user.client.threats.list({ query: { limit: 200 } })).items.filter(
      ({ kind, subject }) => kind === 'honey_token' && subject === id,
    )
  const principalOf = async (call: string) => (await admin.client.traces.get({ params: { id: call } })).trace.principal
  const alerts = (kind: string) =>
    receiver.seen
      .map(({ json }) => json['threat'] as { kind: string; severity: string; principal: string })
      .filter((each) => each.kind === kind)

  it('show their value once, and keep nothing that it could be read from', async () => {
    const { value, honey_token } = await admin.client.threats.plantHoneyToken({
      body: { name: 'a key in the wiki', level: 'log', prefix: 'sk_live_' },
    })
    expect(value).toMatch(/^sk_live_[a-z0-9]{32}$/)
    const { items } = await admin.client.threats.honeyTokens()
    expect(items).toContainEqual(honey_token)
    expect(honey_token).toMatchObject({ name: 'a key in the wiki', level: 'log', state: 'planted', touches: 0 })
    const secret = value.slice('sk_live_'.length)
    for (const file of readdirSync(server.folder)) expect(readFileSync(join(server.folder, file)).includes(secret), file).toBe(false)
    expect(server.log()).not.toContain(secret)
  })

  it('of level `log` are told to those who look after threats, and to nobody else; the call goes on as it would', async () => {
    const agent = await server.agentOf('reader')
    const usual = await decide(agent, 'tea')
    const { value, honey_token } = await plant('log')
    const { id, verdict, reason, findings } = await decide(agent, `use ${value} please`)
    expect([verdict, reason]).toEqual([usual.verdict, usual.reason])
    expect(findings.map(({ control, verdict }) => [control, verdict])).toEqual(
      usual.findings.map(({ control, verdict }) => [control, verdict]),
    )
    const principal = await principalOf(id)
    expect(await threatsOf(admin, principal)).toMatchObject([{ severity: 'medium', count: 1, state: 'pending' }])
    expect(await threatsOf(agent, principal)).toEqual([])
    const [threat] = await threatsOf(admin, principal)
    expect((await admin.client.threats.get({ params: { id: threat?.id ?? '' } })).steps).toMatchObject([
      { decision_id: expect.any(String) },
    ])
    await expect(agent.client.threats.get({ params: { id: threat?.id ?? '' } })).rejects.toMatchObject({ code: 'not-found' })
    const { items } = await admin.client.threats.honeyTokens()
    expect(items.find((each) => each.id === honey_token.id)).toMatchObject({ touches: 1, touched_at: expect.any(String) })
    const audit = await admin.client.evidence.audit({ query: { type: 'honey-token.touched' } })
    expect(audit.items).toMatchObject([{ by: principal, details: { token: honey_token.id, level: 'log' } }])
    expect(JSON.stringify(await agent.client.traces.get({ params: { id } }))).not.toMatch(/honey_token|honey-token\.touched/)
    expect(alerts('honey_token')).toEqual([])
  })

  it('of level `alert` are told to people, without their value', async () => {
    const agent = await server.agentOf('curious')
    const { value } = await plant('alert')
    const { id } = await decide(agent, value)
    const principal = await principalOf(id)
    await server.until(() => alerts('honey_token').some((each) => each.principal === principal))
    expect(alerts('honey_token')).toMatchObject([{ severity: 'high', principal }])
    for (const { body } of receiver.seen) expect(body).not.toContain(value)
    expect((await decide(agent, 'tea')).reason?.code).not.toBe('principal-blocked')
  })

  it('of level `block` refuse the call, and block its principal and its network for an hour, and nobody else', async () => {
    const [thief, other] = [await server.agentOf('thief'), await server.agentOf('other')]
    const usual = await decide(other, 'tea')
    const { value } = await plant('block')
    const stolen = await thief.fetch('/api/calls', {
      method: 'POST',
      headers: { 'x-forwarded-for': '203.0.113.50' },
      body: JSON.stringify({ action: 'look_up', input: { text: value } }),
    })
    const { id, verdict, reason } = (await stolen.json()) as Awaited<ReturnType<typeof decide>>
    expect([verdict, reason?.code]).toEqual(['deny', 'honey-token'])
    const principal = await principalOf(id)
    const { items } = await admin.client.threats.blocklist()
    expect(items.map(({ subject, why }) => [subject, why])).toEqual([
      [principal, 'honey_token'],
      ['network:203.0.113.50', 'honey_token'],
    ])
    expect((await decide(thief, 'tea')).reason?.code).toBe('principal-blocked')
    expect((await thief.fetch('/health/liveness', { headers: { 'x-forwarded-for': '203.0.113.50' } })).status).toBe(403)
    const after = await decide(other, 'tea')
    expect([after.verdict, after.reason?.code]).toEqual([usual.verdict, usual.reason?.code])
    expect(await threatsOf(admin, principal)).toMatchObject([{ severity: 'critical' }])
  })

  it.each([
    ['the name of a tool that nobody registered', (value: string) => ({ action: `dump_${value}`, input: {} }), 'unknown-tool'],
    ['an input that fits no schema', (value: string) => ({ action: 'look_up', input: { [value]: 1 } }), 'invalid-input'],
  ])('are seen in %s', async (_, asked, code) => {
    const agent = await server.agentOf('prober')
    const { value } = await plant('block')
    const { id, verdict, reason } = await agent.client.calls.decide({ body: asked(value) })
    expect([verdict, reason?.code]).toEqual(['deny', code])
    const principal = await principalOf(id)
    await server.until(async () => (await threatsOf(admin, principal)).length > 0)
    expect((await decide(agent, 'tea')).reason?.code).toBe('principal-blocked')
  })

  it('never block this machine: only the principal', async () => {
    const agent = await server.agentOf('local')
    const { id, reason } = await decide(agent, (await plant('block')).value)
    expect(reason?.code).toBe('honey-token')
    expect((await admin.client.threats.blocklist()).items.map(({ subject }) => subject)).toContain(await principalOf(id))
    expect((await admin.client.health.liveness()).status).toBe('ok')
  })

  it('are seen when somebody presents one as a credential, once an hour for a network, which is blocked', async () => {
    const { value, honey_token } = await admin.client.threats.plantHoneyToken({ body: { name: 'a key', level: 'block', prefix: 'agk_' } })
    const present = async (address: string, authorization: string) =>
      (await fetch(`${server.url}/api/traces`, { headers: { 'x-forwarded-for': address, authorization } })).status
    expect(await present('203.0.113.60', `Bearer ${value.slice(0, -1)}`)).toBe(401)
    expect(await present('203.0.113.61', `Bearer ${value}`)).toBe(401)
    await server.until(async () => (await present('203.0.113.61', 'Bearer x')) === 403)
    expect(await present('203.0.113.60', 'Bearer x')).toBe(401)
    await server.until(async () => (await threatsOf(admin, 'network:203.0.113.61')).length === 1)
    for (let n = 0; n < 5; n++) await present('127.0.0.1', `Bearer ${value}`)
    await server.until(async () => (await threatsOf(admin, 'network:127.0.0.1')).length === 1)
    const { items } = await admin.client.threats.honeyTokens()
    expect(items.find(({ id }) => id === honey_token.id)).toMatchObject({ touches: 2 })
    expect((await admin.client.threats.blocklist()).items.map(({ subject }) => subject)).not.toContain('network:127.0.0.1')
    expect(server.log()).not.toContain(value)
  })

  it('are seen when somebody signs in with one', async () => {
    const { value } = await admin.client.threats.plantHoneyToken({ body: { name: 'a password', level: 'block' } })
    const signIn = async (address: string, password: string) =>
      (
        await fetch(`${server.url}/api/auth/login`, {
          method: 'POST',
          headers: { 'x-forwarded-for': address, 'content-type': 'application/json' },
          body: JSON.stringify({ email: 'root@example.com', password }),
        })
      ).status
    expect(await signIn('203.0.113.70', 'hunter2')).toBe(401)
    expect(await signIn('203.0.113.71', value)).toBe(401)
    await server.until(async () => (await signIn('203.0.113.71', 'hunter2')) === 403)
    expect(await signIn('203.0.113.70', 'hunter2')).toBe(401)
    expect(await threatsOf(admin, 'network:203.0.113.71')).toMatchObject([{ kind: 'honey_token', severity: 'critical' }])
    expect(server.log()).not.toContain(value)
  })

  it('are not looked for once retired, and stay on the list', async () => {
    const agent = await server.agentOf('late')
    const { value, honey_token } = await plant('block')
    await admin.client.threats.retireHoneyToken({ params: { id: honey_token.id } })
    expect((await decide(agent, value)).reason?.code).not.toBe('honey-token')
    const { items } = await admin.client.threats.honeyTokens()
    expect(items.find((each) => each.id === honey_token.id)).toMatchObject({ state: 'retired', touches: 0 })
    await expect(admin.client.threats.retireHoneyToken({ params: { id: honey_token.id } })).rejects.toBeInstanceOf(Problem)
    const types = (await admin.client.evidence.audit({ query: {} })).items.map(({ type }) => type)
    expect(types).toContain('honey-token.planted')
    expect(types).toContain('honey-token.retired')
  })

  it('are no business of agents', async () => {
    const agent = await server.agentOf('nosy')
    for (const asked of [agent.client.threats.honeyTokens(), agent.client.threats.plantHoneyToken({ body: { name: 'x' } })])
      await expect(asked).rejects.toMatchObject({ code: 'not-permitted' })
  })
})
