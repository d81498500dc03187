import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
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

  it('is not read on anew at each of them: a window without a space takes a fraction of the 100 ms that took', () => {
    const taken = (text: string) => {
      const before = process.threadCpuUsage()
      search(text)
      const { user, system } = process.threadCpuUsage(before)
      return (user + system) / 1_000
    }
    const least = (text: string) => Math.min(...Array.from({ length: 5 }, () => taken(text)))
    for (const start of ['eyJ-', 'ewog_']) expect(least(start.repeat(26_000 / start.length))).toBeLessThan(40)
    expect(least('ya29.'.repeat(5_200))).toBeLessThan(75)
  })
})
