import { describe, expect, it } from 'vitest'
import { policiesIn } from './cedar-text.ts'
import { evaded } from './evaded.ts'
import type { PolicyTool } from './schema.ts'

const tools = [
  ['wipe', 'delete'],
  ['drop', 'delete'],
  ['look', 'read'],
].map(([name = '', effect]) => ({ name, action: name, effect, inputSchema: { type: 'object' } })) as unknown as PolicyTool[]
const asks = '@id("ask") @approval("approver") permit (principal, action in [Action::"delete"], resource);'
const found = (before: string, after: string) =>
  evaded([...policiesIn(before)], [...policiesIn(`${before} ${after}`)], tools).map(({ id, by, tools }) => [id, by, tools.join()])

describe('what a permit asks of calls', () => {
  it.each([
    ['@id("new") permit (principal, action == Action::"wipe", resource);', 'wipe'],
    ['@id("new") permit (principal in Role::"admin", action in [Action::"wipe", Action::"look"], resource);', 'wipe'],
    [
      '@id("new") @approval("user") permit (principal, action in [Action::"delete"], resource) when { context.pii_count == 0 };',
      'wipe,drop',
    ],
    ['@id("new") permit (principal, action, resource == Resource::"/a");', 'wipe,drop'],
  ])('is got round by a new permit of the same tools that asks for less: %s', (after, names) => {
    expect(found(asks, after)).toEqual([['ask', 'new', names]])
  })

  it.each([
    '@id("new") permit (principal, action == Action::"look", resource);',
    '@id("new") @approval("approver") @rate("1/1m") permit (principal, action == Action::"wipe", resource);',
    '@id("new") forbid (principal, action, resource);',
  ])('is asked still beside: %s', (after) => expect(found(asks, after)).toEqual([]))

  it('is nothing where the permit was there before, or nothing is asked', () => {
    const free = '@id("free") permit (principal, action == Action::"wipe", resource);'
    expect(found(`${asks} ${free}`, '')).toEqual([])
    expect(found(free, '@id("new") permit (principal, action, resource);')).toEqual([])
  })
})
