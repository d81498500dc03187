import { describe, expect, it } from 'vitest'
import { fitPolicySet, type PolicySource } from './publish.ts'

const tools = [{ name: 'delete_file', action: 'delete_file', effect: 'delete' as const, inputSchema: { type: 'object' } }]

function advice(source: string | PolicySource) {
  const fitting = fitPolicySet(typeof source === 'string' ? { form: 'cedar', text: source } : source, { tools })
  if (!fitting.ok) throw new TypeError(JSON.stringify(fitting.errors))
  return fitting.warnings
}

const like = (effect: string, pattern: string, clause = 'when') =>
  `${effect} (principal, action, resource)\n${clause} { context.resource like "${pattern}" };`

describe('advice on paths', () => {
  it('tells a spelling that no path has as rules read it, at its place, with what to write', () => {
    for (const [pattern, instead] of [
      ['/caf%C3%A9/*', '/café/*'],
      ['/prod//db*', '/prod/db*'],
      ['/a/../prod/*', '/prod/*'],
      ['/%7euser/*', '/~user/*'],
      ['/prod/', '/prod'],
      ['/x*/./y', '/x*/y'],
      ['/Ärger/*', '/Ärger/*'],
    ]) {
      expect([
        pattern,
        advice(`${like('permit', pattern ?? '')} forbid (principal, action, resource == Resource::"/prod");`),
      ]).toMatchObject([pattern, [{ code: 'path', policy: 'policy0', line: 2, column: 30, help: expect.stringContaining(`"${instead}"`) }]])
    }
    expect(advice(like('permit', '/a%20b/*'))[0]?.message).toContain('never lets one in')
    expect(advice(like('forbid', '/a%20b/*'))[0]?.message).toContain('keeps none out')
    expect(advice(like('permit', '/a%20b/*', 'unless'))[0]?.message).toContain('keeps none out')
    expect(advice('permit (principal, action, resource in Resource::"/prod/");')).toMatchObject([
      { help: expect.stringContaining('"/prod"') },
    ])
  })

  it('tells that a forbid on what lies under a folder leaves out the folder', () => {
    expect(advice(like('forbid', '/prod/*'))).toMatchObject([{ message: expect.stringContaining('not `/prod` itself'), line: 2 }])
    expect(advice(like('permit', '/prod/*', 'unless'))).toHaveLength(1)
    const quick: PolicySource = { form: 'quick', rules: { pre_rules: [{ type: 'deny', action: '*', resource: '/prod/*' }] } }
    expect(advice(quick)).toMatchObject([{ path: '/pre_rules/0' }])
    expect(advice(like('permit', '/prod/*'))).toEqual([])
    expect(advice(like('forbid', '/prod/*', 'unless'))).toEqual([])
    expect(advice(`${like('forbid', '/prod/*')} forbid (principal, action, resource == Resource::"/prod");`)).toEqual([])
  })

  it('tells that a forbid on a path without its first slash is about names', () => {
    expect(advice(like('forbid', 'prod/*'))).toMatchObject([{ help: expect.stringContaining('"/prod/*"') }])
    expect(advice('forbid (principal, action, resource == Resource::"./prod");')).toHaveLength(1)
  })

  it('is silent about what is meant', () => {
    for (const pattern of [
      '*',
      '/prod*',
      '/prod/*/x',
      '*/prod/*',
      'prod:*',
      'invoice-*',
      's3://b/*',
      '/100%',
      '/a b/é*x',
      '/*',
      '/a\\\\*b*',
    ]) {
      expect([pattern, advice(like('forbid', pattern))]).toEqual([pattern, []])
    }
    expect(advice('forbid (principal, action, resource) when { context.tool like "/prod//*" || context.session == "a/b" };')).toEqual([])
  })
})
