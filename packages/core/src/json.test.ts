import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { freeze, isObject, longOf, mapStrings, maxDepth } from './json.ts'

describe('freeze', () => {
  it('copies any JSON value and freezes it through and through', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 5 }), (value) => {
        if (/__proto__|\\ud[89a-f]/i.test(JSON.stringify(value))) return
        const frozen = freeze(value)
        expect(frozen).toEqual(value)
        const deep = (each: unknown): boolean =>
          typeof each !== 'object' || each === null || (Object.isFrozen(each) && Object.values(each).every(deep))
        expect(deep(frozen)).toBe(true)
      }),
    )
  })

  it('is not changed by who changes the original', () => {
    const original = { list: [1], deep: { a: 1 } }
    const frozen = freeze(original)
    original.list.push(2)
    original.deep.a = 2
    expect(frozen).toEqual({ list: [1], deep: { a: 1 } })
  })

  it('carries every integer of 64 bits, to the last digit', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (value) => {
        const frozen = freeze(value)
        expect(typeof frozen === 'string' ? longOf(frozen) : BigInt(Number(frozen))).toBe(value)
      }),
    )
    for (const text of ['12', '9007199254740991', '9223372036854775808', '09223372036854775807', '1e17', ' 9223372036854775807', ''])
      expect(longOf(text)).toBeUndefined()
  })

  it('refuses what JSON cannot carry, by its path', () => {
    const nested = (depth: number): unknown => (depth === 0 ? 1 : [nested(depth - 1)])
    const bad: [unknown, string][] = [
      [{ a: Number.NaN }, '/a'],
      [[1, Number.POSITIVE_INFINITY], '/1'],
      [{ a: { b: () => 1 } }, '/a/b'],
      [{ a: 2n ** 63n }, '/a'],
      [{ a: Symbol('a') }, '/a'],
      [new Date(), 'plain object'],
      [{ a: new Map() }, '/a'],
      [{ a: '\ud800' }, 'surrogate'],
      [{ '\ud800': 1 }, 'surrogate'],
      [JSON.parse('{"__proto__": 1}'), '__proto__'],
      [nested(maxDepth + 1), '64 levels'],
      [undefined, 'undefined'],
    ]
    for (const [value, said] of bad) expect(() => freeze(value), said).toThrow(said)
    expect(() => freeze(nested(maxDepth))).not.toThrow()
    expect(freeze({ a: undefined, b: null })).toEqual({ b: null })
  })

  it('names no value in what it says', () => {
    expect(() => freeze({ a: '123-45-6789\ud800' })).not.toThrow('123')
  })
})

describe('mapStrings', () => {
  it('changes every string, keys included, and nothing else', () => {
    expect(mapStrings({ a: ['b', 1, null, { c: true }] }, (text) => text.toUpperCase())).toEqual({ A: ['B', 1, null, { C: true }] })
  })

  it('knows an object from a list', () => {
    expect([isObject({}), isObject([]), isObject(null), isObject('x')]).toEqual([true, false, false, false])
  })
})
