import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Effect } from '../call.ts'
import { fitPolicySet } from './publish.ts'
import { mayMisfit } from './refit.ts'
import type { PolicyTool } from './schema.ts'

const fields = fc.subarray(['amount', 'to', 'flag'])
const schemas = fc.record({ fields, type: fc.constantFrom('integer', 'string'), required: fc.boolean() })
const tool = (name: string): fc.Arbitrary<PolicyTool> =>
  fc
    .record({ effect: fc.constantFrom<Effect[]>('read', 'pay'), action: fc.constantFrom(name, name, 'group'), schema: schemas })
    .map(({ effect, action, schema }) => ({
      name,
      action,
      effect,
      inputSchema: {
        type: 'object',
        properties: Object.fromEntries(schema.fields.map((field) => [field, { type: field === 'flag' ? 'boolean' : schema.type }])),
        required: schema.required ? schema.fields : [],
      },
    }))
const actions = fc.constantFrom(
  'action',
  'action == Action::"a"',
  'action == Action::"b"',
  'action == Action::"new"',
  'action == Action::"read"',
  'action in Action::"pay"',
  'action in Action::"group"',
  'action in [Action::"a", Action::"read"]',
)
const conditions = fc.constantFrom(
  '',
  'when { context.input.amount > 5 }',
  'when { context.input.to == "x" }',
  'when { context.input has flag && context.input.flag }',
  'when { context.input has amount && context.input.amount > 1 }',
  'when { action in Action::"read" && context.input.amount > 5 }',
  'when { action == Action::"new" || context.mfa }',
  'unless { context.tool == "b" && context.input.to like "y*" }',
)
const texts = fc
  .array(fc.tuple(fc.constantFrom('permit', 'forbid'), actions, conditions), { minLength: 1, maxLength: 5 })
  .map((all) => all.map(([effect, action, condition]) => `${effect} (principal, ${action}, resource) ${condition};`).join('\n'))

/** The policies of a text that something is wrong with. */
const wrong = (text: string, tools: readonly PolicyTool[]) => {
  const found = fitPolicySet({ form: 'cedar', text }, { tools })
  return found.ok ? [] : found.errors.map(({ policy }) => policy)
}

describe('tools that change', () => {
  it('are said to leave a set as it is only where every policy that fitted still fits', () => {
    const seen = { fits: 0, misfits: 0, more: 0 }
    const changes = fc.record({ a: tool('a'), b: tool('b'), other: fc.oneof(tool('a'), tool('b'), tool('new')) })
    fc.assert(
      fc.property(texts, changes, (text, { a, b, other }) => {
        const before = [a, b]
        const after = [...before.filter(({ name }) => name !== other.name), other]
        const old = new Set(wrong(text, before))
        const fresh = wrong(text, after).filter((each) => !old.has(each))
        const may = mayMisfit(text, before, after)
        seen[fresh.length > 0 ? 'misfits' : may ? 'more' : 'fits']++
        if (!may) expect(fresh).toEqual([])
      }),
      { numRuns: 400 },
    )
    expect(seen.fits).toBeGreaterThan(40)
    expect(seen.misfits).toBeGreaterThan(0)
  }, 60_000)
})
