import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { packedLength, unpack } from './packed.ts'
import { original, readings } from './reading.ts'

const pack = (text: string) => btoa(String.fromCharCode(...new TextEncoder().encode(text)))

describe('packed text', () => {
  it('is read in both alphabets, with and without its padding, and with that percent-encoded', () => {
    const text = `' OR '>>>'='???' -- `
    const packed = pack(text)
    expect(packed).toMatch(/\+.*\/|\/.*\+/)
    const forUrls = packed.replaceAll('+', '-').replaceAll('/', '_')
    for (const form of [packed, forUrls, packed.replace(/=+$/, ''), packed.replaceAll('=', '%3D'), ` ${packed}\n`])
      expect(unpack(form)?.text).toBe(text)
  })

  it('says where each sign began, of whatever script', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'aZ 0é＜東😀'), minLength: 12, maxLength: 40 }), (text) => {
        const packed = pack(text)
        const read = unpack(packed)
        expect(read?.text).toBe(text)
        const bytes = (part: string) => new TextEncoder().encode(part).length
        for (let index = 0; index <= text.length; index++) {
          if (/[\udc00-\udfff]/.test(text[index] ?? '')) continue
          expect(read?.at[index]).toBe(Math.floor((bytes(text.slice(0, index)) * 4) / 3))
        }
      }),
    )
  })

  it.each([
    'professional',
    'a b c d e f g h i',
    'deadbeefdeadbeefdeadbeef',
    '/usr/local/bin/node',
    'short',
    'AAAAAAAAAAAAAAAA',
    '////////////////',
  ])('is not what %j holds', (value) => expect(unpack(value)).toBeUndefined())

  it('is not looked for in words, however they decode', () => {
    expect(unpack(pack('a'.repeat(8)).replace(/=+$/, ''))).toBeUndefined()
    expect(pack('a'.repeat(9))).toHaveLength(packedLength)
    expect(unpack(pack('a'.repeat(9)))?.text).toBe('aaaaaaaaa')
  })

  it('is one more reading of its value, to the last of its layers, and points into the value', () => {
    const value = pack(pack(pack('é 12%3Cscript%3E')))
    const reading = readings(value).find(({ text }) => text.includes('<script>'))
    const at = reading?.text.indexOf('<script>') ?? -1
    expect(at).toBeGreaterThan(0)
    const { start, end } = reading ? original(reading, at, at + 8) : { start: -1, end: -1 }
    expect(start).toBeGreaterThan(5)
    expect(end).toBeGreaterThan(start)
    expect(end).toBeLessThanOrEqual(value.length)
  })
})
