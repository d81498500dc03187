import { describe, expect, it } from 'vitest'
import { tokenKinds } from './kinds.ts'
import { readTokens, unfinishedToken, write } from './token.ts'

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
    ['\\\\u003cSSN_1\\\\u003e', 'json'],
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

  it('gives way to a value written for its place', () => {
    const value = '","admin":true,"<b>&\''
    expect(write(value, 'text')).toBe(value)
    expect(JSON.parse(`"${write(value, 'json')}"`)).toBe(value)
    expect(write(value, 'html')).not.toMatch(/[<>"']/)
    expect(decodeURIComponent(write(value, 'url'))).toBe(value)
  })
})
