import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { matches, type Pattern } from './pattern.ts'
import { textFor } from './text-search.ts'

const part = fc.string({ unit: fc.constantFrom('a', 'b', '/'), maxLength: 2 })
const pattern: fc.Arbitrary<Pattern> = fc.array(part, { minLength: 1, maxLength: 4 })
const wanted = fc.array(fc.record({ pattern, holds: fc.boolean() }), { minLength: 1, maxLength: 5 })
/** All short texts over the patterns' characters and one other. */
const short = function* texts(most: number): Generator<string> {
  yield ''
  if (most > 0) for (const rest of texts(most - 1)) for (const each of 'ab/x') yield each + rest
}
const all = [...new Set(short(5))]

describe('searching a text by the patterns it is to match', () => {
  it('finds one exactly when there is one', () => {
    let none = 0
    fc.assert(
      fc.property(wanted, (patterns) => {
        const found = textFor(patterns)
        const fits = (text: string) => patterns.every(({ pattern, holds }) => matches(text, pattern) === holds)
        if (found === 'none') {
          none++
          expect(all.find(fits)).toBeUndefined()
        } else {
          expect(found).not.toBe('too-many')
          expect(found !== 'too-many' && fits(found.text)).toBe(true)
        }
      }),
      { numRuns: 3_000 },
    )
    expect(none).toBeGreaterThan(100)
  })

  it('finds a text that has to hold many parts, and gives up rather than try everything', () => {
    const letters = [...'abcdefghijklmnopqrst']
    const every = letters.map((letter) => ({ pattern: ['', letter, ''], holds: true }))
    expect(textFor(every)).toEqual({ text: expect.stringMatching(/^.{20}$/u) })
    expect(textFor([...every, { pattern: ['', 'a', ''], holds: false }])).toBe('too-many')
  })
})
