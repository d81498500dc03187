import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { diffLines, folded } from './text-diff.ts'

const text = fc.array(fc.constantFrom('a', 'b', 'c', ''), { maxLength: 20 }).map((lines) => lines.join('\n'))

describe('two texts compared', () => {
  it('give both texts back, line by line and in order', () => {
    fc.assert(
      fc.property(text, text, (before, after) => {
        const lines = diffLines(before, after)
        const of = (...kinds: string[]) => lines.filter(({ kind }) => kinds.includes(kind)).map((line) => line.text)
        expect(of('same', 'removed').join('\n')).toBe(before)
        expect(of('same', 'added').join('\n')).toBe(after)
        expect(lines.flatMap((line) => line.before ?? [])).toEqual(before.split('\n').map((_, at) => at + 1))
        expect(lines.flatMap((line) => line.after ?? [])).toEqual(after.split('\n').map((_, at) => at + 1))
      }),
    )
  })

  it('show the shortest difference', () => {
    const changed = diffLines('a\nb\nc\nd', 'a\nc\nx\nd').filter(({ kind }) => kind !== 'same')
    expect(changed).toEqual([
      { kind: 'removed', text: 'b', before: 2 },
      { kind: 'added', text: 'x', after: 3 },
    ])
  })

  it('take no endless time over texts that have nothing in common', () => {
    const many = (prefix: string) => Array.from({ length: 20_000 }, (_, at) => `${prefix}${at}`).join('\n')
    expect(diffLines(many('a'), many('b'))).toHaveLength(40_000)
  })

  it('are folded where nothing differs', () => {
    const same = Array.from({ length: 20 }, (_, at) => `line ${at}`)
    const hunks = folded(diffLines(same.join('\n'), same.with(10, 'other').join('\n')))
    expect(hunks.map((hunk) => ('hidden' in hunk ? hunk.hidden : hunk.lines.length))).toEqual([7, 8, 6])
  })
})
