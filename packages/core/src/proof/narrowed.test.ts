import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseCedar, readCedar } from '../policy/cedar-text.ts'
import { cedarSchema, type PolicyTool } from '../policy/schema.ts'
import { type Analysis, analysis } from './analysis.ts'
import { readInvariants } from './invariant.ts'
import { openZ3, solverOf, type Z3 } from './z3.ts'

const inputSchema = { type: 'object', properties: { amount: { type: 'integer' } }, required: ['amount'] }
const tools: readonly PolicyTool[] = [
  { name: 'drop', action: 'drop', effect: 'delete', inputSchema },
  { name: 'pay', action: 'pay', effect: 'pay', inputSchema },
]

const policies = (texts: readonly string[]) => {
  const text = texts.map((each, index) => `@id("p${index}") ${each}`).join('\n')
  const read = texts.length > 500 ? parseCedar(text) : readCedar(text)
  if (!read.ok) throw new Error(JSON.stringify(read.errors))
  return read.policies
}
const stated = (text: string) => {
  const read = readInvariants(text, cedarSchema(tools).schema)
  if (!read.ok) throw new Error(JSON.stringify(read.errors))
  return read.invariants
}

let z3: Z3
let whole: Analysis
let narrow: Analysis
beforeAll(async () => {
  z3 = await openZ3()
  const options = { solver: solverOf(z3), tools }
  whole = analysis({ ...options, large: 10_000 })
  narrow = analysis({ ...options, large: 0 })
})
afterAll(() => z3.close())

const scope = fc
  .record({
    principal: fc.constantFrom(
      'principal',
      'principal == User::"u"',
      'principal in Role::"r"',
      'principal is Agent',
      'principal == Agent::"u"',
    ),
    action: fc.constantFrom('action', 'action == Action::"drop"', 'action in Action::"pay"'),
    resource: fc.constantFrom(
      'resource',
      'resource == Resource::"/a"',
      'resource in Resource::"/a"',
      'resource in Resource::"/a/b"',
      'resource in Resource::"/c"',
    ),
  })
  .map(({ principal, action, resource }) => `(${principal}, ${action}, ${resource})`)
const when = fc.constantFrom(
  '',
  ' when { context.resource like "/a/*" }',
  ' when { context.resource == "/a/b" }',
  ' when { context.resource like "*/b" && context.resource like "/c*" }',
  ' when { context.tool == "pay" && context.pii_count > 5 && context.resource like "/a*" }',
  ' when { context.tool == "pay" && context.pii_count + 9223372036854775807 > 0 && context.resource like "/c/*" }',
  ' unless { context.mfa }',
)
const policy = fc
  .record({
    effect: fc.constantFrom('permit', 'permit', 'forbid'),
    scope,
    when,
    duty: fc.constantFrom('', '', '@mfa("required") ', '@rate("1/1m") '),
    hold: fc.constantFrom('', '@hold("mfa") '),
  })
  .map(({ effect, scope: of, when: on, duty, hold }) => `${effect === 'permit' ? duty : hold}${effect} ${of}${on};`)
const some = fc.array(policy, { minLength: 1, maxLength: 9 })

describe('a few policies at a time', () => {
  it('tell of invariants, differences and findings what all of them together do', async () => {
    await fc.assert(
      fc.asyncProperty(some, some, fc.constantFrom('permit', 'forbid'), scope, when, async (one, more, effect, of, on) => {
        const [before, after] = [policies(one), policies([...one.slice(1), ...more])]
        const invariant = stated(`@invariant("x") ${effect} ${of}${on};`)
        const answers = async (about: Analysis) => {
          const { newlyAllowed, newlyDenied } = await about.difference(before, after)
          const { found, unknown } = await about.findings(before)
          return {
            invariant: (await about.invariants(after, invariant)).map(({ answer }) => answer),
            difference: [newlyAllowed.answer, newlyDenied.answer],
            atMost: (await about.atMost(before, after)).answer,
            found: found.map(({ policy: id, kind }) => `${id} ${kind}`),
            unknown: unknown.length,
          }
        }
        expect(await answers(narrow)).toEqual(await answers(whole))
      }),
      { numRuns: 12 },
    )
  }, 120_000)

  it('decide among thousands, forbids that are in the way and permits that are many among them', async () => {
    const many = Array.from({ length: 2_000 }, (_, n) =>
      n % 2 === 0
        ? `permit (principal in Role::"r${n}", action, resource) when { context.resource like "/team/${n}/*" };`
        : `forbid (principal, action, resource) when { context.resource like "/secret/${n}/*" };`,
    )
    const guard = 'forbid (principal, action in Action::"delete", resource) when { context.resource like "*/keep/*" };'
    const kept = stated(
      '@invariant("kept") forbid (principal, action in Action::"delete", resource) when { context.resource like "*/keep/*" };',
    )
    const about = analysis({ solver: solverOf(z3), tools })
    expect(await about.invariants(policies([...many, guard]), kept)).toMatchObject([{ answer: 'holds' }])
    const [broken] = await about.invariants(policies(many), kept)
    expect(broken).toMatchObject({ answer: 'violated', counterexample: { request: { action: { id: 'drop' } } } })
    const { newlyAllowed, newlyDenied } = await about.difference(policies([...many, guard]), policies(many))
    expect(newlyAllowed.answer).toBe('violated')
    expect(newlyDenied.answer).toBe('holds')
  }, 120_000)

  it('are unknown, and say so, when the time for all of them is over', async () => {
    const late = analysis({ solver: solverOf(z3), tools, until: performance.now() })
    const answers = await late.invariants(
      policies(['permit (principal, action, resource);']),
      stated('@invariant("x") forbid (principal, action, resource);'),
    )
    expect(answers).toMatchObject([{ answer: 'unknown', why: 'the solver had no time' }])
  })
})
