import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestServer, type TestServer, type TestUser } from './test-server.ts'

let server: TestServer
let user: TestUser
let other: TestUser
beforeAll(async () => {
  server = await startTestServer({ still: true })
  user = await server.signIn('requester')
  other = await server.userWith('admin')
  await user.client.principals.stepUp({ body: { password: server.credentials.requester.password } })
  const input = { type: 'object', properties: { text: { type: 'string' } } }
  for (const [name, more] of Object.entries({
    search: {},
    drop: {},
    wipe: {},
    raze: {},
    buy: { cost: 400_000 },
    keep: { boundary: 'trusted' as const },
  })) {
    await user.client.tools.put({ params: { name }, query: {}, body: { input, effect: 'read', ...more } })
  }
  const text = `
    @id("seldom") @rate("2/1m") permit (principal, action == Action::"search", resource);
    @id("cheap") @budget("1.00/1h") permit (principal, action == Action::"buy", resource);
    @id("two") @approval("approver") @approval_quorum("2") permit (principal, action == Action::"drop", resource);
    @id("sure") @confirm("preview") permit (principal, action == Action::"wipe", resource);
    @id("both") @confirm("preview") @approval("approver") permit (principal, action == Action::"raze", resource);
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
    expect(await user.client.calls.resume({ params: { id: asked.id }, body: {} })).toMatchObject({ verdict: 'hold' })
    expect(await second.client.approvals.decide(yes)).toMatchObject({ state: 'approved' })
    const resumed = await user.client.calls.resume({ params: { id: asked.id }, body: {} })
    expect(resumed).toMatchObject({ verdict: 'allow', policy: { determining: ['obliging/two'] } })
    await expect(first.client.approvals.decide(yes)).rejects.toMatchObject({ status: 409, code: 'already-decided' })
  })

  it('are kept: what only the asker can supply is asked of nobody else, and stays said', async () => {
    const asked = await decide('wipe')
    expect(asked).toMatchObject({
      verdict: 'hold',
      obligations: [{ name: 'confirm', value: 'preview' }],
      call: { input: { text: 'weather' } },
    })
    expect(asked.approval_id).toBeUndefined()
    const params = { id: asked.id }
    expect(await user.client.calls.resume({ params, body: {} })).toMatchObject({ verdict: 'hold' })
    await expect(other.client.calls.resume({ params, body: { confirm: true } })).rejects.toMatchObject({ status: 404 })
    expect(await user.client.calls.resume({ params, body: { confirm: true } })).toMatchObject({ verdict: 'allow' })

    const both = await decide('raze')
    expect(both).toMatchObject({ verdict: 'hold', approval_id: expect.any(String) })
    await user.client.calls.resume({ params: { id: both.id }, body: { confirm: true } })
    const approver = await server.signIn('approver')
    await approver.client.approvals.decide({ params: { id: both.approval_id ?? '' }, body: { approved: true } })
    expect(await user.client.calls.resume({ params: { id: both.id }, body: {} })).toMatchObject({ verdict: 'allow' })
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
