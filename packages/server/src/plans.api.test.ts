import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestServer, type TestServer, type TestUser } from './test-server.ts'

let server: TestServer
let user: TestUser
let agent: TestUser
beforeAll(async () => {
  server = await startTestServer({ still: true })
  user = await server.signIn('requester')
  agent = await server.agentOf('planner')
  await user.client.principals.stepUp({ body: { password: server.credentials.requester.password } })
  const input = { type: 'object', properties: { resource: { type: 'string' }, text: { type: 'string' } } }
  for (const [name, more] of Object.entries({
    look_up: { outputLabel: 'none' as const },
    read_mail: { outputLabel: 'untrusted' as const },
    buy: { effect: 'pay' as const, cost: 400_000, outputLabel: 'none' as const },
  }))
    await user.client.tools.put({ params: { name }, query: {}, body: { input, effect: 'read', ...more } })
  const text = `
    @id("api") permit (principal, action in [Action::"read", Action::"delete"], resource) when { context.resource like "/api/*" };
    @id("seldom") @rate("2/1m") permit (principal, action == Action::"look_up", resource) when { context.resource like "/seldom/*" };
    @id("cheap") @budget("1.00/1h") permit (principal, action == Action::"buy", resource);
    @id("asked") @approval("approver") permit (principal, action == Action::"look_up", resource) when { context.resource like "/asked/*" };
    @id("mail") permit (principal, action == Action::"read_mail", resource);
    @id("no-prod") forbid (principal, action in Action::"delete", resource) when { context.resource like "/prod/*" };
    @id("untainted") forbid (principal, action == Action::"buy", resource) when { context.taint == "untrusted" };`
  await user.client.policies.create({ body: { id: 'planned', policy: { text } } })
  await user.client.policies.activate({ params: { id: 'planned' }, body: { why: 'a test' } })
  await user.client.policies.deactivate({ params: { id: 'default-guardrails' }, body: { why: 'it permits more' } })
})
afterAll(() => server.stop())

const verify = (steps: { action: string; resource?: string; input?: Record<string, unknown> }[], more: object = {}) =>
  agent.client.plans.verify({ body: { steps, ...more } })
const read = { action: 'look_up', resource: '/api/data' }
const size = async () => (await user.client.evidence.checkpoint()).size

describe('a plan, over REST', () => {
  it('is blocked at the first step that a policy refuses, whose name is told, each step proved', async () => {
    const before = await size()
    const answer = await verify([
      { action: 'read', resource: '/api/data' },
      { action: 'delete', resource: '/prod/db' },
      { action: 'read', resource: '/api/more' },
    ])
    expect(answer).toMatchObject({
      safe: false,
      inconclusive: false,
      evaluated_steps: 2,
      blocked_step_index: 1,
      counterexample: { action: 'delete', resource: '/prod/db' },
      trace: [{ verdict: 'allow' }, { verdict: 'deny', code: 'policy-forbid' }],
    })
    expect(answer.blocked_reason).toContain('no-prod')
    for (const { solver } of answer.trace) expect(['simplified', 'unsat']).toContain(solver)
    expect(await size()).toBe(before)
  })

  it('is safe where each step would be allowed', async () => {
    expect(await verify([read, { action: 'delete', resource: '/api/old' }])).toMatchObject({ safe: true, evaluated_steps: 2, bound: 10 })
  })

  it('counts what its own steps would have done, and leaves nothing counted', async () => {
    const seldom = { action: 'look_up', resource: '/seldom/x' }
    for (let again = 0; again < 2; again++) {
      expect(await verify([seldom, seldom, seldom])).toMatchObject({ blocked_step_index: 2, trace: [{}, {}, { code: 'rate-exceeded' }] })
      expect(await verify([seldom, seldom])).toMatchObject({ safe: true })
    }
    expect(await verify([{ action: 'buy' }, { action: 'buy' }, { action: 'buy' }])).toMatchObject({
      blocked_step_index: 2,
      trace: [{}, {}, { code: 'budget-exceeded' }],
    })
    const { verdict } = await agent.client.calls.decide({ body: { action: 'look_up', input: { resource: '/seldom/x' } } })
    expect(verdict).toBe('allow')
  })

  it('remembers what its steps would have read', async () => {
    expect(await verify([{ action: 'buy' }])).toMatchObject({ safe: true })
    expect(await verify([{ action: 'read_mail' }, { action: 'buy' }])).toMatchObject({
      blocked_step_index: 1,
      trace: [{}, { code: 'policy-forbid' }],
    })
  })

  it('does not go on where a person would be asked, and asks nobody', async () => {
    expect(await verify([{ action: 'look_up', resource: '/asked/x' }, read])).toMatchObject({
      safe: false,
      blocked_step_index: 0,
      trace: [{ verdict: 'hold' }],
    })
    expect((await user.client.approvals.list({ query: { state: 'pending' } })).items).toEqual([])
  })

  it('with more steps than its risk lets be looked at is inconclusive, never safe', async () => {
    const steps = Array.from({ length: 6 }, () => read)
    expect(await verify(steps, { risk: 'low' })).toMatchObject({ safe: false, inconclusive: true, evaluated_steps: 5, bound: 5 })
    expect(await verify(steps)).toMatchObject({ safe: true, inconclusive: false })
    await expect(verify(steps, { risk: 'none' })).rejects.toMatchObject({ status: 422 })
  })

  it('is judged by a policy that nobody published, where one is given, and its errors are told', async () => {
    const policy = { text: '@id("none") forbid (principal, action, resource);' }
    const answer = await verify([read], { policy })
    expect(answer).toMatchObject({ safe: false, trace: [{ code: 'policy-forbid' }] })
    expect(answer.digests).toHaveLength(1)
    expect((await verify([read])).safe).toBe(true)
    await expect(verify([read], { policy: { text: 'permit (' } })).rejects.toMatchObject({ status: 422 })
  })

  it('is told masked, and found to be a threat where its calls would be', async () => {
    const answer = await verify([{ action: 'look_up', resource: '/elsewhere', input: { text: 'SSN 123-45-6789' } }])
    expect(answer).toMatchObject({ safe: false, counterexample: { input: { text: 'SSN <SSN_1>' } } })
    expect(JSON.stringify(answer)).not.toContain('6789')
    expect(await verify([{ ...read, input: { text: "x' OR '1'='1" } }])).toMatchObject({ safe: false, trace: [{ verdict: 'deny' }] })
    expect(await verify([{ ...read, input: { text: 5 } }])).toMatchObject({ safe: false, trace: [{ code: 'invalid-input' }] })
  })

  it('of somebody else is for who may read of people, with the roles that the server knows', async () => {
    const me = (await agent.client.principals.me()).id
    const others = (await user.client.principals.me()).id
    expect(await user.client.plans.verify({ body: { principal: me, steps: [read] } })).toMatchObject({ safe: true })
    await expect(verify([read], { principal: others })).rejects.toMatchObject({ status: 403 })
    await expect(user.client.plans.verify({ body: { principal: 'Agent::nobody', steps: [read] } })).rejects.toMatchObject({ status: 404 })
    await expect(verify([read], { roles: ['admin'] })).rejects.toMatchObject({ status: 422 })
  })

  it('takes no input that is too much to be looked through', async () => {
    const input = { many: Array.from({ length: 20_001 }, () => 1) }
    await expect(verify([{ action: 'read', input }])).rejects.toMatchObject({ status: 422 })
    await expect(verify([])).rejects.toMatchObject({ status: 422 })
  })
})
