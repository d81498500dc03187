import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestServer, type TestServer, type TestUser } from './test-server.ts'

let server: TestServer
let user: TestUser
beforeAll(async () => {
  server = await startTestServer({ still: true })
  user = await server.signIn('requester')
  await user.client.principals.stepUp({ body: { password: server.credentials.requester.password } })
  const input = { type: 'object', properties: { text: { type: 'string' } } }
  for (const [name, more] of Object.entries({ search: {}, drop: {}, buy: { cost: 400_000 }, keep: { boundary: 'trusted' as const } })) {
    await user.client.tools.put({ params: { name }, query: {}, body: { input, effect: 'read', ...more } })
  }
  const text = `
    @id("seldom") @rate("2/1m") permit (principal, action == Action::"search", resource);
    @id("cheap") @budget("1.00/1h") permit (principal, action == Action::"buy", resource);
    @id("two") @approval("approver") @approval_quorum("2") permit (principal, action == Action::"drop", resource);
    @id("hidden") @mask("SSN,EMAIL") permit (principal, action in [Action::"keep", Action::"search"], resource)
      when { context.pii_count > 0 };`
  await user.client.policies.create({ body: { id: 'obliging', policy: { text } } })
  await user.client.policies.activate({ params: { id: 'obliging' }, body: { why: 'a test' } })
  await user.client.policies.deactivate({ params: { id: 'default-guardrails' }, body: { why: 'it permits without obligations' } })
})
afterAll(() => server.stop())

const decide = (action: string, text = 'weather') => user.client.calls.decide({ body: { action, input: { text } } })

describe('obligations of permits, over REST', () => {
  it('are kept: a rate lets so many calls pass, refuses the next, and says when', async () => {
    for (let n = 0; n < 2; n++) expect((await decide('search')).verdict).toBe('allow')
    const refused = await decide('search')
    expect(refused).toMatchObject({ verdict: 'deny', reason: { code: 'rate-exceeded', retry_after_ms: 60_000 } })
    expect(refused.reason?.message).toContain('obliging/seldom')
    server.pass(60_000)
    expect((await decide('search')).verdict).toBe('allow')
  })

  it('are kept: a budget takes what the tool says that a call costs', async () => {
    for (let n = 0; n < 2; n++) expect((await decide('buy')).verdict).toBe('allow')
    expect(await decide('buy')).toMatchObject({ verdict: 'deny', reason: { code: 'budget-exceeded' } })
  })

  it('are kept: masking discharges for a tool that gets tokens, and not for one that gets the values', async () => {
    server.pass(120_000)
    for (let n = 0; n < 3; n++) expect((await decide('search', 'SSN 123-45-6789')).verdict).toBe('allow')
    expect(await decide('keep', 'SSN 123-45-6789')).toMatchObject({ verdict: 'deny', reason: { code: 'obligation-unmet' } })
  })

  it('are kept: as many different people as a permit asks for, each with the role', async () => {
    const asked = await decide('drop')
    expect(asked).toMatchObject({ verdict: 'hold', reason: { code: 'obligation-open' } })
    const [first, second, admin] = await Promise.all([server.signIn('approver'), server.userWith('approver'), server.userWith('admin')])
    const params = { id: asked.approval_id ?? '' }
    const yes = { params, body: { approved: true } }
    expect(await first.client.approvals.get({ params })).toMatchObject({ quorum: 2, roles: ['approver'], answers: [] })
    await expect(admin.client.approvals.decide(yes)).rejects.toMatchObject({ status: 403, code: 'not-asked' })
    expect(await first.client.approvals.decide(yes)).toMatchObject({ state: 'pending', answers: [{ approved: true }] })
    await expect(first.client.approvals.decide(yes)).rejects.toMatchObject({ status: 409, code: 'already-answered' })
    expect(await user.client.calls.resume({ params: { id: asked.id } })).toMatchObject({ verdict: 'hold' })
    expect(await second.client.approvals.decide(yes)).toMatchObject({ state: 'approved' })
    const resumed = await user.client.calls.resume({ params: { id: asked.id } })
    expect(resumed).toMatchObject({ verdict: 'allow', policy: { determining: ['obliging/two'] } })
  })

  it('are on the certificate with the policy that they come from', async () => {
    server.pass(120_000)
    const { id } = await decide('search')
    const { statement } = await user.client.evidence.certificate({ params: { id } })
    expect(statement['predicate']).toMatchObject({ obligations: [{ name: 'rate', value: '2/1m', policy: 'obliging/seldom' }] })
  })

  it('are told by evaluating an example as by deciding', async () => {
    const asked = { principal: { id: 'User::x', roles: [] }, action: 'search', resource: 'tool:search', context: { input: { text: 'x' } } }
    expect(await user.client.policies.evaluate({ body: asked })).toMatchObject({ verdict: 'allow', determining: ['obliging/seldom'] })
  })
})
