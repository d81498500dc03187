import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { jsonPlaces } from './json-places.ts'

const depthAfter = (text: string, isDocument?: boolean) => {
  const places = jsonPlaces(isDocument)
  places.read(text)
  return places.depth()
}

describe('a place in a text', () => {
  it.each([
    ['{"a": "', 1],
    ['{"a": "x"', 0],
    ['{"a": "x\\"', 1],
    ['{"a": "x\\\\"', 0],
    ['  \n[ "', 1],
    ['{"a": "{\\"b\\": \\"', 2],
    ['{"a": "{\\"b\\": \\"x\\"', 1],
    ['{"a": "{\\"b\\": \\"{\\\\\\"c\\\\\\": \\\\\\"', 3],
    ['{"a": "\\u007b\\u0022b\\u0022: \\u0022', 2],
    ['{"a": "he said \\"', 1],
    ['he said "', 0],
    ['[docs] say "', 0],
    ['{ x: "', 0],
    ['"', 0],
  ])('after %j is %i strings deep', (text, depth) => {
    expect(depthAfter(text)).toBe(depth)
    for (let at = 0; at <= text.length; at++) {
      const places = jsonPlaces()
      places.read(text.slice(0, at))
      const copy = places.copy()
      places.read(text.slice(at))
      copy.read(text.slice(at))
      expect([places.depth(), copy.depth()]).toEqual([depth, depth])
    }
  })

  it('is in a document for certain where that is known before', () => {
    expect(depthAfter('"', true)).toBe(1)
    expect(depthAfter('"')).toBe(0)
  })

  it('after a token that the document begins with is in a document', () => {
    const places = jsonPlaces()
    places.read('[')
    places.token()
    places.read(', "')
    expect(places.depth()).toBe(1)
  })

  it('is as deep as documents within documents are, for any text in them that begins no document itself', () => {
    fc.assert(
      fc.property(fc.string(), fc.integer({ min: 1, max: 4 }), (value, depth) => {
        let text = JSON.stringify({ [value]: `: ${value}@` })
        for (let level = 1; level < depth; level++) text = JSON.stringify({ v: text })
        expect(depthAfter(text.slice(0, text.lastIndexOf('@')))).toBe(depth)
        expect(depthAfter(text)).toBe(0)
      }),
    )
  })
})
