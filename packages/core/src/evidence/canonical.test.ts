import canonicalize from 'canonicalize'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Json } from '../json.ts'
import { canonical, parseCanonical } from './canonical.ts'

const nested = (levels: number): Json => (levels === 0 ? 1 : [nested(levels - 1)])

describe('the canonical form', () => {
  it('orders members by UTF-16 code units at every level, and writes no white space', () => {
    const value = { b: [1, { z: null, a: true }], a: 'x', '10': 0, '9': 0, '€': 1, '\ufb33': 2, '😀': 3, '\r': 4, ö: 5 }
    expect(canonical(value)).toBe('{"\\r":4,"10":0,"9":0,"a":"x","b":[1,{"a":true,"z":null}],"ö":5,"€":1,"😀":3,"\ufb33":2}')
  })

  it('writes numbers as ECMAScript does', () => {
    const numbers = [0, -0, 1e21, 1e-7, 0.000001, 123456789012345680000, 4.5, 1e30, 2e-3, 5e-324, 1.7976931348623157e308, -1]
    expect(canonical(numbers)).toBe('[0,0,1e+21,1e-7,0.000001,123456789012345680000,4.5,1e+30,0.002,5e-324,1.7976931348623157e+308,-1]')
  })

  it('escapes only what it must', () => {
    expect(canonical('\u20ac$\u000f\u000aA\'B"\\\\"/\u007f\u2028')).toBe('"\u20ac$\\u000f\\nA\'B\\"\\\\\\\\\\"/\u007f\u2028"')
  })

  it('agrees with another implementation on any JSON', () => {
    fc.assert(
      fc.property(fc.jsonValue({ depthSize: 'medium', stringUnit: 'grapheme' }), (value) => {
        expect(canonical(value as Json)).toBe(canonicalize(value))
      }),
      { numRuns: 500 },
    )
  })

  it('does not depend on the order in which members were written', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.string(), fc.integer())), (members) => {
        const unique = [...new Map(members)]
        expect(canonical(Object.fromEntries(unique))).toBe(canonical(Object.fromEntries(unique.toReversed())))
      }),
    )
  })

  it('says the same as the value it was made from', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = canonical(value as Json)
        expect(canonical(parseCanonical(text))).toBe(text)
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)))
      }),
    )
  })

  it.each<[string, unknown]>([
    ['NaN', Number.NaN],
    ['infinity', [Number.POSITIVE_INFINITY]],
    ['a lone surrogate', { a: '\ud800' }],
    ['a lone surrogate in a name', { '\udc00': 1 }],
    ['undefined', { a: undefined }],
    ['a hole in an array', Array(2)],
    ['a function', () => 1],
    ['a bigint', 1n],
    ['a class instance', new Date(0)],
    ['more than 64 levels', nested(65)],
  ])('has none for %s', (_, value) => {
    expect(() => canonical(value as Json)).toThrow(TypeError)
  })

  it('reaches down to 64 levels', () => {
    expect(canonical(nested(64))).toHaveLength(129)
  })

  it.each(['{"b":1,"a":2}', '{ "a":1}', '1.0', '"\\u0041"', '{"a":1,"a":1}', '-0', '[1]\n'])('is not %s', (text) => {
    expect(() => parseCanonical(text)).toThrow(TypeError)
  })

  it('is not what is no JSON', () => {
    expect(() => parseCanonical('{')).toThrow(SyntaxError)
  })
})
