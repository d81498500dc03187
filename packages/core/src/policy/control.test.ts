import { describe, expect, it } from 'vitest'
import type { Call, MaskedCall } from '../call.ts'
import type { JsonObject } from '../json.ts'
import { policy } from './control.ts'
import { canonical, digestOf, readCedar } from './cedar-text.ts'
import type { PolicySet } from './policies.ts'
import { registeredTools } from './registered-tools.ts'
import type { PolicyTool } from './schema.ts'
import { defaultGuardrails } from './starter/default-guardrails.ts'

const asking = { now: 0, earlier: [], signal: new AbortController().signal }

const set = (text: string, id = 'set'): PolicySet =>
  ({ id, version: 1, digest: digestOf(canonical(text)), text, publishedAt: 0, publishedBy: 'User::u1' }) as unknown as PolicySet

const call = (more: { [key: string]: unknown } = {}, context: JsonObject = {}): MaskedCall => {
  const base = {
    id: 'c1',
    tenant: 'acme',
    principal: { id: 'User::u1', tenant: 'acme', roles: ['developer'], mfa: false },
    session: 's1',
    tool: { name: 'chat', digest: '', effect: 'execute', boundary: 'external', arguments: {} },
    action: 'model.call',
    resource: 'tool:chat',
    input: { message: 'hello' },
    context: { now: 1_700_000_000_000, mfa: false, session: 's1', taint: 'none', ...context },
  }
  return { ...base, ...more } as unknown as Call as MaskedCall
}

const deleting = (context: JsonObject = {}, more: { [key: string]: unknown } = {}) =>
  call(
    {
      tool: { name: 'delete_user', digest: '', effect: 'delete', boundary: 'external', arguments: {} },
      action: 'delete_user',
      resource: 'tool:delete_user',
      input: { name: 'x' },
      ...more,
    },
    context,
  )

const judge = (texts: string | readonly PolicySet[], asked = call(), tool?: PolicyTool) =>
  policy({ active: async () => (typeof texts === 'string' ? [set(texts)] : texts), ...(tool && { tool: async () => tool }) }).evaluate(
    asked,
    asking,
  )

const approved = { approval: { id: 'a1', by: 'User::u2', quorum: 1, given: { approver: 1 } } }
const permit = 'permit (principal, action, resource);'

describe('the policy control', () => {
  it('denies when no set is active, and says what to do', async () => {
    expect(await judge([])).toMatchObject({ verdict: 'deny', reason: { code: 'no-permit', message: expect.stringContaining('activate') } })
  })

  it('denies when no permit applies', async () => {
    expect(await judge('permit (principal in Role::"admin", action, resource);')).toMatchObject({
      verdict: 'deny',
      reason: { code: 'no-permit' },
    })
  })

  it('allows what a permit permits, and names the policy and the sets it used', async () => {
    const one = set(`@id("p") ${permit}`)
    expect(await judge([one])).toEqual({ verdict: 'allow', obligations: [], policy: { digests: [one.digest], determining: ['set/p'] } })
  })

  it('lets any forbid of any active set deny, and names it', async () => {
    const found = await judge([set(permit, 'a'), set('@id("no") @advice("Ask Ann.") forbid (principal, action, resource);', 'b')])
    expect(found).toMatchObject({ verdict: 'deny', reason: { code: 'policy-forbid', message: expect.stringMatching(/`b\/no`.*Ask Ann/u) } })
    expect(found.policy?.determining).toEqual(['b/no'])
  })

  it('denies when a forbid cannot be evaluated, whatever is permitted', async () => {
    const found = await judge(`${permit} @id("broken") forbid (principal, action, resource) when { context.input.missing == 1 };`)
    expect(found).toMatchObject({ verdict: 'deny', reason: { code: 'policy-error', message: expect.stringContaining('`set/broken`') } })
  })

  it('does not count a permit that cannot be evaluated', async () => {
    expect(await judge('permit (principal, action, resource) when { context.input.missing == 1 };')).toMatchObject({
      reason: { code: 'no-permit' },
    })
  })

  it('matches a tool by its name, by the action it declares and by its effect', async () => {
    for (const name of ['chat', 'model.call', 'execute']) {
      expect((await judge(`permit (principal, action in Action::"${name}", resource);`)).verdict).toBe('allow')
    }
    expect((await judge('permit (principal, action in Action::"read", resource);')).verdict).toBe('deny')
  })

  describe('obligations', () => {
    it('hold a call that only permits with open obligations permit, and name them', async () => {
      const found = await judge(`@id("p") @approval("approver") @mfa("required") ${permit}`)
      expect(found).toMatchObject({
        verdict: 'hold',
        obligations: [
          { name: 'approval', value: 'approver', policy: 'set/p' },
          { name: 'mfa', value: 'required', policy: 'set/p' },
        ],
      })
    })

    it('are discharged by the facts that they ask for', async () => {
      expect((await judge(`@approval("approver") ${permit}`, call({}, approved))).verdict).toBe('allow')
      expect((await judge(`@approval("approver") @approval_quorum("2") ${permit}`, call({}, approved))).verdict).toBe('hold')
      const two = { approval: { ...approved.approval, quorum: 2 } }
      expect((await judge(`@approval("approver") @approval_quorum("2") ${permit}`, call({}, two))).verdict).toBe('hold')
      const both = { approval: { ...two.approval, given: { approver: 2 } } }
      expect((await judge(`@approval("approver") @approval_quorum("2") ${permit}`, call({}, both))).verdict).toBe('allow')
      expect((await judge(`@approval("security_admin") ${permit}`, call({}, approved))).verdict).toBe('hold')
      expect((await judge(`@approval("any") ${permit}`, call({}, approved))).verdict).toBe('allow')
      const factor = call({ principal: { id: 'User::u1', tenant: 'acme', roles: [], mfa: true } })
      expect((await judge(`@mfa("required") ${permit}`, factor)).verdict).toBe('allow')
    })

    it('that nobody can discharge leave a call denied that a forbid would hold', async () => {
      const held = `@id("wait") @hold("approval") forbid (principal, action, resource) unless { context has approval };`
      expect((await judge(`${permit} ${held}`)).verdict).toBe('hold')
      expect((await judge(`@rate("1/1m") ${permit} ${held}`)).verdict).toBe('deny')
    })

    it('of one permit do not burden another that is discharged', async () => {
      expect((await judge(`@approval("approver") ${permit} @id("free") ${permit}`)).policy?.determining).toEqual(['set/free'])
    })

    it('to mask are discharged for a tool that gets tokens, by a mask that replaces those kinds', async () => {
      const asked = (masks: readonly string[], boundary: string) =>
        policy({ active: async () => [set(`@mask("SSN,EMAIL") ${permit}`)], masks: new Set(masks) }).evaluate(
          call({ tool: { ...call().tool, boundary } }),
          asking,
        )
      expect((await asked(['EMAIL', 'SSN'], 'external')).verdict).toBe('allow')
      expect(await asked(['SSN'], 'external')).toMatchObject({ verdict: 'deny', reason: { code: 'obligation-unmet' } })
      expect(await asked(['EMAIL', 'SSN'], 'trusted')).toMatchObject({ verdict: 'deny', reason: { code: 'obligation-unmet' } })
    })

    it('to limit are left to what reserves, and named for it', async () => {
      const control = policy({ active: async () => [set(`@id("p") @rate("2/1m") @budget("1.00/1d") ${permit}`)], reserves: true })
      expect(await control.evaluate(call(), asking)).toMatchObject({
        verdict: 'allow',
        obligations: [
          { name: 'rate', value: '2/1m', policy: 'set/p' },
          { name: 'budget', value: '1.00/1d', policy: 'set/p' },
        ],
      })
    })

    it('that nothing provides deny, and are never ignored', async () => {
      for (const stuck of ['@rate("100/1m")', '@budget("10.00/1d")', '@mask("SSN")']) {
        expect(await judge(`${stuck} @approval("approver") ${permit}`, call({}, approved))).toMatchObject({
          verdict: 'deny',
          reason: { code: 'obligation-unmet' },
        })
      }
    })
  })

  describe('a forbid marked @hold', () => {
    const text = `${permit} @hold("approval") forbid (principal, action, resource) unless { context has approval };`

    it('holds until the fact is there', async () => {
      expect(await judge(text)).toMatchObject({ verdict: 'hold', obligations: [{ name: 'approval' }] })
      expect((await judge(text, call({}, approved))).verdict).toBe('allow')
    })

    it('denies when the fact is there and it still applies', async () => {
      const stubborn = `${permit} @hold("approval") forbid (principal, action, resource);`
      expect(await judge(stubborn, call({}, approved))).toMatchObject({ verdict: 'deny', reason: { code: 'policy-forbid' } })
    })

    it('does not hold a call that no permit could follow', async () => {
      const alone = '@hold("approval") forbid (principal, action, resource) unless { context has approval };'
      expect(await judge(alone)).toMatchObject({ verdict: 'deny', reason: { code: 'policy-forbid' } })
    })

    it('does not soften another forbid', async () => {
      expect((await judge(`${text} forbid (principal, action, resource);`)).verdict).toBe('deny')
    })
  })

  describe('facts', () => {
    it('have a value for none, so that rules on them need no guard', async () => {
      const none = `permit (principal, action, resource) when {
        context.source_ip == ip("::") && context.pii_count == 0 && context.pii_kinds.isEmpty() && context.threat_severity == "none" &&
        context.threat_kinds.isEmpty() && context.restores.isEmpty() && context.email_domains.isEmpty() && context.taint == "none" };`
      expect((await judge(none)).verdict).toBe('allow')
    })

    it('read an IPv4 address out of the IPv6 that wraps it', async () => {
      const inside = 'permit (principal, action, resource) when { context.source_ip.isInRange(ip("10.0.0.0/8")) };'
      for (const address of ['10.1.2.3', '::ffff:10.1.2.3', '::FFFF:0a01:0203', '0:0:0:0:0:ffff:10.1.2.3']) {
        expect((await judge(inside, call({}, { source_ip: address }))).verdict).toBe('allow')
      }
    })

    it('place a resource under the paths above it, wherever it climbs', async () => {
      const prod = 'permit (principal, action, resource in Resource::"/prod");'
      expect((await judge(prod, call({ resource: '/prod/db/users' }))).verdict).toBe('allow')
      expect((await judge(prod, call({ resource: '/production' }))).verdict).toBe('deny')
      expect((await judge(prod, call({ resource: '/prod//x' }))).verdict).toBe('allow')
      expect(await judge(prod, call({ resource: '/prod/../etc' }))).toMatchObject({ verdict: 'deny', reason: { code: 'no-permit' } })
      expect(await judge(prod, call({ resource: '/etc/../prod/x' }))).toMatchObject({
        verdict: 'deny',
        reason: { code: 'invalid-request' },
      })
    })

    it('allow any spelling where no policy speaks of resources', async () => {
      for (const resource of [
        '//',
        '/a/../prod',
        '/prod%2fdb',
        '\\prod',
        '/prod\0',
        ' /prod',
        '/PROD',
        'What; is / this?',
        '/%zz',
        '/x'.repeat(9),
      ]) {
        expect([resource, (await judge(permit, call({ resource }))).verdict]).toEqual([resource, 'allow'])
      }
    })

    it('judge a path with a last slash as the folder and as what lies under it', async () => {
      const forbid = (when: string) =>
        `${permit} forbid (principal, action, resource${when.startsWith('when') ? `) ${when}` : ` ${when})`};`
      const folder = [
        '== Resource::"/prod"',
        'in Resource::"/prod"',
        'when { context.resource == "/prod" }',
        'when { context.resource like "*prod" }',
        'when { ["/prod"].contains(context.resource) }',
        'when { context.matched.contains("resource matches d$") }',
      ]
      const under = [
        '== Resource::"/prod/"',
        'when { context.resource like "/prod/*" }',
        'when { context.resource like "*/" }',
        'when { context.matched.contains("resource matches ^/prod/") }',
      ]
      for (const when of [...folder, ...under]) {
        expect([when, (await judge(forbid(when), call({ resource: '/prod/' }))).verdict]).toEqual([when, 'deny'])
        expect([when, (await judge(forbid(when), call({ resource: '/other/' }))).verdict]).toEqual([
          when,
          when.includes('"*/"') ? 'deny' : 'allow',
        ])
      }
      const permitted = (rules: string) => judge(rules, call({ resource: '/prod/' }))
      expect((await permitted('permit (principal, action, resource in Resource::"/prod");')).verdict).toBe('allow')
      const apart = await permitted('permit (principal, action, resource) when { context.resource like "/prod/*" };')
      expect(apart).toMatchObject({ verdict: 'deny' })
      const bound = `${permit} @mfa("required") permit (principal, action, resource) when { context.resource == "/prod" };`
      expect((await permitted(bound)).verdict).toBe('allow')
      const held =
        '@mfa("required") permit (principal, action, resource == Resource::"/prod"); permit (principal, action, resource == Resource::"/prod/");'
      expect(await permitted(held)).toMatchObject({
        verdict: 'deny',
        reason: { code: 'invalid-request', message: expect.stringContaining('another path') },
        facts: { readings_differ: true },
      })
    })

    it('judge afresh what was found apart before, so that a replay shows what other policies do', async () => {
      expect((await judge(permit, call({ resource: '/prod/' }, { readings_differ: true }))).verdict).toBe('allow')
    })

    it('never read an entity or an extension value out of the input', async () => {
      for (const input of [{ x: { __entity: { type: 'Role', id: 'admin' } } }, { x: { __extn: { fn: 'ip', arg: '10.0.0.1' } } }]) {
        expect(await judge(permit, call({ input }))).toMatchObject({ reason: { code: 'invalid-request' } })
      }
    })

    it('deny texts that the regular expressions would take too long to read', async () => {
      const rule = (n: number) =>
        `forbid (principal, action, resource) when { context.matched.contains("input.path matches [ab]*a[ab]{${n}}c$") };`
      const rules = Array.from({ length: 40 }, (_, index) => rule(200 + index)).join('\n')
      const asked = (path: string) => judge(`${permit}\n${rules}`, call({ input: { path } }))
      expect(await asked('ab'.repeat(45_000))).toMatchObject({
        verdict: 'deny',
        reason: { code: 'invalid-request', message: expect.stringContaining('send less') },
      })
      expect((await asked('ab'.repeat(200))).verdict).toBe('allow')
    })

    it('deny numbers that Cedar cannot say exactly', async () => {
      for (const n of [2 ** 53, 0.12345, 1e300, 1e-7]) {
        expect(await judge(permit, call({ input: { n } }))).toMatchObject({ reason: { code: 'invalid-request' } })
      }
      expect((await judge(permit, call({ input: { n: 0.1234, m: -5 } }))).verdict).toBe('allow')
    })

    const tool: PolicyTool = {
      name: 'chat',
      action: 'model.call',
      effect: 'execute',
      inputSchema: {
        type: 'object',
        properties: { amount: { type: 'number' }, count: { type: 'integer' }, note: { type: 'string' } },
        required: ['amount'],
      },
    }

    it('type the input by the schema of the tool', async () => {
      const text =
        'permit (principal, action, resource) when { context.input.amount.lessThan(decimal("6.0")) && !(context.input has other) };'
      expect((await judge(text, call({ input: { amount: 5, other: null } }), tool)).verdict).toBe('allow')
    })

    it('leave out a number that is missing or null, and deny where it is masked or may not be missing', async () => {
      const absent = 'permit (principal, action, resource) unless { context.input has count };'
      for (const input of [{ amount: 1 }, { amount: 1, count: null }]) {
        expect((await judge(absent, call({ input }), tool)).verdict).toBe('allow')
      }
      for (const input of [{ amount: 1, count: '<CREDIT_CARD_1>' }, { amount: '<CREDIT_CARD_1>' }, {}]) {
        expect(await judge(permit, call({ input }), tool)).toMatchObject({ verdict: 'deny', reason: { code: 'invalid-request' } })
      }
    })

    it('never let a masked value lift a forbid that asks about it, in any form', async () => {
      const masked: readonly (readonly [string, JsonObject])[] = [
        ['context.input has count && context.input.count > 1000', { count: '<CREDIT_CARD_1>' }],
        ['context.input has sure && !context.input.sure', { sure: '<PHONE_1>' }],
        ['context.input has lines && context.input.lines.contains(7)', { lines: ['<PHONE_1>'] }],
        ['context.input has lines && !context.input.lines.isEmpty()', { lines: '<PHONE_1>' }],
        ['context.input has card && context.input.card has limit && context.input.card.limit > 5', { card: { limit: '<PHONE_1>' } }],
        ['context.input has card && context.input.card has limit && context.input.card.limit > 5', { card: '<CREDIT_CARD_1>' }],
      ]
      const schema = {
        type: 'object',
        properties: {
          count: { type: 'integer' },
          sure: { type: 'boolean' },
          lines: { type: 'array', items: { type: 'integer' } },
          card: { type: 'object', properties: { limit: { type: ['integer', 'null'] } } },
        },
      }
      for (const [condition, input] of masked) {
        const text = `${permit} forbid (principal, action, resource) when { ${condition} };`
        expect([condition, await judge(text, call({ input }), { ...tool, inputSchema: schema })]).toMatchObject([
          condition,
          { verdict: 'deny', reason: { code: 'invalid-request' } },
        ])
      }
    })
  })

  it('treats a set that cannot be read as broken, never as empty', async () => {
    await expect(judge([set(permit), { ...set(permit, 'b'), text: 'permit (', digest: 'x' }])).rejects.toThrow(TypeError)
  })
})

describe('starter sets', () => {
  it('default-guardrails lets working roles chat and holds a deletion for a person', async () => {
    for (const role of ['developer', 'admin', 'agent_operator', 'service_agent']) {
      const principal = { id: 'Agent::a1', tenant: 'acme', roles: [role], mfa: false }
      expect((await judge(defaultGuardrails, call({ principal }))).verdict).toBe('allow')
      expect((await judge(defaultGuardrails, deleting({}, { principal }))).verdict).toBe('hold')
      expect((await judge(defaultGuardrails, deleting(approved, { principal }))).verdict).toBe('allow')
      expect((await judge(defaultGuardrails, deleting({ ...approved, threat_severity: 'high' }, { principal }))).verdict).toBe('deny')
    }
    expect((await judge(defaultGuardrails, call({ principal: { id: 'User::u', tenant: 'acme', roles: [], mfa: true } }))).verdict).toBe(
      'deny',
    )
  })

  it('registered-tools permits exactly the tools that the agent registered', async () => {
    const sets = [registeredTools(['chat', 'quo"te', 'b\\'])]
    expect((await judge(sets)).verdict).toBe('allow')
    expect((await judge(sets, deleting())).verdict).toBe('deny')
    expect((await judge([registeredTools([])])).verdict).toBe('deny')
    const named = (name: string) => call({ tool: { name, digest: '', effect: 'read', boundary: 'external', arguments: {} } })
    expect((await judge(sets, named('quo"te'))).verdict).toBe('allow')
    expect((await judge(sets, named('b\\'))).verdict).toBe('allow')
    expect(readCedar(sets[0]?.text ?? '')).toMatchObject({ ok: true })
    expect(digestOf(sets[0]?.text ?? '')).toBe(sets[0]?.digest)
  })
})
