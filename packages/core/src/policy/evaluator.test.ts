import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseCedar } from './cedar-text.ts'
import { answerOf } from './evaluation.ts'
import { compilePolicies } from './evaluator.ts'
import type { CedarRequest } from './facts.ts'
import { cedarOracle } from './oracle.ts'
import { randomPolicy, randomRequest } from './random-policies.ts'
import { readRequest } from './request.ts'

const parse = (text: string) => {
  const parsed = parseCedar(text)
  if (!parsed.ok) throw new Error(`${parsed.errors[0]?.message} in ${text}`)
  return parsed.policies
}

const empty: CedarRequest = {
  principal: { type: 'User', id: 'u' },
  action: { type: 'Action', id: 'a' },
  resource: { type: 'Doc', id: 'd' },
  context: {},
  entities: [],
}

const evaluate = (text: string, request: Partial<CedarRequest> = {}) => compilePolicies(parse(text))(readRequest({ ...empty, ...request }))
const holds = (expression: string, request: Partial<CedarRequest> = {}) => {
  const { permits, errors } = evaluate(`permit (principal, action, resource) when { ${expression} };`, request)
  return errors[0]?.message ?? permits.length > 0
}

describe('the compiled evaluator', () => {
  it('agrees with Cedar on decision, reasons and errors of thousands of random policies', { timeout: 120_000 }, () => {
    let erred = 0
    let allowed = 0
    fc.assert(
      fc.property(
        fc.array(randomPolicy, { minLength: 1, maxLength: 5 }),
        fc.array(randomRequest, { minLength: 2, maxLength: 4 }),
        (texts, questions) => {
          const policies = parse(texts.join('\n'))
          const ours = compilePolicies(policies)
          const theirs = cedarOracle(policies)
          for (const question of questions) {
            const [mine, cedar] = [ours(readRequest(question)), theirs(question)].map((found) => ({
              decision: answerOf(found).decision,
              reason: [...answerOf(found).reason].sort(),
              errors: found.errors.map(({ policy: id }) => id).sort(),
            }))
            erred += cedar?.errors.length ?? 0
            allowed += cedar?.decision === 'allow' ? 1 : 0
            expect(mine).toEqual(cedar)
          }
        },
      ),
      { numRuns: 1_500 },
    )
    expect(erred).toBeGreaterThan(100)
    expect(allowed).toBeGreaterThan(100)
  })

  it('computes in 64 bits exactly, and errs outside', () => {
    expect(holds('9223372036854775807 - 1 == 9223372036854775806')).toBe(true)
    expect(holds('9007199254740993 == 9007199254740992')).toBe(false)
    expect(holds('-9223372036854775808 + 9223372036854775807 == -1')).toBe(true)
    expect(holds('3037000500 * 3037000500 == 0')).toMatch(/64 bits/u)
    expect(holds('9223372036854775807 + 1 == 0')).toMatch(/64 bits/u)
    expect(holds('-(-9223372036854775808) == 0')).toMatch(/64 bits/u)
    expect(holds('context.n + 1 == 9223372036854775807', { context: { n: 9223372036854775806n as unknown as number } })).toBe(true)
  })

  it('never takes a text of the policy for an integer that it put there itself', () => {
    expect(holds('9223372036854775807 == 1 || datetime("integer:5") == 5')).toMatch(/no valid/u)
  })

  it('looks for the parts of a pattern without backtracking', () => {
    const hostile = `${'*a'.repeat(200)}*b`
    expect(holds(`context.s like "${hostile}"`, { context: { s: 'a'.repeat(100_000) } })).toBe(false)
  })

  it('passes over no policy that could apply', () => {
    const entities = [{ uid: { type: 'Action', id: 'a' }, attrs: {}, parents: [{ type: 'Action', id: 'group' }] }]
    for (const test of [
      'principal in Team::"t" || action in Action::"group"',
      'action in [Action::"other", Action::"group"] && true',
      'principal in Team::"t" || resource == Doc::"d"',
      'context has n || principal in Team::"t"',
    ]) {
      expect([test, holds(test, { entities, context: { n: 1 } })]).toEqual([test, true])
    }
  })

  it('names the permits that apply even where a forbid does', () => {
    const found = evaluate('permit (principal, action, resource); forbid (principal, action, resource);')
    expect(found).toEqual({ permits: ['policy0'], forbids: ['policy1'], errors: [] })
  })

  it('skips a permit that errs and reports it, without any value', () => {
    const found = evaluate('permit (principal, action, resource) when { context.secret == 1 };', { context: { other: 'hush' } })
    expect(found.errors).toEqual([{ policy: 'policy0', message: expect.not.stringContaining('hush') }])
  })

  it('ends on entities that are above themselves', () => {
    const loop = [
      { uid: { type: 'User', id: 'u' }, attrs: {}, parents: [{ type: 'User', id: 'v' }] },
      { uid: { type: 'User', id: 'v' }, attrs: {}, parents: [{ type: 'User', id: 'u' }] },
    ]
    expect(holds('principal in User::"v" && !(principal in User::"w")', { entities: loop })).toBe(true)
  })
})
