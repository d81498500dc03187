import { describe, expect, it } from 'vitest'
import type { Json } from '../json.ts'
import { digestOf } from './cedar-text.ts'
import { fitPolicySet, preparePolicySet } from './publish.ts'
import type { PolicyTool } from './schema.ts'
import { defaultGuardrails } from './starter/default-guardrails.ts'

const remove: PolicyTool = {
  name: 'delete_file',
  action: 'delete_file',
  effect: 'delete',
  inputSchema: { type: 'object', properties: { path: { type: 'string' }, force: { type: 'boolean' } }, required: ['path'] },
}
const cedar = (text: string, tools: readonly PolicyTool[] = [remove]) => preparePolicySet({ form: 'cedar', text }, { tools })
const quick = (rules: Json, tools: readonly PolicyTool[] = [remove]) => preparePolicySet({ form: 'quick', rules }, { tools })
const errorsOf = (found: ReturnType<typeof cedar>) => (found.ok ? [] : found.errors)

describe('policies that come before their tools', () => {
  const early = (text: string, awaits: 'named' | 'any', tools: readonly PolicyTool[] = [remove]) =>
    preparePolicySet({ form: 'cedar', text }, { tools, awaits })
  const onMissing = 'permit (principal, action == Action::"refund", resource) when { context.input.amount < 100 };'

  it('may name one that is awaited, and are told by name; without it that is an error', () => {
    expect(early(onMissing, 'named')).toMatchObject({ ok: true, awaited: ['refund'] })
    expect(early('permit (principal, action in [Action::"delete_file", Action::"refund"], resource);', 'named')).toMatchObject({
      awaited: ['refund'],
    })
    expect(errorsOf(cedar(onMissing))).toContainEqual(expect.objectContaining({ message: expect.stringContaining('unrecognized action') }))
  })

  it('may not misspell an argument of a tool that is there, beside one that is awaited, or behind `has`', () => {
    for (const text of [
      'permit (principal, action in [Action::"delete_file", Action::"refund"], resource)\nwhen { context.input.pth == "/tmp" };',
      'permit (principal, action == Action::"delete_file", resource)\nwhen { context.input.pth == "/tmp" };',
    ])
      expect(errorsOf(early(text, 'any'))).toEqual([expect.objectContaining({ code: 'type', line: 2, column: 8 })])
    const guarded = 'forbid (principal, action == Action::"delete_file", resource) when { context.input has pth };'
    expect(errorsOf(early(guarded, 'any'))).toHaveLength(1)
  })

  it('may apply to no tool so far only where other tools than those named are awaited', () => {
    const text = 'forbid (principal, action, resource) when { context.input has amount && context.input.amount > 1000 };'
    expect(early(text, 'any').ok).toBe(true)
    expect(errorsOf(early(text, 'named'))).toEqual([expect.objectContaining({ message: expect.stringContaining('impossible') })])
  })

  it('do not hide a mistake behind many that wait', () => {
    const many = Array.from({ length: 60 }, (_, n) => `permit (principal, action == Action::"t${n}", resource);`).join('\n')
    const wrong = 'forbid (principal, action == Action::"delete_file", resource) when { context.input has pth };'
    expect(errorsOf(early(`${many}\n${wrong}`, 'any'))).toEqual([expect.objectContaining({ policy: 'policy60' })])
  })
})

describe('publishing Cedar text', () => {
  it('refuses a literal that is too long to be looked through for personal data', () => {
    const text = `permit (principal, action, resource) when { context.tool == "${'a'.repeat(2_000_000)}" };`
    const found = preparePolicySet({ form: 'cedar', text }, { tools: [], personal: () => undefined })
    expect(found).toMatchObject({ ok: false, errors: [{ code: 'too-large', message: expect.stringContaining('100000 characters') }] })
  })

  it('answers the canonical text and its digest, the same for the same policies', () => {
    const a = cedar('permit(principal,action,resource);')
    const b = cedar('permit (principal,\n action, resource)   ;')
    expect(a).toEqual(b)
    if (!a.ok) throw new Error('refused')
    expect(a.set.digest).toBe(digestOf(a.set.text))
    expect(cedar(a.set.text)).toEqual(a)
  })

  it('tells the line, the column and the text of an error, in characters and not in bytes', () => {
    expect(errorsOf(cedar('// 日本 𝒳\npermit (principal, action, resource)\nwhen { "é𝒳" == };'))).toEqual([
      expect.objectContaining({ code: 'syntax', line: 3, column: 17, text: '}' }),
    ])
  })

  it('fails a misspelt argument at its place', () => {
    const found = errorsOf(cedar('permit (principal, action == Action::"delete_file", resource)\nwhen { context.input.pth == "/tmp" };'))
    expect(found).toEqual([expect.objectContaining({ code: 'type', line: 2, column: 8, text: 'context.input.pth', policy: 'policy0' })])
  })

  it('fails a misspelling that hides behind `has`, and any policy that can never apply', () => {
    const text =
      '@id("guarded") permit (principal, action == Action::"delete_file", resource) when { context.input has pth && context.input.pth == "x" };'
    expect(errorsOf(cedar(text))).toEqual([
      expect.objectContaining({ code: 'type', policy: 'guarded', message: expect.stringContaining('impossible') }),
    ])
  })

  it('knows the type of each argument', () => {
    expect(
      cedar('forbid (principal, action == Action::"delete_file", resource) when { context.input has force && context.input.force };').ok,
    ).toBe(true)
    expect(errorsOf(cedar('forbid (principal, action == Action::"delete_file", resource) when { context.input.path > 1 };'))).toHaveLength(
      1,
    )
    expect(errorsOf(cedar('forbid (principal, action == Action::"delete_file", resource) when { context.input.force };'))).toHaveLength(1)
  })

  it('refuses annotations that nobody honours, at their place', () => {
    const found = errorsOf(cedar('permit (principal, action, resource);\n@aproval("approver")\npermit (principal, action, resource);'))
    expect(found).toEqual([expect.objectContaining({ code: 'annotation', line: 2, column: 1, text: '@aproval("approver")' })])
    for (const bad of [
      '@approval_quorum("0")',
      '@mfa("maybe")',
      '@rate("often")',
      '@hold("approval")',
      '@constructor("x")',
      '@id("")',
      '@mask("ssn")',
    ]) {
      expect(errorsOf(cedar(`${bad} permit (principal, action, resource);`))).toEqual([
        expect.objectContaining({ code: 'annotation', text: bad }),
      ])
    }
    expect(errorsOf(cedar('@approval("a") forbid (principal, action, resource);'))).toHaveLength(1)
  })

  it('refuses a quorum of approvals that nobody is asked for', () => {
    const lone = '@approval_quorum("2")'
    expect(errorsOf(cedar(`${lone} permit (principal, action, resource);`))).toEqual([
      expect.objectContaining({ code: 'annotation', text: lone, help: expect.stringContaining('@approval("approver")') }),
    ])
    expect(cedar(`@approval("any") ${lone} permit (principal, action, resource);`).ok).toBe(true)
  })

  it('tells a misspelling once, with how many actions have nothing of that name', () => {
    const many = Array.from({ length: 30 }, (_, index) => ({
      name: `pay_${index}`,
      action: `pay_${index}`,
      effect: 'pay' as const,
      inputSchema: { type: 'object', properties: { amount: { type: 'integer' } } },
    }))
    const text = `permit (principal, action in Action::"pay", resource)
      when { context.input.amuont > 5 };
      permit (principal, action == Action::"pay_1", resource) when { context.inpt.amount > 5 };`
    expect(errorsOf(preparePolicySet({ form: 'cedar', text }, { tools: many }))).toEqual([
      expect.objectContaining({
        line: 2,
        message: expect.stringMatching(/`input.amuont`.* for 31 of the actions/u),
        help: 'did you mean `amount`?',
      }),
      expect.objectContaining({ line: 3, message: expect.stringContaining('Action::"pay_1"') }),
    ])
  })

  it('refuses personal data in comments, and in what rules say beside their conditions', () => {
    const personal = (text: string) => (text.includes('@') ? 'EMAIL' : undefined)
    const noted = ['// ask a@b.c\n', 'permit (principal, // a@b.c\naction, resource);\n', '// the last, a@b.c'].join('')
    const found = errorsOf(preparePolicySet({ form: 'cedar', text: noted }, { tools: [], personal }))
    expect(found.map(({ code, line, column }) => [code, line, column])).toEqual([
      ['personal-data', 1, 1],
      ['personal-data', 2, 20],
      ['personal-data', 4, 1],
    ])
    expect(JSON.stringify(found)).not.toContain('a@b.c')
    const rules = { policy_set_id: 'a@b.c', version: 'a@b.c', description: 'a@b.c', default_effect: 'deny', rules: [] }
    const paths = errorsOf(preparePolicySet({ form: 'conditioned', rules }, { tools: [], personal })).map(({ path }) => path)
    expect(paths).toEqual(['/policy_set_id', '/version', '/description'])
    const slashes = 'permit (principal, action, resource) when { context.resource like "https://x/*" }; // fine'
    expect(preparePolicySet({ form: 'cedar', text: slashes }, { tools: [], personal }).ok).toBe(true)
  })

  it('refuses obligations that nobody could discharge, names what is known, and asks nothing of what is not said', () => {
    const supplies = { roles: new Set(['approver', 'admin']), kinds: new Set(['SSN', 'EMAIL']), secondFactor: false }
    const text = (notes: string) => `permit (principal, action, resource);\n  ${notes}\npermit (principal, action, resource);`
    const found = (notes: string, given = {}) => preparePolicySet({ form: 'cedar', text: text(notes) }, { tools: [remove], ...given })
    for (const [bad, known] of [
      ['@approval("legal")', 'approver, admin'],
      ['@approval("Approver")', 'approver, admin'],
      ['@mask("IBAN")', 'SSN, EMAIL'],
      ['@mask("SSN,EMIAL")', 'SSN, EMAIL'],
      ['@mfa("required")', '`confirm`'],
    ] as const) {
      expect(errorsOf(found(bad, { supplies }))).toEqual([
        expect.objectContaining({ code: 'annotation', line: 2, column: 3, text: bad, help: expect.stringContaining(known) }),
      ])
      expect(found(bad).ok).toBe(true)
    }
    for (const good of ['@approval("approver")', '@approval("any")', '@mask("EMAIL,SSN")', '@approval("admin") @mask("SSN")']) {
      expect([good, found(good, { supplies }).ok]).toEqual([good, true])
    }
  })

  it('refuses two policies with one id', () => {
    const found = errorsOf(cedar('@id("a") permit (principal, action, resource);\n@id("a") forbid (principal, action, resource);'))
    expect(found).toEqual([expect.objectContaining({ code: 'duplicate-id', line: 2, policy: 'a' })])
  })

  it('refuses templates', () => {
    expect(errorsOf(cedar('permit (principal == ?principal, action, resource);'))).toEqual([
      expect.objectContaining({ code: 'syntax', text: '?', column: 22 }),
    ])
  })

  it('accepts 10,000 policies and refuses 10,001', () => {
    const some = (count: number) => 'permit(principal,action,resource);\n'.repeat(count)
    expect(cedar(some(10_000), []).ok).toBe(true)
    expect(errorsOf(cedar(some(10_001), []))).toEqual([expect.objectContaining({ code: 'too-many-policies', line: 10_001, column: 1 })])
  })

  it('refuses more than 4 MiB', () => {
    expect(errorsOf(cedar(`// ${'x'.repeat(5_000_000)}`))).toEqual([expect.objectContaining({ code: 'too-large' })])
  })

  it.each([
    ['brackets', `${'('.repeat(50_000)}true${')'.repeat(50_000)}`],
    ['records', `${'{a:'.repeat(500)}1${'}'.repeat(500)} == 1`],
    ['a chain of sums', `${'1 + '.repeat(3_000)}1 == 1`],
    ['a chain of ifs', `${'if true then true else '.repeat(3_000)}true`],
    ['a chain of attributes', `context${'.a'.repeat(5_000)}`],
    ['a long list', `[${'1,'.repeat(30_000)}1].contains(1)`],
    ['unclosed brackets', '['.repeat(100_000)],
  ])('refuses %s that would overrun a parser, and goes on working', (_, body) => {
    expect(errorsOf(cedar(`permit (principal, action, resource) when { ${body} };`))).toEqual([
      expect.objectContaining({ code: 'too-deep', line: 1 }),
    ])
    expect(cedar('permit (principal, action, resource);').ok).toBe(true)
  })

  it('tells where a policy begins to be too deep or too long', () => {
    const deep = `permit (principal, action, resource);\npermit (principal, action, resource) when {\n${'('.repeat(100)}true${')'.repeat(100)} };`
    expect(errorsOf(cedar(deep))).toEqual([expect.objectContaining({ code: 'too-deep', line: 3, text: '(' })])
    const long = `permit (principal, action, resource)\nwhen { [\n${'1,\n'.repeat(9_000)}1].contains(1) };`
    const [found] = errorsOf(cedar(long))
    expect(found?.line).toBeGreaterThan(3_000)
  })

  it('refuses a literal that is itself personal data, and does not repeat it', () => {
    const personal = (literal: string) => (literal.includes('@') ? 'EMAIL' : undefined)
    const text = '@id("p") permit (principal, action, resource)\nwhen { context.resource == "ceo@company.com" };'
    const found = preparePolicySet({ form: 'cedar', text }, { tools: [], personal })
    expect(found).toMatchObject({ ok: false, errors: [{ code: 'personal-data', line: 2, column: 28 }] })
    expect(JSON.stringify(found)).not.toContain('ceo@')
  })

  it('refuses tools whose names would let a rule on one effect reach another', () => {
    expect(errorsOf(cedar('permit (principal, action, resource);', [{ ...remove, name: 'read' }]))).toEqual([
      expect.objectContaining({ code: 'action-conflict' }),
    ])
  })

  it('accepts the bundled starter set, with and without tools', () => {
    expect(cedar(defaultGuardrails).ok).toBe(true)
    expect(cedar(defaultGuardrails, []).ok).toBe(true)
  })
})

describe('publishing quick rules', () => {
  it('shows the Cedar text that they become, and keeps the rules', () => {
    const rules = {
      pre_rules: [
        { type: 'permit', action: '*', resource: '/api/*' },
        { type: 'deny', action: 'delete', resource: '/prod/*' },
      ],
    }
    const found = quick(rules)
    if (!found.ok) throw new Error('refused')
    expect(found.set.text).toBe(
      '@id("pre_rules/0")\npermit (principal, action, resource)\nwhen { context.resource like "/api/*" };\n\n' +
        '@id("pre_rules/1")\nforbid (\n  principal,\n  action in Action::"delete",\n  resource\n)\nwhen { context.resource like "/prod/*" };\n',
    )
    expect(found.set.source).toEqual({ form: 'quick', json: JSON.stringify(rules) })
  })

  it('accepts every type of rule', () => {
    const pre_rules = [
      { type: 'action_allow', action: 'read' },
      { type: 'action_deny', action: 'delete_*' },
      { type: 'role_allow', role: 'developer' },
      { type: 'role_deny', role: 'in"tern' },
      { type: 'ip_allow', cidr: '10.0.0.0/8' },
      { type: 'ip_deny', cidr: '2001:db8::/32' },
      { type: 'endpoint_allow', prefix: '/api' },
      { type: 'permit', action: 'delete_file', resource: '/tmp/x' },
    ]
    expect(errorsOf(quick({ pre_rules, post_rules: [] }))).toEqual([])
  })

  it.each([
    [{ pre_rules: [{ type: 'allow', action: '*', resource: '*' }] }, '/pre_rules/0/type'],
    [{ pre_rules: [{ type: 'permit', action: '*' }] }, '/pre_rules/0/resource'],
    [
      {
        pre_rules: [
          { type: 'role_deny', role: 'x' },
          { type: 'permit', action: '*', resource: '*', when: 'x' },
        ],
      },
      '/pre_rules/1/when',
    ],
    [{ pre_rules: [{ type: 'ip_deny', cidr: '10.0.0.0/33' }] }, '/pre_rules/0/cidr'],
    [{ pre_rules: [{ type: 'ip_deny', cidr: '10.0.0' }] }, '/pre_rules/0/cidr'],
    [{ pre_rules: [{ type: 'constructor' }] }, '/pre_rules/0/type'],
    [{ pre_rules: [7] }, '/pre_rules/0'],
    [{ pre_rules: 'x' }, '/pre_rules'],
    [{ rules: [] }, '/rules'],
    [[], ''],
    [{ pre_rules: [{ type: 'action_deny', action: 'no_such_tool' }] }, '/pre_rules/0'],
  ])('tells the place of what is wrong in %j', (rules, path) => {
    expect(errorsOf(quick(rules))).toEqual([expect.objectContaining({ path })])
  })

  it('refuses rules on the output, which nothing judges, rather than ignoring them', () => {
    expect(errorsOf(quick({ post_rules: [{ type: 'role_deny', role: 'x' }] }))).toEqual([
      expect.objectContaining({ code: 'rule', path: '/post_rules/0' }),
    ])
  })
})

describe('a published text', () => {
  it('is asked whether it fits also where it is larger than what somebody may write', () => {
    const tools: PolicyTool[] = [
      { name: 'pay', action: 'pay', effect: 'pay', inputSchema: { type: 'object', properties: { sum: { type: 'integer' } } } },
    ]
    const text = `forbid (principal, action == Action::"pay", resource) when { context.input has sum && context.input.sum > 5 };${'\n// as large as formatting makes it'.repeat(130_000)}`
    expect(errorCodes(fitPolicySet({ form: 'cedar', text }, { tools }))).toEqual(['too-large'])
    expect(errorCodes(fitPolicySet({ form: 'published', text }, { tools }))).toEqual([])
    const without = [{ ...tools[0], inputSchema: { type: 'object', properties: { sum: { type: 'string' } } } } as PolicyTool]
    expect(errorCodes(fitPolicySet({ form: 'published', text }, { tools: without }))).toEqual(['type'])
  })
})

const errorCodes = (found: ReturnType<typeof fitPolicySet>) => (found.ok ? [] : found.errors.map(({ code }) => code))
