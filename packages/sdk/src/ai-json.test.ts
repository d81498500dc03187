import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Bytes, fromJson, toJson } from './ai-json.ts'

const again = (value: unknown) => {
  const bytes: Bytes = new Map()
  return fromJson(JSON.parse(JSON.stringify(toJson(value, bytes))), bytes)
}

describe('a value of the AI SDK as JSON', () => {
  it('comes back with its bytes, addresses and dates', () => {
    const value = { file: new Uint8Array([1, 2]), at: new Date(5), from: new URL('https://a.example/x'), rest: [null, 1, 'x'] }
    expect(again(value)).toEqual(value)
    expect(JSON.stringify(toJson(value, new Map()))).not.toContain('[1,2]')
  })

  it('comes back as it is, whatever a model or somebody else called its members', () => {
    const key = fc.oneof(fc.constantFrom('$sha256', '$url', '$date', '$$url', '$$$date', '$', 'url'), fc.string())
    const value = fc.letrec((tie) => ({
      any: fc.oneof({ maxDepth: 4 }, fc.string(), fc.integer(), fc.constant(null), tie('list'), tie('object')),
      list: fc.array(tie('any'), { maxLength: 3 }),
      object: fc.dictionary(key, tie('any'), { maxKeys: 2, noNullPrototype: true }),
    })).any
    fc.assert(
      fc.property(value, (each) => {
        expect(again(each)).toEqual(each)
      }),
      { numRuns: 1_000 },
    )
    expect(again({ $url: 'no address' })).toEqual({ $url: 'no address' })
    expect(again({ $sha256: 'ff', gone: undefined })).toEqual({ $sha256: 'ff' })
  })

  it('has no bytes that it was not given', () => {
    expect(() => fromJson({ $sha256: 'ff' }, new Map())).toThrow('not the one that was decided about')
  })
})
