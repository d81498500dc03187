import { writeExactly } from './exact-json.ts'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readJson } from './json-text.ts'

describe('JSON that somebody types', () => {
  it('reads as any JSON does', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 4 }), (text) => {
        const read = readJson(text)
        if (read.ok) expect(JSON.parse(writeExactly(read.value))).toEqual(JSON.parse(text))
        else expect(read.message).toMatch(/not exact|twice/)
      }),
    )
  })

  it('never throws and never accepts what is no JSON', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('{', '}', '[', ']', '"', ',', ':', '1', '-', 'e', 'true', '\\', ' ', '\n') }),
        (text) => {
          const { ok } = readJson(text)
          if (ok) expect(() => JSON.parse(text)).not.toThrow()
        },
      ),
    )
  })

  it('knows the line of each member, and of what a missing one is missing in', () => {
    const read = readJson('{\n  "pre_rules": [\n    { "type": "permit" },\n    { "type": "denny" }\n  ]\n}')
    expect(read.ok && read.placeOf('/pre_rules/1/type')).toEqual({ line: 4, column: 7 })
    expect(read.ok && read.placeOf('/pre_rules/1/resource')).toEqual({ line: 4, column: 5 })
    expect(read.ok && read.placeOf('')).toEqual({ line: 1, column: 1 })
  })

  it('says where it breaks', () => {
    expect(readJson('{\n  "a": 1,\n  "b" 2\n}')).toEqual({ ok: false, message: 'Expected `:`.', place: { line: 3, column: 7 } })
    expect(readJson('{"a": 1, "a": 2}')).toMatchObject({ ok: false, place: { line: 1, column: 10 } })
  })

  it('keeps every digit of an integer of 64 bits, and refuses what it would round', () => {
    expect(readJson('{"limit": 9007199254740993}')).toMatchObject({ ok: true, value: { limit: 9007199254740993n } })
    expect(readJson('{"limit": 90071992547409931234}')).toMatchObject({ ok: false, place: { line: 1, column: 11 } })
  })
})
