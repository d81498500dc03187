import { describe, expect, it } from 'vitest'
import { filedSets, readText } from './policy-files.ts'

const bytes = (text: string) => new TextEncoder().encode(text)
const file = (name: string, text: string) => ({ name, bytes: bytes(text) })

describe('files of policies', () => {
  it('name their sets, and bring invariants along', () => {
    const { sets, problems } = filedSets([
      file('all/payments.invariants.cedar', '@invariant("x") forbid (principal, action, resource);'),
      file('all/payments.cedar', 'permit (principal, action, resource);'),
      file('quick.json', '{"pre_rules":[]}'),
      file('rules.json', '{"rules":[]}'),
    ])
    expect(problems).toEqual([])
    expect(sets).toMatchObject([
      {
        id: 'payments',
        policy: { text: 'permit (principal, action, resource);' },
        invariants: expect.stringContaining('forbid') as string,
      },
      { id: 'quick', policy: { quick: { pre_rules: [] } } },
      { id: 'rules', policy: { conditioned: { rules: [] } } },
    ])
  })

  it('may be a bundle of several sets', () => {
    const bundle = {
      sets: [
        { id: 'a', policy: { text: 'x' }, invariants: 'y' },
        { id: 'b', policy: { quick: {} } },
      ],
    }
    const { sets, problems } = filedSets([file('bundle.json', JSON.stringify(bundle))])
    expect(problems).toEqual([])
    expect(sets.map(({ id, invariants, from }) => [id, invariants, from.file])).toEqual([
      ['a', 'y', 'bundle.json a'],
      ['b', undefined, 'bundle.json b'],
    ])
  })

  it.each([
    ['a.txt', 'x', '`.cedar` and `.json`'],
    ['a.json', '[]', 'no JSON object'],
    ['a.json', '{"sets":[]}', 'an empty one'],
    ['a.json', '{"sets":[{"id":"a","policy":{"text":"x","quick":{}}}]}', '/sets/0'],
    ['A b.cedar', '', 'no name of a set'],
    ['a.invariants.cedar', '', 'no file holds its policies'],
  ])('are refused with a reason: %s %s', (name, text, reason) => {
    expect(filedSets([file(name, text)]).problems).toEqual([
      expect.objectContaining({ file: name, message: expect.stringContaining(reason) as string }),
    ])
  })

  it('may not hold one set twice', () => {
    const { problems } = filedSets([file('a.cedar', ''), file('a.json', '{}')])
    expect(problems).toEqual([{ file: 'a.json', message: expect.stringContaining('`a.cedar`') as string }])
  })

  it('are UTF-8: what is not is told with its place, and a byte order mark is none of the text', () => {
    expect(readText(bytes('\uFEFFpermit'))).toEqual({ text: 'permit' })
    expect(readText(bytes('// 日本 𝒳'))).toEqual({ text: '// 日本 𝒳' })
    const wrong = new Uint8Array([...bytes('// é\nforbid '), 0xff, ...bytes(' more\n')])
    expect(readText(wrong)).toEqual({ line: 2, column: 8 })
    expect(readText(bytes('é').subarray(0, 1))).toEqual({ line: 1, column: 1 })
    expect(filedSets([{ name: 'a.cedar', bytes: wrong }])).toMatchObject({ sets: [], problems: [{ file: 'a.cedar', line: 2, column: 8 }] })
  })
})
