import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { apart, createSearch, detectInTurns, maxTextInTurns } from './detect.ts'
import { patternKinds } from './kinds.ts'
import { findByPieces, pieceLength } from './pieces.ts'
import { atOnce, inTurns, meter } from './turns.ts'

const search = createSearch(patternKinds)
const byPieces = (text: string) => inTurns(findByPieces(search, text))

describe('a long text, read by pieces', () => {
  it('is read a bounded part at a time, however long its words are', () => {
    for (const word of [10, 5_000, 16_000, 40_000]) {
      let longest = 0
      atOnce(
        findByPieces(
          (window) => {
            longest = Math.max(longest, window.length)
            return []
          },
          `${'a'.repeat(word)} `.repeat(Math.ceil(200_000 / word)),
        ),
      )
      expect(longest).toBeLessThan(28_000)
    }
  })

  it('holds what it holds as a whole, wherever the pieces are cut', async () => {
    const parts = fc.constantFrom(
      'My SSN is 123-45-6789. ',
      'call (555) 123-4567 or +44 20 7946 0958 ',
      'card 4111 1111 1111 1111, ',
      'ann@example.org\n',
      'password = hunter22xyz ',
      'at 1000 Main Street, Springfield ',
      `token eyJhbGciOiJIUzI1NiJ9.${'eyJzdWIiOiIxMjM0NTY3ODkwIn0'.repeat(20)}.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U `,
      '１２３-45-6789 ',
      'The quick brown fox jumps over the lazy dog. ',
      '👩‍👧 ',
    )
    await fc.assert(
      fc.asyncProperty(fc.array(parts, { minLength: 700, maxLength: 1200 }), fc.nat(200), async (pieces, shift) => {
        const text = 'x'.repeat(shift) + pieces.join('')
        fc.pre(text.length > pieceLength * 1.5)
        const found = await byPieces(text)
        expect(apart(found)).toEqual(apart(search(text)))
        expect(new Set(found.map(({ start, end, recognizer }) => `${start} ${end} ${recognizer}`)).size).toBe(found.length)
      }),
      { numRuns: 12 },
    )
  })

  it('holds a private key that goes on into the next piece', async () => {
    const key = `-----BEGIN PRIVATE KEY-----\n${'MIIEvQIBADANBgkqhkiG9w0BAQEFAASC\n'.repeat(90)}-----END PRIVATE KEY-----`
    const text = `${'a b '.repeat(pieceLength / 4 - 20)}${key} ${'c d '.repeat(pieceLength / 4)}`
    const [found, ...more] = apart(await byPieces(text))
    expect(text.slice(found?.start, found?.end)).toBe(key)
    expect(more).toEqual([])
  })

  it('is no longer than can be searched', async () => {
    await expect(detectInTurns('a'.repeat(maxTextInTurns + 1))).rejects.toThrow(RangeError)
    expect(await detectInTurns(`${'word '.repeat(300_000)}123-45-6789`)).toMatchObject([{ kind: 'SSN', start: 1_500_000 }])
  })
})

describe('work in turns', () => {
  it('lets others go first at each pause', async () => {
    const said: string[] = []
    const work = inTurns(
      (function* () {
        for (let step = 0; step < 3; step++) {
          said.push(`work ${step}`)
          yield
        }
        return 'done'
      })(),
    )
    const other = new Promise<void>((resolve) => {
      setImmediate(() => {
        said.push('other')
        resolve()
      })
    })
    expect(await work).toBe('done')
    await other
    expect(said.indexOf('other')).toBeLessThan(said.indexOf('work 2'))
  })

  it('stops at the pause after it was given up', async () => {
    const stop = new AbortController()
    const long = detectInTurns('word '.repeat(400_000), {}, stop.signal)
    stop.abort(new Error('given up'))
    await expect(long).rejects.toThrow('given up')
  })

  it('counts what was done', () => {
    const enough = meter()
    expect(Array.from({ length: 1024 }, () => enough(0)).filter(Boolean)).toHaveLength(4)
    expect(enough(20_000)).toBe(true)
  })
})
