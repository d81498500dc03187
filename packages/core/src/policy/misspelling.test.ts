import { describe, expect, it } from 'vitest'
import { preparePolicySet } from './publish.ts'
import type { PolicyTool } from './schema.ts'

const tools: readonly PolicyTool[] = [
  {
    name: 'transfer',
    action: 'move.money',
    effect: 'pay',
    inputSchema: {
      type: 'object',
      properties: {
        amount: { type: 'integer' },
        'to whom': { type: 'string' },
        card: { type: 'object', properties: { bank: { type: 'string' } } },
      },
    },
  },
  { name: 'look', action: 'look', effect: 'read', inputSchema: { type: 'object', properties: { where: { type: 'string' } } } },
]
const errorsOf = (text: string) => {
  const found = preparePolicySet({ form: 'cedar', text }, { tools })
  return found.ok ? [] : found.errors
}
const pay = (condition: string) => `forbid (principal, action == Action::"transfer", resource)\nwhen { ${condition} };`

describe('a misspelling behind `has`', () => {
  it('is told at its place, with the name that it is nearest to', () => {
    const text = `@id("cap") ${pay('context.input has amuont &&\n  context.input.amuont > 1')}`
    expect(errorsOf(text)).toEqual([
      {
        code: 'type',
        policy: 'cap',
        line: 2,
        column: 26,
        text: 'amuont',
        message: 'The policy `cap` is impossible: nothing that it applies to has `context.input.amuont`.',
        help: 'Did you mean `amount`?',
      },
    ])
  })

  it.each([
    ['context.input has "to whmo" && context.input["to whmo"] == "x"', 26, '"to whmo"', 'to whom'],
    ['context["input"] has amoun', 29, 'amoun', 'amount'],
    ['context.input has card && context.input.card has bnak && context.input.card.bnak == "x"', 57, 'bnak', 'bank'],
    ['context.input has card.bnak && context.input.card.bnak == "x"', 31, 'bnak', 'bank'],
    ['context has input.amuont', 26, 'amuont', 'amount'],
    ['context has aproval', 20, 'aproval', 'approval'],
  ])('is found in %s', (condition, column, text, meant) => {
    expect(errorsOf(pay(condition))).toMatchObject([{ code: 'type', line: 2, column, text, help: `Did you mean \`${meant}\`?` }])
  })

  it('is one of what the policy applies to, not of other tools', () => {
    expect(errorsOf('forbid (principal, action in Action::"read", resource) when { context.input has amount };')).toMatchObject([
      { code: 'type', text: 'amount', message: expect.stringContaining('`context.input.amount`') },
    ])
    expect(errorsOf('forbid (principal, action in Action::"pay", resource) when { context.input has amount };')).toEqual([])
    expect(errorsOf('forbid (principal, action in Action::"move.money", resource) when { context.input has amount };')).toEqual([])
    expect(errorsOf('forbid (principal, action, resource) when { context.input has amount && context.input has amuont };')).toMatchObject([
      { text: 'amuont' },
    ])
  })

  it('is told with its place in rules that were compiled, and each once', () => {
    expect(errorsOf(pay('context.input has aa && context.input has bb && context.input.aa == context.input.bb'))).toMatchObject([
      { text: 'aa' },
      { text: 'bb' },
    ])
  })

  it('is not blamed for a policy that can never apply for another reason', () => {
    expect(errorsOf(pay('context.input has amount && false'))).toMatchObject([
      { code: 'type', line: 1, message: expect.stringContaining('impossible') },
    ])
  })
})
