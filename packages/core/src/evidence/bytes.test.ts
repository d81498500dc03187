import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { concat, fromBase64, fromHex, toBase64, toHex, utf8, utf8Text } from './bytes.ts'

const bytes = fc.uint8Array({ maxLength: 300 })

describe('bytes as text', () => {
  it('are the same there and back', () => {
    fc.assert(
      fc.property(bytes, (value) => {
        expect(toHex(value)).toBe(Buffer.from(value).toString('hex'))
        expect(toBase64(value)).toBe(Buffer.from(value).toString('base64'))
        expect([...fromHex(toHex(value))]).toEqual([...value])
        expect([...fromBase64(toBase64(value))]).toEqual([...value])
      }),
    )
    const long = new Uint8Array(100_000).fill(7)
    expect(fromBase64(toBase64(long))).toEqual(long)
  })

  it.each(['A', 'AA', 'AAA', 'AB==', 'AAB=', 'AA=A', 'A A=', 'AA-_', 'AAAA\n', '====', 'ä==='])('are not `%s` in base64', (text) => {
    expect(() => fromBase64(text)).toThrow(TypeError)
  })

  it.each(['0', 'AB', '0g', ' 00', '00\n'])('are not `%s` in hex', (text) => {
    expect(() => fromHex(text)).toThrow(TypeError)
  })

  it('are text only when they are exactly UTF-8', () => {
    expect(utf8Text(utf8('ä€😀\ufeff'))).toBe('ä€😀\ufeff')
    expect(utf8Text(Uint8Array.of(0xef, 0xbb, 0xbf, 0x61))).toBe('\ufeffa')
    expect(() => utf8Text(Uint8Array.of(0xc3))).toThrow(TypeError)
  })

  it('are joined in order', () => {
    expect([...concat(Uint8Array.of(1), Uint8Array.of(), Uint8Array.of(2, 3))]).toEqual([1, 2, 3])
  })
})
