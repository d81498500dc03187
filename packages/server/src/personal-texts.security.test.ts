import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestServer, type TestServer, type TestUser } from './test-server.ts'

let server: TestServer
let requester: TestUser
let approver: TestUser
beforeAll(async () => {
  server = await startTestServer()
  requester = await server.signIn('requester')
  approver = await server.signIn('approver')
})
afterAll(() => server.stop())

describe('personal data in what people write', () => {
  it('as the reason of an answer is told by its kind only', async () => {
    const asked = await requester.client.calls.decide({ body: { action: 'delete_user', input: { request: 'user 17' } } })
    const id = String(asked.approval_id)
    const reason = 'spoke to jane@company.com, SSN 123-45-6789: fine'
    const decided = await approver.client.approvals.decide({ params: { id }, body: { approved: false, reason } })
    expect(decided.answers[0]?.reason).toBe('spoke to <EMAIL>, SSN <SSN>: fine')
    expect((await server.server.house.approvals.find(asked.call.tenant as never, id))?.answers).toMatchObject([
      { reason: decided.answers[0]?.reason },
    ])
  })

  it('as the id of a policy set is refused, by every way in', async () => {
    const policy = { text: 'permit (principal, action == Action::"chat", resource);' }
    const id = 'pii-123-45-6789'
    const ways = [
      requester.client.policies.create({ body: { id, policy } }),
      requester.client.policies.putDraft({ params: { id }, body: { policy, why: '' } }),
      requester.client.policies.load({ body: { sets: [{ id, policy }], publish: false, why: '' } }),
    ]
    for (const way of ways) {
      const refused = await way.catch((error: unknown) => error)
      expect(refused).toMatchObject({ status: 422, code: 'personal-data' })
      expect(String(refused)).not.toContain('6789')
    }
  })

  it('as the reason of what becomes of a policy set is told by its kind only, by every way in', async () => {
    await requester.client.principals.stepUp({ body: { password: server.credentials.requester.password } })
    const { policies } = requester.client
    const policy = { text: 'permit (principal, action == Action::"chat", resource);' }
    const why = 'asked by jane@company.com, SSN 123-45-6789'
    const params = { id: 'reasons' }
    await policies.putDraft({ params, body: { policy, why } })
    await policies.publish({ params, body: { why } })
    await policies.activate({ params, body: { version: 1, why } })
    await policies.lock({ params, body: { why } })
    await policies.unlock({ params, body: { why } })
    await policies.deactivate({ params, body: { why } })
    await policies.remove({ params, query: { why } })
    await policies.create({ body: { id: 'reasons-too', policy, why } })
    await policies.load({ body: { sets: [{ id: 'reasons-three', policy }], publish: true, why } })
    const told: string[] = []
    for (const id of ['reasons', 'reasons-too', 'reasons-three'])
      told.push(...(await policies.events({ params: { id } })).items.map((event) => event.why))
    expect(told).toEqual(Array.from({ length: 9 }, () => 'asked by <EMAIL>, SSN <SSN>'))
  })

  it('as the name of a honey token is refused', async () => {
    const name = 'in the notes of jane@company.com'
    const planted = requester.client.threats.plantHoneyToken({ body: { name, level: 'log' } })
    expect(await planted.catch((error: unknown) => error)).toMatchObject({ status: 422, code: 'personal-data' })
  })

  it('as the name of an API key is refused', async () => {
    const made = await requester.client.principals.createApiKey({ body: { name: 'for jane@company.com' } }).catch((error: unknown) => error)
    expect(made).toMatchObject({ status: 422, code: 'personal-data' })
    expect(String(made)).not.toContain('jane')
  })

  it('anywhere in the declaration of a tool is refused, told by place and kind only', async () => {
    const input = (more: object) => ({ type: 'object', properties: { to: { type: 'string', ...more } } })
    const declared = [
      [{ input: input({}), description: 'asks jane@company.com' }, '/description'],
      [{ input: input({ default: 'jane@company.com' }) }, '/input/properties/to/default'],
      [{ input: { type: 'object', properties: { 'jane@company.com': { type: 'string' } } } }, '/input/properties'],
      [{ input: input({ pattern: '^jane@company\\.com$' }) }, '/input/properties/to/pattern'],
      [{ input: input({ pattern: '123[-]45[-]6789' }) }, '/input/properties/to/pattern'],
      [{ input: input({ patternProperties: { 'jane@company\\.com': {} } }) }, '/input/properties/to/patternProperties'],
      [{ input: input({ enum: ['x', '123-45-6789'] }), resource: 'to' }, '/input/properties/to/enum/1'],
    ] as const
    for (const [body, path] of declared) {
      const put = requester.client.tools.put({ params: { name: 'mailer' }, query: {}, body: { effect: 'send', ...body } })
      const refused = await put.catch((error: unknown) => error)
      expect(refused).toMatchObject({ status: 422, code: 'personal-data', body: { errors: [{ path }] } })
      expect(JSON.stringify(refused)).not.toMatch(/jane|6789/u)
    }
    const named = requester.client.tools.put({ params: { name: 't_511-21-4001' }, query: {}, body: { effect: 'read', input: input({}) } })
    expect(await named.catch((error: unknown) => error)).toMatchObject({ status: 422, body: { errors: [{ path: '/name' }] } })
    expect((await requester.client.tools.list()).items.map(({ name }) => name)).not.toContain('mailer')
  })

  it('in a user agent is not kept: only what browser it is', async () => {
    const { email, password } = server.credentials.approver
    const agent = 'Mozilla/5.0 (X11; jane@company.com) AppleWebKit/537.36 Chrome/140.0.0.0 Safari/537.36'
    await fetch(`${server.url}/api/auth/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'user-agent': agent },
      body: JSON.stringify({ email, password }),
    })
    const { items } = await approver.client.principals.sessions()
    expect(items.map(({ user_agent }) => user_agent)).toContain('Chrome')
    expect(JSON.stringify(items)).not.toContain('jane')
  })
})
