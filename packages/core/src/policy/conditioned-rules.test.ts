import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Call, MaskedCall } from '../call.ts'
import type { Json, JsonObject } from '../json.ts'
import { readCedar } from './cedar-text.ts'
import { widening } from './changes.ts'
import { operators } from './condition.ts'
import { policy } from './control.ts'
import type { PolicySet } from './policies.ts'
import { preparePolicySet } from './publish.ts'
import type { PolicyTool } from './schema.ts'

const properties: JsonObject = {
  text: { type: 'string' },
  count: { type: 'integer' },
  amount: { type: 'number' },
  force: { type: 'boolean' },
  tags: { type: 'array', items: { type: 'string' } },
  deep: { type: 'object', properties: { 'in here': { type: 'string' } } },
}
const tool: PolicyTool = { name: 'act', action: 'act', effect: 'write', inputSchema: { type: 'object', properties } }
const other: PolicyTool = {
  name: 'look',
  action: 'look',
  effect: 'read',
  inputSchema: { type: 'object', properties: { text: { type: 'string' } }, required: ['text'] },
}

const rules = (conditions: readonly Json[], more: JsonObject = {}, effect = 'allow'): JsonObject => ({
  policy_set_id: 'p',
  version: 1,
  default_effect: 'deny',
  rules: [{ rule_id: 'r', effect, conditions }],
  ...more,
})
const prepare = (source: Json, tools: readonly PolicyTool[] = [tool, other]) =>
  preparePolicySet({ form: 'conditioned', rules: source }, { tools })
const errorsOf = (source: Json) => {
  const found = prepare(source)
  return found.ok ? [] : found.errors
}

const call = (input: JsonObject, context: JsonObject = {}, name = 'act') =>
  ({
    id: 'c',
    tenant: 't',
    principal: { id: 'User::u', tenant: 't', roles: ['developer'], mfa: false },
    session: 's',
    tool: { name, digest: '', effect: name === 'act' ? 'write' : 'read', boundary: 'external', arguments: {} },
    action: name,
    resource: '/prod/db',
    input,
    context: { now: 1_700_000_000_000, ...context },
  }) as unknown as Call as MaskedCall

const decide = async (source: Json, asked: MaskedCall) => {
  const found = prepare(source)
  if (!found.ok) throw new Error(JSON.stringify(found.errors))
  const set = { id: 'p', version: 1, publishedAt: 0, publishedBy: 'User::u', ...found.set } as unknown as PolicySet
  const control = policy({ active: async () => [set], tool: async (_, name) => [tool, other].find((each) => each.name === name) })
  return (await control.evaluate(asked, { now: 0, earlier: [], signal: new AbortController().signal })).verdict === 'allow'
}
const holds = (field: string, operator: string, value: Json | undefined, asked: MaskedCall) =>
  decide(rules([{ field, operator, ...(value !== undefined && { value }) }]), asked)

/** The table of `policy.md`, said without Cedar. */
function meant(actual: Json | undefined, operator: string, value: Json): boolean {
  if (operator.startsWith('not_')) return !meant(actual, operator.slice(4), value)
  if (operator === 'neq') return !meant(actual, 'eq', value)
  if (actual === undefined) return false
  const sameAs = (a: Json, b: Json) =>
    Array.isArray(a) && Array.isArray(b) ? a.every((each: Json) => b.includes(each)) && b.every((each: Json) => a.includes(each)) : a === b
  switch (operator) {
    case 'exists':
      return true
    case 'eq':
      return sameAs(actual, value)
    case 'in':
      return Array.isArray(value) && value.some((each: Json) => sameAs(actual, each))
    case 'contains':
      return (Array.isArray(actual) || typeof actual === 'string') && actual.includes(value as string)
    case 'matches':
      return new RegExp(value as string, 'u').test(actual as string)
    default: {
      const [a, b] = [actual as number, value as number]
      return { gt: a > b, lt: a < b, gte: a >= b, lte: a <= b }[operator] ?? false
    }
  }
}

const texts = fc.constantFrom('a', 'b', 'ab', 'a*b', 'prod', 'é"\\')
const numbers = fc.constantFrom(-1, 0, 1, 7)
const fractions = fc.constantFrom(-0.5, 0, 0.25, 1, 7)
const lists = fc.array(texts, { maxLength: 3 })
const asking = (
  field: string,
  actual: fc.Arbitrary<Json>,
  value: fc.Arbitrary<Json>,
  more: { readonly [operator: string]: fc.Arbitrary<Json> },
) => {
  const any: { readonly [operator: string]: fc.Arbitrary<Json> } = {
    eq: value,
    in: fc.array(value, { minLength: 1, maxLength: 3 }),
    exists: fc.constant(true),
    ...more,
  }
  const all = Object.entries(any).flatMap(([operator, values]) => {
    const negative = { eq: 'neq', in: 'not_in', contains: 'not_contains', exists: 'not_exists' }[operator]
    return [operator, ...(negative ? [negative] : [])].map((each) => values.map((wanted) => ({ operator: each, wanted })))
  })
  return fc.record({ field: fc.constant(field), actual: fc.option(actual, { nil: undefined }), asked: fc.oneof(...all) })
}
const order = (value: fc.Arbitrary<Json>) => ({ gt: value, lt: value, gte: value, lte: value })
const question = fc.oneof(
  asking('text', texts, texts, { contains: texts, matches: fc.constantFrom('^a', 'b$', '^(prod|staging)$', '[*]') }),
  asking('count', numbers, numbers, order(numbers)),
  asking('amount', fractions, fractions, order(fractions)),
  asking('force', fc.boolean(), fc.boolean(), {}),
  asking('tags', lists, lists, { contains: texts }),
)

describe('conditioned rules', () => {
  it('mean what the table says, a missing field included', async () => {
    await fc.assert(
      fc.asyncProperty(question, async ({ field, actual, asked: { operator, wanted } }) => {
        const input = actual === undefined ? {} : { [field]: actual }
        expect(await holds(`input.${field}`, operator, wanted, call(input))).toBe(meant(actual, operator, wanted))
      }),
      { numRuns: 1_000 },
    )
  })

  it('are AND-ed, and any deny overrides', async () => {
    const both = [
      { field: 'input.count', operator: 'gt', value: 1 },
      { field: 'input.force', operator: 'eq', value: true },
    ]
    expect(await decide(rules(both), call({ count: 2, force: true }))).toBe(true)
    expect(await decide(rules(both), call({ count: 2, force: false }))).toBe(false)
    const denied = rules([], {
      rules: [
        { rule_id: 'a', effect: 'allow', conditions: [], priority: 9 },
        { rule_id: 'd', effect: 'deny', conditions: both, priority: 1 },
      ],
    })
    expect(await decide(denied, call({ count: 2, force: true }))).toBe(false)
    expect(await decide(denied, call({ count: 1, force: true }))).toBe(true)
  })

  it('judge roles, actions, paths, addresses and times', async () => {
    const asked = call({}, { source_ip: '10.1.2.3', pii_kinds: ['SSN'], approval: { id: 'a', by: 'User::v', quorum: 1 } })
    const yes: readonly (readonly [string, string, Json])[] = [
      ['role', 'eq', 'developer'],
      ['role', 'not_in', ['admin', 'viewer']],
      ['action', 'eq', 'write'],
      ['action', 'in', ['act', 'look']],
      ['resource', 'matches', '^/prod/'],
      ['resource', 'contains', 'd/d'],
      ['source_ip', 'in', ['192.168.0.0/16', '10.0.0.0/8']],
      ['now', 'gt', '2023-01-01T00:00:00Z'],
      ['pii_kinds', 'contains', 'SSN'],
      ['approval', 'exists', true],
      ['mfa', 'eq', false],
    ]
    for (const [field, operator, value] of yes) {
      expect([field, await holds(field, operator, value, asked)]).toEqual([field, true])
    }
    expect(await holds('source_ip', 'eq', '0.0.0.0/0', call({}))).toBe(false)
    expect(await holds('source_ip', 'not_exists', undefined, call({}))).toBe(true)
  })

  it('on an argument concern the tools that have it', async () => {
    const deny = rules([], {
      rules: [
        { rule_id: 'a', effect: 'allow', conditions: [] },
        { rule_id: 'd', effect: 'deny', conditions: [{ field: 'input.count', operator: 'neq', value: 1 }] },
      ],
    })
    expect(await decide(deny, call({}))).toBe(false)
    expect(await decide(deny, call({ text: 'x' }, {}, 'look'))).toBe(true)
    const found = prepare(rules([{ field: 'input.text', operator: 'eq', value: 'x' }]))
    expect(found.ok && [...found.set.text.matchAll(/@id\("(.*)"\)/gu)].map(([, id]) => id)).toEqual(['r/act', 'r/look'])
  })

  it('on an argument that a schema may hide forbid what the other conditions leave, permit nothing, and say why', () => {
    const hiding: PolicyTool = {
      ...other,
      name: 'hide',
      action: 'hide',
      inputSchema: { type: 'object', properties: { count: { $ref: '#/$defs/n' } }, $defs: { n: { type: 'integer' } } },
    }
    const textOf = (effect: string, ...conditions: Json[]) => {
      const found = prepare(rules(conditions, {}, effect), [tool, other, hiding])
      return found.ok ? found.set.text.replaceAll(/\s+/gu, '') : expect.fail(JSON.stringify(found.errors))
    }
    const many = { field: 'input.count', operator: 'gt', value: 5 }
    const denied = textOf('deny', many)
    expect(denied).toMatch(
      /@id\("r\/hide"\)@advice\("Thetool'sschemagives`input\.count`noonetype[^"]*"\)forbid\(principal,action==Action::"hide",resource\);/,
    )
    expect(denied).toContain('action==Action::"act"')
    expect(denied).not.toContain('Action::"look"')
    expect(textOf('deny', many, { field: 'mfa', operator: 'eq', value: false })).toMatch(/Action::"hide",resource\)when\{.*mfa.*\};/)
    expect(textOf('deny', { field: 'input.count', operator: 'neq', value: 5 })).toMatch(/Action::"hide",resource\);/)
    expect(textOf('allow', many)).not.toContain('hide')
  })

  it('read arguments whose names are no identifiers', async () => {
    expect(await holds('input.deep.in here', 'eq', 'x', call({ deep: { 'in here': 'x' } }))).toBe(true)
    expect(await holds('input.deep.in here', 'neq', 'x', call({ deep: {} }))).toBe(true)
  })

  it('allow by default within a declared scope', async () => {
    for (const scope of [{}, { tools: [] }, { tools: [], resources: [] }])
      expect(errorsOf(rules([], { default_effect: 'allow', rules: [], scope }))).toEqual([expect.objectContaining({ path: '/scope' })])
    const scoped = rules([], { default_effect: 'allow', rules: [], scope: { tools: ['act'], resources: ['/prod/*'] } })
    expect(await decide(scoped, call({}))).toBe(true)
    expect(await decide(scoped, call({ text: 'x' }, {}, 'look'))).toBe(false)
  })

  it('allow everything by default where no scope is declared, by a permit that is shown to be unscoped', async () => {
    const denying = [{ rule_id: 'd', effect: 'deny', conditions: [{ field: 'tool', operator: 'eq', value: 'look' }] }]
    const open = rules([], { default_effect: 'allow', rules: denying })
    expect(await decide(open, call({}))).toBe(true)
    expect(await decide(open, call({ text: 'x' }, {}, 'look'))).toBe(false)
    const unscoped = (source: Json) => {
      const found = prepare(source)
      const read = readCedar(found.ok ? found.set.text : '')
      return read.ok ? widening([], read.policies).unscopedPermits : undefined
    }
    expect(unscoped(open)).toEqual(['default'])
    expect(unscoped(rules([], { default_effect: 'allow', rules: [], scope: { resources: ['*'] } }))).toEqual(['default'])
    expect(unscoped(rules([], { default_effect: 'allow', rules: [], scope: { resources: ['/prod/*'] } }))).toEqual([])
  })

  it('say the same in Cedar text, and keep the rules', () => {
    const source = rules([{ field: 'resource', operator: 'matches', value: '^/prod/' }], {}, 'deny')
    expect(prepare(source)).toMatchObject({
      ok: true,
      set: {
        text: '@id("r")\nforbid (principal, action, resource)\nwhen { (context.matched.contains("resource matches ^/prod/")) };\n',
        source: { form: 'conditioned', json: JSON.stringify(source) },
      },
    })
  })

  it.each([
    ['/rules/0/conditions/0/operator', rules([{ field: 'tool', operator: 'like', value: 'x' }])],
    ['/rules/0/conditions/0/field', rules([{ field: 'user', operator: 'eq', value: 'x' }])],
    ['/rules/0/conditions/0/field', rules([{ field: 'input.nothing', operator: 'eq', value: 'x' }])],
    ['/rules/0/conditions/0', rules([{ field: 'input.count', operator: 'eq', value: '1' }])],
    ['/rules/0/conditions/0', rules([{ field: 'tool', operator: 'in', value: 'x' }])],
    ['/rules/0/conditions/0', rules([{ field: 'resource', operator: 'matches', value: '(?=look)' }])],
    ['/rules/0/conditions/0', rules([{ field: 'source_ip', operator: 'eq', value: '10.0.0.0/33' }])],
    ['/rules/0/conditions/0', rules([{ field: 'input.amount', operator: 'gt', value: 0.12345 }])],
    ['/rules/0/conditions/0/why', rules([{ field: 'tool', operator: 'eq', value: 'x', why: 1 }])],
    ['/rules/0/effect', rules([], {}, 'permit')],
    ['/default_effect', rules([], { default_effect: 'maybe' })],
    ['/extra', rules([], { extra: 1 })],
    ['/rules/0', rules([{ field: 'action', operator: 'eq', value: 'no_such_tool' }])],
  ])('tell the place of what is wrong: %s', (path, source) => {
    expect(errorsOf(source).map((each) => each.path)).toContain(path)
  })

  it('refuse every operator on a field that it cannot be asked of', () => {
    for (const operator of operators) {
      if (operator === 'exists' || operator === 'not_exists') continue
      expect(errorsOf(rules([{ field: 'approval', operator, value: 'x' }])).length).toBeGreaterThan(0)
    }
  })
})

describe('context.matched', () => {
  const cedar = (text: string) =>
    preparePolicySet({ form: 'cedar', text: `permit (principal, action, resource) when { ${text} };` }, { tools: [tool] })

  it('is refused where its facts could not be computed', () => {
    for (const text of [
      'context.matched.contains("resource matches (unclosed")',
      'context.matched.contains("nothing")',
      'context.matched.contains("input matches x")',
      'context.matched.contains(context.tool)',
      'context.matched == ["x"]',
      'context["matched"].contains("resource matches ^x")',
      '(context).matched.contains("resource matches ^x")',
      '(if context.mfa then context else context).matched.isEmpty()',
    ]) {
      expect([text, cedar(text).ok]).toEqual([text, false])
    }
    expect(cedar('context.matched.contains("resource matches ^x") && context.tool != "matched"').ok).toBe(true)
  })

  it('takes time that grows with the text only', async () => {
    const source = rules([{ field: 'input.text', operator: 'matches', value: '^(a+)+$' }])
    expect(await decide(source, call({ text: `${'a'.repeat(20_000)}!` }))).toBe(false)
    expect(await decide(source, call({ text: 'a'.repeat(100_001) }))).toBe(false)
  })
})
