import { describe, expect, it } from 'vitest'
import { commonWords } from './common-words.ts'
import { givenNames } from './given-names.ts'
import { openList } from './list.ts'
import { surnames } from './surnames.ts'
import { towns } from './towns.ts'
import { wordNames } from './word-names.ts'

describe('a packed list', () => {
  it('holds each of its words, and nothing between them', () => {
    const list = openList('\nAannDaDbelBdam\nAbob\n')
    expect(['ann', 'anna', 'annbel', 'adam', 'bob'].map((word) => list.has(word))).toEqual([true, true, true, true, true])
    expect(['an', 'annb', 'dam', ''].some((word) => list.has(word))).toBe(false)
  })

  it.each([
    [givenNames, ['maria', 'john', 'thorsten', 'aiko', 'ludmila'], ['table', 'please']],
    [surnames, ['smith', 'garcia', 'andersson', 'kowalski'], ['table', 'please']],
    [wordNames, ['will', 'young', 'cook', 'summer'], ['smith']],
    [commonWords, ['table', 'please', 'window', 'union'], ['smith', 'maria']],
    [towns, ['bilbao', 'tampere', 'porto alegre'], ['reading', 'nice']],
  ])('opens %#', (packed, inside, outside) => {
    const list = openList(packed)
    expect(inside.filter((word) => !list.has(word))).toEqual([])
    expect(outside.filter((word) => list.has(word))).toEqual([])
  })
})
