import { type Problem, routes } from '@agentgate/api'
import { starterSets } from '@agentgate/core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestServer, type TestServer, type TestUser } from './test-server.ts'

let server: TestServer
let user: TestUser
beforeAll(async () => {
  server = await startTestServer()
  user = await server.signIn('requester')
})
afterAll(() => server.stop())

const validate = (
  policy: { text: string } | { quick: Record<string, unknown> } | { conditioned: Record<string, unknown> },
  invariants?: string,
) => user.client.policies.validate({ body: { policy, ...(invariants !== undefined && { invariants }) } })
const when = (condition: string) => ({ text: `forbid (principal, action, resource) when { ${condition} };` })
const codesOf = async (...asked: Parameters<typeof validate>) => (await validate(...asked)).diagnostics.map(({ code }) => code)
const problem = async (asked: Promise<unknown>): Promise<Problem> =>
  asked.then(
    () => expect.fail('it was not refused'),
    (error: unknown) => error as Problem,
  )

describe('personal data in a policy', () => {
  it.each([
    'context.resource == "ceo@company.com"',
    'context.resource like "*ceo@company.com*"',
    'context.resource == "mail ceo@company.com now"',
    'context.resource like "/users/ceo@company.com/*"',
    'context.resource == "call 555-123-4567"',
    'context.resource like "*4111111111111111*"',
    'context.matched.contains("resource matches ^/users/ceo@company\\\\.com/")',
  ])('is refused wherever it stands in a literal: %s', async (condition) => {
    const found = await validate(when(condition))
    expect(found).toMatchObject({ valid: false, diagnostics: [{ code: 'personal-data', line: 1 }] })
    expect(JSON.stringify(found)).not.toMatch(/ceo|4567|4111/)
  })

  it('is refused in ids, in advice, in quick rules and in invariants, and not repeated', async () => {
    const annotated = (annotation: string) => ({ text: `${annotation} permit (principal, action in Action::"read", resource);` })
    for (const found of [
      await validate(annotated('@id("ceo@company.com")')),
      await validate(annotated('@advice("Ask ceo@company.com")')),
      await validate({ quick: { pre_rules: [{ type: 'permit', action: '*', resource: '/users/ceo@company.com/*' }] } }),
      await validate(annotated('@id("fine")'), '@invariant("no mail to ceo@company.com") forbid (principal, action, resource);'),
    ]) {
      expect(found).toMatchObject({ valid: false, diagnostics: [{ code: 'personal-data' }] })
      expect(JSON.stringify(found)).not.toContain('ceo')
    }
  })

  it('is refused in comments, beside rules, and however a regular expression for one text is spelled', async () => {
    const conditioned = { policy_set_id: 'x', version: 1, description: 'mail ceo@company.com', default_effect: 'deny', rules: [] }
    expect(await codesOf({ conditioned })).toEqual(['personal-data'])
    expect(await codesOf({ text: '// ceo@company.com\npermit (principal, action in Action::"read", resource);' })).toEqual([
      'personal-data',
    ])
    for (const spelled of [
      String.raw`ceo@company\\.com`,
      String.raw`ceo[@]company[.]com`,
      String.raw`ceo\\x40company.com`,
      String.raw`ceo\\x{40}company.com`,
      '(?:ceo)@(company).com',
      '123[-]45[-]6789',
    ]) {
      const matching = `context.matched.contains("resource matches ${spelled}")`
      expect([spelled, await codesOf(when(matching))]).toEqual([spelled, ['personal-data']])
    }
  })

  it('is not a regular expression for the addresses of many', async () => {
    const many = String.raw`context.matched.contains("resource matches ^/users/[\\w.+-]+@company\\.com$")`
    expect(await codesOf(when(many))).toEqual([])
  })

  it('is not the address of a network, in Cedar or in quick rules, nor a duration', async () => {
    expect(await codesOf(when('context.source_ip.isInRange(ip("10.0.0.0/8")) || context.source_ip == ip("192.168.7.12")'))).toEqual([])
    expect(await codesOf(when('context.source_ip == ip("2001:db8::7")'))).toEqual([])
    expect(await codesOf(when('context.now.offset(duration("57646295132667904ms")) == context.now'))).toEqual([])
    expect(await codesOf(when('context.resource like "http://10.20.30.40/*" || context.resource == "00:1A:2B:3C:4D:5E"'))).toEqual([])
    for (const type of ['ip_deny', 'ip_allow'])
      for (const cidr of ['10.0.0.0/8', '192.168.7.12', '2001:db8::/32'])
        expect(await codesOf({ quick: { pre_rules: [{ type, cidr }] } })).toEqual([])
  })

  it('is not what merely looks a little like it: domains, numbered resources, starter sets', async () => {
    for (const literal of ['*@company.com', 'arn:aws:iam::123456789012:role/admin', '/orders/2024-00012345/*', 'User::0123456789', 'sk-*'])
      expect(await codesOf(when(`context.resource like "${literal}"`))).toEqual([])
    for (const { text, invariants } of starterSets) expect(await codesOf({ text }, invariants)).toEqual([])
  })

  it('decides by the address of the network that a rule names', async () => {
    const asked = (source_ip: string) =>
      user.client.policies.evaluate({
        body: {
          principal: { id: 'User::x', roles: [] },
          action: 'read',
          resource: '/x',
          context: { source_ip },
          quick: {
            pre_rules: [
              { type: 'permit', action: '*', resource: '*' },
              { type: 'ip_deny', cidr: '10.0.0.0/8' },
            ],
          },
        },
      })
    expect((await asked('10.1.2.3')).verdict).toBe('deny')
    expect((await asked('11.1.2.3')).verdict).toBe('allow')
    expect((await problem(asked('10.1.2.3.4'))).status).toBe(422)
  })
})

describe('what a reader asks of policies', () => {
  const hostile = '(a{1,1000}|b{0,999}|c{1,998}|[^x]{1,997})'.repeat(18)
  const rules = {
    policy_set_id: 'x',
    version: 1,
    default_effect: 'deny',
    rules: Array.from({ length: 18 }, (_, index) => ({
      rule_id: `r${index}`,
      effect: 'deny',
      conditions: [{ field: 'resource', operator: 'matches', value: hostile }],
    })),
  }
  const alive = async () => expect((await fetch(server.url + routes.health.liveness.path)).status).toBe(200)
  /** How often the server was found alive while `work` was underway. */
  const aliveDuring = async (work: Promise<unknown>): Promise<number> => {
    let underway = true
    void work.catch(() => undefined).finally(() => (underway = false))
    for (let times = 0; ; times++) {
      await alive()
      if (!underway) return times
    }
  }

  it('is refused where its expressions are too large, with the limit: when evaluating and when validating', async () => {
    const approver = await server.signIn('approver')
    const body = { conditioned: rules, principal: { id: 'u', roles: [] }, action: 'read', resource: '/x' }
    const refused = await problem(approver.client.policies.evaluate({ body }))
    expect(refused).toMatchObject({ status: 422, code: 'invalid-policy' })
    expect(refused.body.errors?.map(({ path }) => path)).toContain('/policy/conditioned/rules/17/conditions/0')
    expect(refused.message).toContain('2500')
    const found = await approver.client.policies.validate({ body: { policy: { conditioned: rules } } })
    expect(found).toMatchObject({ valid: false })
    const many = {
      ...rules,
      rules: rules.rules.map((each, index) => ({ ...each, conditions: [{ ...each.conditions[0], value: `a{1,900}${index}` }] })),
    }
    const together = await approver.client.policies.validate({ body: { policy: { conditioned: many } } })
    expect(together.diagnostics[0]?.message).toContain('10000')
    await alive()
  })

  it('keeps nobody else waiting: the server answers while it reads many invariants, or rules for many tools', async () => {
    for (let index = 0; index < 20; index++)
      await user.client.tools.put({
        params: { name: `many_${index}` },
        query: {},
        body: { input: { type: 'object', properties: { shared: { type: 'string' } } }, effect: 'read' },
      })
    const invariants = Array.from(
      { length: 1_500 },
      (_, index) => `@invariant("i${index}") forbid (principal, action, resource) when { context.resource like "/x${index}/*" };`,
    ).join('\n')
    const text = 'permit (principal, action == Action::"read", resource);'
    const asked = user.client.policies.validate({ body: { policy: { text }, invariants } })
    expect(await aliveDuring(asked)).toBeGreaterThan(3)
    expect((await asked).valid).toBe(true)
    const spread = Array.from({ length: 30 }, (_, index) => ({
      rule_id: `r${index}`,
      effect: 'deny',
      conditions: [{ field: 'input.shared', operator: 'eq', value: 'a' }],
    }))
    const wide = user.client.policies.validate({ body: { policy: { conditioned: { ...rules, rules: spread } } } })
    expect(await aliveDuring(wide)).toBeGreaterThan(3)
    expect(await wide).toMatchObject({ valid: true, policies: 600 })
  }, 120_000)

  it('keeps no change waiting: an activation passes analyses, of which each caller has one at a time', async () => {
    const { client } = await server.signIn('requester')
    const heavy = Array.from(
      { length: 900 },
      (_, index) =>
        `@id("p${index}") forbid (principal, action, resource) when { context.resource like "*a${index}*b*c${index}*" && context.tool like "*${index}*z*" };`,
    ).join('\n')
    await client.policies.create({ body: { id: 'heavy', policy: { text: heavy } } })
    await client.policies.create({
      body: {
        id: 'light',
        policy: { text: '@id("p") forbid (principal, action, resource) when { context.pii_count > 900 };' },
        invariants:
          '@invariant("nothing is deleted") forbid (principal, action in Action::"delete", resource) when { context.pii_count > 900 };',
      },
    })
    const gone = new AbortController()
    const underway = new Set<TestUser>()
    const ended: Promise<unknown>[] = []
    const analyse = ({ client }: TestUser, signal?: AbortSignal) =>
      client.policies.analyze({
        params: { id: 'heavy' },
        body: { questions: ['findings'] },
        ...(signal && { signal }),
      })
    const approver = await server.signIn('approver')
    await server.until(async () => {
      for (const who of [user, approver]) {
        if (underway.has(who)) continue
        underway.add(who)
        const ends = analyse(who, gone.signal).finally(() => underway.delete(who))
        ended.push(ends.catch(() => undefined))
      }
      // Whoever comes first has the turn: these have been asked before the next is.
      await client.policies.list()
      const busy = await analyse(user, AbortSignal.timeout(1_000)).then(
        () => undefined,
        (error: unknown) => error as Problem,
      )
      return busy?.code === 'analysis-busy' && busy.status === 429
    })
    await client.policies.activate({ params: { id: 'light' }, body: {} })
    expect(underway.size).toBe(2)
    // Whoever goes gives up what they asked, and may ask again.
    gone.abort()
    await Promise.all(ended)
    const again = () => client.policies.analyze({ params: { id: 'light' }, body: { questions: ['invariants'] } })
    await server.until(async () => (await again().catch(() => undefined)) !== undefined)
    expect((await again()).invariants).toMatchObject([{ answer: 'holds' }])
  }, 120_000)
})
