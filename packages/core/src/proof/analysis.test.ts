import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readCedar } from '../policy/cedar-text.ts'
import { cedarOracle } from '../policy/oracle.ts'
import { cedarSchema, type PolicyTool } from '../policy/schema.ts'
import { defaultGuardrails } from '../policy/starter/default-guardrails.ts'
import { type Analysis, analysis } from './analysis.ts'
import { readInvariants } from './invariant.ts'
import { openZ3, solverOf, type Z3 } from './z3.ts'

const tools: readonly PolicyTool[] = [
  {
    name: 'db.drop',
    action: 'db.change',
    effect: 'delete',
    inputSchema: { type: 'object', properties: { table: { type: 'string' }, rows: { type: 'integer' } }, required: ['table'] },
  },
  {
    name: 'pay',
    action: 'pay',
    effect: 'pay',
    inputSchema: {
      type: 'object',
      properties: {
        amount: { type: 'integer' },
        fee: { type: 'integer' },
        share: { type: 'number' },
        to: { type: 'array', items: { type: 'string' } },
        lines: { type: 'array', items: { type: 'object', properties: { sku: { type: 'string' } }, required: ['sku'] } },
      },
      required: ['amount', 'fee', 'share', 'to', 'lines'],
    },
  },
  {
    name: 'fs.read',
    action: 'fs.read',
    effect: 'read',
    inputSchema: { type: 'object', properties: { path: { type: 'string' } }, required: ['path'] },
  },
]
const { schema } = cedarSchema(tools)

const policies = (text: string) => {
  const read = readCedar(text)
  if (!read.ok) throw new Error(JSON.stringify(read.errors))
  return read.policies
}
const invariants = (text: string) => {
  const read = readInvariants(text, schema)
  if (!read.ok) throw new Error(JSON.stringify(read.errors))
  return read.invariants
}

let z3: Z3
let about: Analysis
beforeAll(async () => {
  z3 = await openZ3()
  about = analysis({ solver: solverOf(z3), tools })
})
afterAll(() => z3.close())

const check = async (set: string, statement: string) => {
  const [found] = await about.invariants(policies(set), invariants(statement))
  if (!found) throw new Error('no answer')
  return found
}
const everything = 'permit (principal, action, resource);'

describe('invariants', () => {
  const noDelete = `@invariant("no prod delete without approval")
    forbid (principal, action in Action::"delete", resource) when { context.resource like "/prod/*" } unless { context has approval };`

  it('hold when every call is shown to keep them', async () => {
    expect(await check(defaultGuardrails, noDelete)).toMatchObject({ answer: 'holds' })
  })

  it('are violated by a call that the evaluator then decides so, Cedar agreeing', async () => {
    const found = await check(everything, noDelete)
    expect(found.answer).toBe('violated')
    const request = found.counterexample?.request
    expect(request?.resource.id).toMatch(/^\/prod\//u)
    expect(request?.context).not.toHaveProperty('approval')
    if (request) expect(cedarOracle(policies(everything))(request).permits).toEqual(['policy0'])
  })

  it('count a permit with an obligation only when it is discharged', async () => {
    const permit = (annotation: string) => `${annotation} permit (principal, action, resource);`
    const needs = (fact: string) =>
      `@invariant("") forbid (principal, action, resource) unless { ${fact} };`.replace('""', '"never without"')
    expect(await check(permit('@approval("approver")'), needs('context has approval'))).toMatchObject({ answer: 'holds' })
    expect(await check(permit('@approval_quorum("2")'), needs('context has approval && context.approval.quorum >= 2'))).toMatchObject({
      answer: 'holds',
    })
    expect(await check(permit('@approval_quorum("2")'), needs('context has approval && context.approval.quorum >= 3'))).toMatchObject({
      answer: 'violated',
      counterexample: { request: { context: { approval: { quorum: 2 } } } },
    })
    // Who approves in a role is one of all who do.
    for (const [obliged, least] of [
      ['@approval("any")', 1],
      ['@approval("approver")', 1],
      ['@approval("approver") @approval_quorum("2")', 2],
    ] as const)
      expect([obliged, await check(permit(obliged), needs(`context has approval && context.approval.quorum >= ${least}`))]).toMatchObject([
        obliged,
        { answer: 'holds' },
      ])
    expect(await check(permit('@mfa("required")'), needs('context.mfa'))).toMatchObject({ answer: 'holds' })
    expect(await check(permit('@rate("1/1m")'), needs('context.mfa'))).toMatchObject({
      answer: 'violated',
      counterexample: { discharged: ['rate 1/1m'] },
    })
  })

  it('with permit say that every call they match must be allowed', async () => {
    const auditors = '@invariant("auditors may read") permit (principal in Role::"auditor", action in Action::"read", resource);'
    expect(await check('permit (principal in Role::"auditor", action, resource);', auditors)).toMatchObject({ answer: 'holds' })
    const severe =
      'permit (principal, action, resource); forbid (principal, action, resource) when { ["critical", "high"].contains(context.threat_severity) };'
    expect(await check(severe, auditors)).toMatchObject({
      answer: 'violated',
      counterexample: { request: { context: { threat_severity: expect.stringMatching(/critical|high/u) } } },
    })
  })

  it('see a forbid that cannot be evaluated as a denial, and a permit that cannot as none', async () => {
    const overflow = 'context.input.amount + context.input.fee > 100'
    const big = `@invariant("no big payments") forbid (principal, action == Action::"pay", resource) when { context.input.amount > 100 && context.input.fee >= 0 };`
    expect(await check(`${everything} forbid (principal, action == Action::"pay", resource) when { ${overflow} };`, big)).toMatchObject({
      answer: 'holds',
    })
    const sum = `@invariant("sums are small") forbid (principal, action == Action::"pay", resource) when { context.input.amount >= 9223372036854775807 && context.input.fee == 1 };`
    expect(await check(`permit (principal, action == Action::"pay", resource) when { ${overflow} };`, sum)).toMatchObject({
      answer: 'holds',
    })
    expect(await check(`permit (principal, action == Action::"pay", resource) unless { context.input.amount < 3 };`, sum)).toMatchObject({
      answer: 'violated',
      counterexample: { request: { context: { input: { amount: 9223372036854775807n } } } },
    })
  })

  it('do not speak of a call on which they cannot be evaluated themselves', async () => {
    const square = '@invariant("no root of two") forbid (principal, action == Action::"pay", resource)'
    expect(await check(everything, `${square} when { context.input.amount * context.input.amount == 2 };`)).toMatchObject({
      answer: 'holds',
    })
    expect(await check(everything, `${square} when { context.input.amount * context.input.amount == 9 };`)).toMatchObject({
      answer: 'violated',
      counterexample: { request: { context: { input: { amount: expect.toSatisfy((n) => BigInt(n) ** 2n === 9n) } } } },
    })
    const next = '@invariant("what is big is paid") permit (principal, action == Action::"pay", resource)'
    const paid = 'permit (principal, action == Action::"pay", resource) unless { context.input.amount == 9223372036854775807 };'
    expect(await check(paid, `${next} when { context.input.amount + 1 > 7 };`)).toMatchObject({ answer: 'holds' })
  })

  it('know that a resource under a path starts with it, and that nothing else does', async () => {
    const set = 'permit (principal, action, resource in Resource::"/team/a");'
    const under =
      '@invariant("stays inside") forbid (principal, action, resource) unless { context.resource like "/team/a/*" || context.resource == "/team/a" };'
    expect(await check(set, under)).toMatchObject({ answer: 'holds' })
    const narrower = '@invariant("stays inside") forbid (principal, action, resource) unless { context.resource like "/team/a/*/*" };'
    expect(await check(set, narrower)).toMatchObject({ answer: 'violated' })
    const never = (pattern: string) => `@invariant("no such path") forbid (principal, action, resource) when {
      context.resource like "/*" && context.resource like "${pattern}" && context.resource != "/" };`
    for (const pattern of ['*/../*', '*/./*', '*//*', '*/..', '*/']) {
      expect([pattern, await check(everything, never(pattern))]).toMatchObject([pattern, { answer: 'holds' }])
    }
    for (const pattern of ['*%2F*', '*\\\\*', '*%zz*']) {
      expect([pattern, await check(everything, never(pattern))]).toMatchObject([pattern, { answer: 'violated' }])
    }
  })

  it('cover tools that nobody has registered yet', async () => {
    const set = 'permit (principal, action, resource) when { context.tool like "new.*" };'
    const never = '@invariant("no new deletion") forbid (principal, action in Action::"delete", resource);'
    expect(await check(set, never)).toMatchObject({
      answer: 'violated',
      counterexample: { request: { action: { id: expect.stringMatching(/^new\./u) } } },
    })
  })

  it('are told apart from what the solver cannot encode, by policy and name', async () => {
    const set = `@id("lines") permit (principal, action == Action::"pay", resource) when { context.input.lines.contains({sku: "a"}) };`
    const sku = '@invariant("") forbid (principal, action == Action::"pay", resource) unless { context.input.lines.contains({sku: "a"}) };'
    expect(await check(set, sku.replace('""', '"only a"'))).toMatchObject({
      answer: 'unknown',
      unsupported: expect.arrayContaining([expect.stringMatching(/^lines: membership in `context\.input\.lines/u)]),
    })
    const elsewhere = '@invariant("only pay") forbid (principal, action in Action::"delete", resource);'
    expect(await check(set, elsewhere)).toMatchObject({ answer: 'holds' })
  })

  it('are read and validated like policies, kept apart from them', () => {
    const errors = (text: string) => {
      const read = readInvariants(text, schema)
      return read.ok ? [] : read.errors.map(({ code, line }) => `${code} ${line}`)
    }
    expect(errors('\nforbid (principal, action, resource);')).toEqual(['annotation 2'])
    expect(errors('@invariant("x") @mfa("required") permit (principal, action, resource);')).toEqual(['annotation 1'])
    expect(errors('@invariant("x") permit (principal, action, resource)')).toEqual(['syntax 1'])
    expect(errors('@invariant("x")\nforbid (principal, action == Action::"pay", resource)\nwhen { context.input.amont > 1 };')).toEqual([
      'type 3',
    ])
    expect(
      errors(
        '@id("a") @invariant("x") forbid (principal, action, resource);\n@id("a") @invariant("y") forbid (principal, action, resource);',
      ),
    ).toEqual(['duplicate-id 2'])
    expect(readCedar('@invariant("x") forbid (principal, action, resource);').ok).toBe(false)
  })
})

describe('the difference of two versions', () => {
  it('shows calls that one allows and the other does not, both ways', async () => {
    const before = policies('permit (principal, action, resource) when { ["a", "b"].contains(context.session) };')
    const after = policies('permit (principal, action, resource) when { ["b", "c"].contains(context.session) };')
    const { newlyAllowed, newlyDenied } = await about.difference(before, after)
    expect(newlyAllowed.answer).toBe('violated')
    expect(newlyAllowed.examples.map(({ request }) => request.context['session'])).toEqual(['c', 'c', 'c', 'c', 'c'])
    expect(new Set(newlyAllowed.examples.map(({ request }) => request.action.id)).size).toBe(5)
    expect(newlyDenied.examples[0]?.request.context['session']).toBe('a')
  })

  it('is empty for the same policies in other words', async () => {
    const one = policies(
      'permit (principal, action in [Action::"read", Action::"pay"], resource) when { context.pii_kinds.containsAny(["a", "b"]) };',
    )
    const two =
      policies(`permit (principal, action in Action::"pay", resource) when { context.pii_kinds.contains("b") || context.pii_kinds.contains("a") };
      permit (principal, action in Action::"read", resource) unless { !(context.pii_kinds.contains("a")) && !(context.pii_kinds.contains("b")) };`)
    expect(await about.difference(one, two)).toEqual({
      newlyAllowed: { answer: 'holds', examples: [] },
      newlyDenied: { answer: 'holds', examples: [] },
    })
  })

  it('tells whether one set allows at most what another does', async () => {
    const wide = policies('permit (principal, action, resource) when { context.source_ip.isInRange(ip("10.0.0.0/8")) };')
    const narrow = policies('permit (principal, action, resource) when { context.source_ip.isInRange(ip("10.1.0.0/16")) };')
    expect(await about.atMost(narrow, wide)).toMatchObject({ answer: 'holds' })
    const found = await about.atMost(wide, narrow)
    expect(found).toMatchObject({
      answer: 'violated',
      counterexample: { request: { context: { source_ip: { __extn: { fn: 'ip', arg: expect.stringMatching(/^10\./u) } } } } },
    })
  })
})

describe('policies that do nothing', () => {
  const kinds = async (text: string) =>
    (await about.findings(policies(text))).found.map(({ policy, kind, by }) => `${policy} ${kind} by ${by}`)

  it('are found when they can never apply', async () => {
    expect(
      await kinds(
        '@id("a") permit (principal, action == Action::"pay", resource) when { context.input.amount > 5 && context.input.amount < 6 };',
      ),
    ).toEqual(['a vacuous by '])
    expect(
      await kinds('@id("a") permit (principal, action, resource) when { context.resource like "/a/*" && context.resource like "b*" };'),
    ).toEqual(['a vacuous by '])
  })

  it('are found when a forbid overrides them wherever they apply', async () => {
    const text = `@id("a") permit (principal, action, resource) when { context.resource like "/a/b/*" };
      @id("f") forbid (principal, action, resource) when { context.resource like "/a/*" };`
    expect(await kinds(text)).toEqual(['a contradictory by f'])
  })

  it('are found when others say the same', async () => {
    const text = `@id("all") permit (principal in Role::"admin", action, resource);
      @id("some") permit (principal in Role::"admin", action in Action::"read", resource);
      @id("held") @approval("x") permit (principal in Role::"admin", action in Action::"read", resource);
      @id("other") @approval("x") permit (principal in Role::"viewer", action in Action::"read", resource);`
    expect(await kinds(text)).toEqual(['some shadowed by all', 'held shadowed by all,some'])
  })

  it('are not found where each does something', async () => {
    const text = `permit (principal in Role::"admin", action, resource);
      @approval("x") permit (principal in Role::"viewer", action in Action::"pay", resource);
      @hold("mfa") forbid (principal, action in Action::"pay", resource) when { context.input has amount && context.input.amount > 5 };
      forbid (principal, action, resource) when { context.threat_severity == "critical" };`
    expect(await about.findings(policies(text))).toEqual({ found: [], unknown: [] })
  })
})

describe('what is said of all calls is what decides them', () => {
  const guarded = `${everything} @id("p") forbid (principal, action, resource) when { context.resource like "/prod/*" };`

  it('so nothing is violated by a call that is refused for how its resource may be read', async () => {
    const found = await check(
      guarded,
      '@invariant("capitals change nothing") forbid (principal, action, resource) when { context.resource like "/PROD/*" };',
    )
    expect(found.answer).not.toBe('violated')
    const exact = await check(
      guarded,
      '@invariant("not prod") forbid (principal, action, resource) when { context.resource like "/prod/*" };',
    )
    expect(exact.answer).toBe('holds')
    const other = await check(
      guarded,
      '@invariant("not dev") forbid (principal, action, resource) when { context.resource like "/dev/*" };',
    )
    expect(other.answer).toBe('violated')
  })

  it('so nothing is said to be allowed always where a spelling of its resource may be refused', async () => {
    const stated =
      '@invariant("all may read the API") permit (principal, action in Action::"read", resource) when { context.resource like "/api/*" };'
    expect(await check(guarded, stated)).toMatchObject({ answer: 'unknown', why: expect.stringContaining('may be refused') })
    expect((await check(everything, stated)).answer).toBe('holds')
  })

  it('so counts are no less than nothing, and levels are those that there are', async () => {
    const few = 'permit (principal, action, resource) when { context.pii_count * 2 < 100 };'
    expect((await check(few, '@invariant("few") forbid (principal, action, resource) when { context.pii_count >= 50 };')).answer).toBe(
      'holds',
    )
    const levels = '["none", "low", "medium", "high", "critical"].contains(context.threat_severity)'
    expect((await check(everything, `@invariant("known") forbid (principal, action, resource) unless { ${levels} };`)).answer).toBe('holds')
    expect(
      (await check(everything, '@invariant("named") forbid (principal, action, resource) when { context.resource == "" };')).answer,
    ).toBe('holds')
  })
})
