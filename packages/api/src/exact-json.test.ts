import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseExactly, writeExactly } from './exact-json.ts'

describe('JSON with exact integers', () => {
  it('reads every integer of 64 bits as it was written, and writes it back', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (n) => {
        const read = parseExactly(`{"n":[${n}]}`) as { n: [number | bigint] }
        expect(BigInt(read.n[0])).toBe(n)
        expect(typeof read.n[0]).toBe(Number.isSafeInteger(Number(n)) ? 'number' : 'bigint')
        expect(writeExactly(read)).toBe(`{"n":[${n}]}`)
      }),
    )
  })

  it('reads everything else as JSON.parse does', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        expect(JSON.stringify(parseExactly(text), (_, value: unknown) => (typeof value === 'bigint' ? Number(value) : value))).toBe(
          JSON.stringify(JSON.parse(text)),
        )
      }),
    )
    const text = '{"a":"9223372036854775807","b":1e17,"c":12345678901234567.5,"d":-0,"e":123456789012345678901234}'
    expect(parseExactly(text)).toEqual(JSON.parse(text))
  })
})
