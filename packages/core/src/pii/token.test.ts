import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { tokenKinds } from './kinds.ts'
import { longestToken, readTokens, unfinishedToken } from './token.ts'

const kinds = tokenKinds(['BADGE'])
const read = (text: string) => readTokens(text, kinds).map(({ token, writing }) => [token, writing])

describe('a token', () => {
  it.each([
    ['<SSN_1>', 'text'],
    ['<ssn_1>', 'text'],
    ['< SSN_1 >', 'text'],
    ['<SSN\\_1>', 'text'],
    ['<SSN\\\\_1>', 'text'],
    ['\\<SSN\\_1\\>', 'text'],
    ['&lt;SSN_1&gt;', 'html'],
    ['&#60;ssn_1&#62;', 'html'],
    ['&#x3c;SSN_1&#x3E;', 'html'],
    ['\\u003cSSN_1\\u003e', 'json'],
    ['\\\\u003cSSN_1\\\\u003e', 'json-in-json'],
    ['\\<SSN\\_1>', 'text'],
    ['\\\\<SSN\\\\_1\\\\>', 'text'],
    ['%3CSSN_1%3e', 'url'],
    ['&lt;SSN_1>', 'html'],
  ])('is read from %j', (text, writing) => {
    expect(read(`a${text}b`)).toEqual([['<SSN_1>', writing]])
    const [{ start, end } = { start: 0, end: 0 }] = readTokens(`a${text}b`, kinds)
    expect([start, end]).toEqual([1, 1 + text.length])
  })

  it.each([
    '<SSN_01>',
    '<SSN_0>',
    '<SSN_>',
    '<SSN1>',
    'SSN_1',
    '<SSN_1',
    '<DIV_1>',
    '<SSN_1234567890>',
    '<SSN_1x>',
    '<   SSN_1>',
    '<SSN _1>',
    '&ltSSN_1>',
    '<SSN_1&gt',
    `<${'A'.repeat(60)}_1>`,
  ])('is not read from %j', (text) => expect(read(text)).toEqual([]))

  it('is read where many stand, custom kinds and names too', () => {
    expect(read('<SSN_1><SSN_12>{"a":"<CREDIT_CARD_3>"} <<PERSON_1>> <badge_7>').map(([token]) => token)).toEqual([
      '<SSN_1>',
      '<SSN_12>',
      '<CREDIT_CARD_3>',
      '<PERSON_1>',
      '<BADGE_7>',
    ])
  })

  it('is unfinished at the end of a text as long as it may still become one', () => {
    for (const text of [
      '<SSN_12>',
      '< CREDIT\\_CARD_1 >',
      '&lt;SSN_1&gt;',
      '&#x3c;SSN_1&#62;',
      '\\u003cSSN_1\\u003e',
      '\\\\u003cSSN_1\\\\u003e',
      '%3CSSN_1%3E',
      '\\<SSN\\_1\\>',
    ]) {
      for (let length = 1; length < text.length; length++)
        expect(unfinishedToken(`x y${text.slice(0, length)}`), text.slice(0, length)).toBe(3)
      expect(unfinishedToken(`x y${text}`)).toBe(3 + text.length)
    }
    for (const done of ['a < b c', 'a <b> c', 'R&D', '100% sure', 'c:\\dir', '<div class="x"', '&nbsp', '&l ', ''])
      expect(unfinishedToken(done)).toBe(done.length)
  })

  it('leaves a backslash alone that is not its own', () => {
    expect(readTokens('C:\\<SSN_1> \\<CREDIT_CARD_1>', kinds).map(({ start }) => start)).toEqual([3, 12])
  })

  it('in any spelling, cut anywhere, is unfinished until it is whole, and never longer than the longest', () => {
    const gap = fc.constantFrom('', ' ', '  ', '\t')
    const name = fc.constantFrom('SSN', 'ssn', 'Credit_Card', 'CREDIT\\_CARD', 'UK\\\\_NHS', 'BADGE')
    const bar = fc.constantFrom('_', '\\_', '\\\\_')
    const open = fc.constantFrom('<', '\\u003c', '\\\\u003C', '&lt;', '&#60;', '&#x3c;', '&#X3C;', '%3c', '%3C')
    const close = fc.constantFrom('>', '\\u003e', '\\\\u003E', '\\>', '\\\\>', '&gt;', '&#62;', '&#x3e;', '%3E')
    fc.assert(
      fc.property(open, gap, name, bar, fc.integer({ min: 1, max: 999_999_999 }), gap, close, (...parts) => {
        const text = parts.join('')
        const [token] = readTokens(text, kinds)
        if (text.length > longestToken) return expect(token).toBeUndefined()
        expect(token).toMatchObject({ start: 0, end: text.length, token: expect.stringMatching(/^<[A-Z]+(?:_[A-Z]+)?_\d+>$/) })
        for (let length = 1; length < text.length; length++) expect(unfinishedToken(`"${text.slice(0, length)}`)).toBe(1)
      }),
      { numRuns: 500 },
    )
  })

  it('has a beginning that is never held for longer than a token is', () => {
    const part = fc.constantFrom('<', '\\', 'u003c', '&', 'lt;', '%3', 'c', 'SSN', '_', '\\_', '1', ' ', 'A'.repeat(30), '>', '"')
    fc.assert(
      fc.property(fc.array(part, { maxLength: 30 }), (parts) => {
        const text = parts.join('')
        expect(text.length - unfinishedToken(text)).toBeLessThan(longestToken)
      }),
      { numRuns: 500 },
    )
  })

  it('is found wherever it stands in a long text, once', () => {
    const token = '&#x3c; CREDIT\\_CARD_12 &#62;'
    for (let before = 65_536 - token.length - 2; before <= 65_538; before++) {
      const text = `${'<'.repeat(before)}${token} <SSN_1>${'x'.repeat(70_000)}<SSN_2>`
      expect(readTokens(text, kinds).map(({ start, end, token }) => [start - before, end - start, token])).toEqual([
        [0, token.length, '<CREDIT_CARD_12>'],
        [token.length + 1, 7, '<SSN_1>'],
        [token.length + 70_008, 7, '<SSN_2>'],
      ])
    }
  })
})
