import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { createSearch } from './detect.ts'
import { secrets } from './secrets.ts'

const search = createSearch(['API_KEY'])
/** What a token looks like, as it was once searched. */
const pattern = /(?<![A-Za-z0-9])e[yw][A-Za-z0-9_-]{14,4096}\.[A-Za-z0-9_-]{10,8192}(?:\.[A-Za-z0-9_-]{0,2048})?/y

describe('a JSON web token', () => {
  it('is found as its pattern says, at every place of any text of such parts', () => {
    const jwt = secrets.find(({ name }) => name === 'jwt')
    const piece = fc.constantFrom(
      'eyJ',
      'ewog',
      'hbGciOiJ9',
      '.',
      '..',
      '-',
      '_',
      ' ',
      'é',
      'a'.repeat(14),
      'b'.repeat(2_100),
      'c'.repeat(8_200),
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const text = pieces.join('')
        for (const { index } of text.matchAll(/eyJ|ewog/g)) {
          pattern.lastIndex = index
          const said = pattern.exec(text)
          expect(jwt?.find(text, index, '')).toEqual(said ? [index, index + said[0].length, 0.97] : undefined)
        }
      }),
    )
  })
})

describe('a run of what keys begin with', () => {
  it('hides no key at its end', () => {
    const key = 'ya29.a0AfH6SMBx7Kq2Lp9Zr4Tn8Vw3Yd5Ue1Jc6Gb0Hs'
    for (const start of ['ya29.', 'eyJ-', 'ATATT3-', 'password=']) {
      const text = `${start.repeat(2_000)} ${key}`
      expect(search(text).some((each) => each.end === text.length && text.length - key.length >= each.start)).toBe(true)
    }
  })

  it('is not read on anew at each of them: each character is read a bounded number of times', () => {
    const read = (text: string) => {
      const spy = vi.spyOn(String.prototype, 'charCodeAt')
      try {
        search(text)
        return spy.mock.calls.length
      } finally {
        spy.mockRestore()
      }
    }
    for (const start of ['eyJ-', 'ewog_', 'ya29.']) {
      const text = start.repeat(4_000 / start.length)
      const times = read(text) / text.length
      expect(times).toBeGreaterThan(1)
      // A key is judged by its first 128 characters, and begins at every fifth.
      expect([start, times < 60]).toEqual([start, true])
    }
  })
})
