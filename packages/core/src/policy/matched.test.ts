import fc from 'fast-check'
import { RE2JS } from 're2js'
import { describe, expect, it } from 'vitest'
import type { Json } from '../json.ts'
import { matchLimits, matchProblem, weightOf } from './matched.ts'
import { preparePolicySet } from './publish.ts'

const hostile = '(a{1,1000}|b{0,999}|c{1,998}|[^x]{1,997})'.repeat(18)
const rule = (value: string, index = 0): Json => ({
  rule_id: `r${index}`,
  effect: 'deny',
  conditions: [{ field: 'resource', operator: 'matches', value }],
})
const conditioned = (rules: readonly Json[]) =>
  preparePolicySet({ form: 'conditioned', rules: { policy_set_id: 'x', version: 1, default_effect: 'deny', rules } }, { tools: [] })
const cedar = (...expressions: readonly string[]) =>
  preparePolicySet(
    {
      form: 'cedar',
      text: expressions
        .map((each) => `forbid (principal, action, resource) when { context.matched.contains("resource matches ${each}") };`)
        .join('\n'),
    },
    { tools: [] },
  )
const messages = (found: ReturnType<typeof cedar>) => (found.ok ? [] : found.errors.map(({ message }) => message))

describe('the size of an expression', () => {
  it('is bounded before it is compiled, and the limit is named, in Cedar text and in rules', () => {
    for (const found of [conditioned([rule(hostile)]), cedar(hostile)]) expect(messages(found).join()).toContain(`${matchLimits.program}`)
    const found = conditioned([rule('^/fine'), rule(hostile, 1)])
    expect(found.ok ? [] : found.errors).toMatchObject([{ path: '/rules/1/conditions/0' }])
  })

  it('is bounded for a whole set, however many rules it is spread over', () => {
    const several = (many: number) => Array.from({ length: many }, (_, index) => `a{1,500}${index}`)
    for (const found of [cedar(...several(40)), conditioned(several(40).map(rule))])
      expect(messages(found).join()).toContain(`${matchLimits.programs}`)
    // The same expression twice is one.
    expect(cedar(...Array.from({ length: 40 }, () => 'a{1,500}')).ok).toBe(true)
    expect(cedar(...several(5)).ok).toBe(true)
    const many = Array.from({ length: matchLimits.facts + 1 }, (_, index) => `^/x${index}`)
    for (const found of [cedar(...many), conditioned(many.map(rule))]) expect(messages(found).join()).toContain(`${matchLimits.facts}`)
  })

  it('leaves room for what people write', () => {
    for (const expression of [
      '^/prod/(db|web)-[0-9]{1,4}$',
      '^[a-z0-9._%+-]{1,64}@[a-z0-9.-]{1,253}\\.[a-z]{2,24}$',
      '^.{1,1000}$',
      '\\x{10FFFF}{2}',
      '\\p{Greek}+',
    ])
      expect([expression, matchProblem(`resource matches ${expression}`)]).toEqual([expression, undefined])
    expect(matchProblem('resource matches (unclosed')).toContain('RE2')
    expect(matchProblem('nothing')).toBeDefined()
  })

  it('is never estimated at less than a third of what it compiles to', () => {
    const piece = fc.constantFrom(
      'a',
      '.',
      '\\d',
      '[^x]',
      '[]a]',
      '[[:alpha:]]',
      '\\p{L}',
      '\\x{41}',
      '\\.',
      '[(]',
      '[)]',
      '\\Q[(\\E',
      '(?P<n>a)',
      '(?i)s',
      '|',
      '^',
      'é',
    )
    const repeat = fc.constantFrom('', '', '*', '+?', '?', '{3}', '{0,7}', '{2,}', '{12}')
    const expressions = fc.letrec<{ readonly node: string }>((tie) => ({
      node: fc.oneof(
        { depthSize: 'small', withCrossShrink: true },
        fc.tuple(piece, repeat).map(([a, b]) => (a === '|' || a === '^' ? a : a + b)),
        fc.tuple(fc.array(tie('node'), { minLength: 1, maxLength: 4 }), repeat).map(([all, b]) => `(?:${all.join('')})${b}`),
      ),
    })).node
    fc.assert(
      fc.property(expressions, (expression) => {
        let size: number
        try {
          size = RE2JS.compile(expression).programSize()
        } catch {
          return
        }
        expect(weightOf(expression) * 3 + 10).toBeGreaterThanOrEqual(size)
      }),
    )
  })
})
