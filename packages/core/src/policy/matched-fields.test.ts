import { describe, expect, it } from 'vitest'
import { preparePolicySet } from './publish.ts'
import { mayMisfit } from './refit.ts'
import type { PolicyTool } from './schema.ts'

const tool = (name: string, properties: object, effect = 'execute') =>
  ({ name, action: name, effect, inputSchema: { type: 'object', properties, additionalProperties: false } }) as unknown as PolicyTool
const string = { type: 'string' }
const run = tool('run', { cmd: string, deep: { type: 'object', properties: { path: string } } })
const list = tool('list', { cmd: { type: 'array', items: string } })
const either = tool('either', { cmd: { anyOf: [string, { type: 'array', items: string }] } })
const look = tool('look', { query: string }, 'read')
const forbid = (field: string, scope = 'action == Action::"run"') =>
  `permit (principal, action, resource);\n@id("m") forbid (principal, ${scope}, resource)\n  when { context.matched.contains("${field} matches ^rm ") };`
const found = (text: string, tools: readonly PolicyTool[]) => {
  const set = preparePolicySet({ form: 'cedar', text }, { tools })
  return set.ok ? set.warnings : set.errors
}

describe('fields that regular expressions are asked of', () => {
  it.each([
    ['input.cmdd', 'Did you mean `input.cmd`?'],
    ['input.deep.paht', undefined],
    ['input.cmd.more', undefined],
  ])('are refused at their place where nothing that the policy is about has them: %s', (field, help) => {
    expect(found(forbid(field), [run, look])).toEqual([
      expect.objectContaining({
        code: 'type',
        policy: 'm',
        line: 3,
        column: 35,
        message: `Nothing that the policy \`m\` applies to has \`${field}\`.`,
        ...(help !== undefined && { help }),
      }),
    ])
    expect(found(forbid(field, 'action in [Action::"execute", Action::"read"]'), [run, look])).toHaveLength(1)
  })

  it('are fine where one of the tools has them as text, and told where another has them as something else', () => {
    expect(found(forbid('input.cmd', 'action'), [run, look])).toEqual([])
    expect(found(forbid('input.deep.path', 'action'), [run, look])).toEqual([])
    for (const other of [list, either])
      expect(found(forbid('input.cmd', 'action'), [run, other])).toEqual([
        expect.objectContaining({ policy: 'm', message: expect.stringContaining(`\`input.cmd\` of \`${other.name}\` may be no text`) }),
      ])
  })

  it('no longer fit where the last tool that has them has them no more', () => {
    const renamed = tool('run', { command: string })
    expect(mayMisfit(forbid('input.cmd'), [run], [renamed])).toBe(true)
    expect(mayMisfit(forbid('input.cmd', 'action'), [run], [run, look])).toBe(false)
  })
})
