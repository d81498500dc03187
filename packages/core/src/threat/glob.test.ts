import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { checkGlob, matchesGlob, occursGlob } from './glob.ts'

const sign = fc.constantFrom('a', 'b', ' ', '*', '?')
const patterns = fc.string({ unit: sign, minLength: 1, maxLength: 8 })
const texts = fc.string({ unit: fc.constantFrom('a', 'b', ' ', '-'), maxLength: 14 })

/** What a glob means, said by trying everything. */
function means(pattern: string, text: string): boolean {
  if (pattern === '') return text === ''
  if (pattern[0] === '*') return means(pattern.slice(1), text) || (text !== '' && means(pattern, text.slice(1)))
  return text !== '' && (pattern[0] === '?' || pattern[0] === text[0]) && means(pattern.slice(1), text.slice(1))
}

function occurs(pattern: string, text: string): boolean {
  for (let at = 0; at <= text.length; at++) {
    const first = pattern[0] ?? ''
    const inside = at > 0 && /\w/.test(text[at - 1] ?? '') && /[\w?]/.test(first) && (first !== '?' || /\w/.test(text[at] ?? ''))
    if (!inside && means(`${pattern}*`, text.slice(at))) return true
  }
  return false
}

describe('a glob', () => {
  it('matches what trying everything matches', () => {
    fc.assert(
      fc.property(patterns, texts, (pattern, text) => {
        expect(matchesGlob(pattern, text)).toBe(means(pattern, text))
      }),
      { numRuns: 5000 },
    )
  })
  it('occurs where trying every place finds it', () => {
    fc.assert(
      fc.property(patterns, texts, (pattern, text) => {
        expect(occursGlob(pattern, text)).toBe(occurs(pattern, text))
      }),
      { numRuns: 5000 },
    )
  })
  it('matches names of tools', () => {
    expect(matchesGlob('delete_*', 'delete_user')).toBe(true)
    expect(matchesGlob('delete_*', 'undelete_user')).toBe(false)
    expect(matchesGlob('*', '')).toBe(true)
  })
  it('begins at a word', () => {
    expect(occursGlob('drop *', 'run this: drop table users')).toBe(true)
    expect(occursGlob('drop *', 'eavesdrop on them')).toBe(false)
  })
  it('is decided for long texts', () => {
    expect(matchesGlob('*a*a*a*b', 'a'.repeat(20_000))).toBe(false)
    expect(occursGlob('a?*a?*b', 'a'.repeat(500_000))).toBe(false)
    expect(occursGlob('drop *', 'xdrop '.repeat(150_000))).toBe(false)
  })
  it('is refused when empty or endless', () => {
    expect(() => checkGlob('', 'blockTools')).toThrow('`blockTools`')
    expect(() => checkGlob('a'.repeat(1001), 'blockPatterns')).toThrow(RangeError)
  })
})
