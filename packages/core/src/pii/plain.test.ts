import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { plain } from './plain.ts'

describe('plain text', () => {
  it.each([
    ['１２３－４５－６７８９', '123-45-6789'],
    ['123\u200b-45\u2060-6789', '123-45-6789'],
    ['123\u00a045\u20096789', '123 45 6789'],
    ['123‑45–6789—1−2', '123-45-6789-1-2'],
    ['١٢٣ ۴۵ ६७', '123 45 67'],
    ['𝟏𝟐𝟑 𝓪𝓫', '123 ab'],
    ['ｊｏｈｎ＠ｘ．ｃｏｍ', 'john@x.com'],
    ['a\u00adb', 'ab'],
    ['1\u{e0031}2\u{e0100}3\u31644\uffa05\ufff96\u{1d173}7\ufe0f\u20e38', '12345678'],
    ['123\u280045\u207b67\u279689', '123 45-67-89'],
    ['john\ufe6bx\ufe52com', 'john@x.com'],
    ['ﬁ é 我 👩‍👧 ’', 'ﬁ é 我 👩👧 ’'],
    ['team,\\n219-09-9999\\r\\nbob\\u0040x.co\\t\\"5\\"', 'team,\n219-09-9999\n\nbob@x.co\t"5"'],
    ['twice\\\\n1 \\\\\\"2 \\u002d \\u00a0 \\uff11', 'twice\n1 "2 -   1'],
    ['?q=john%40x%2ecom&n=4111%201111&p=%2B1', '?q=john@x.com&n=4111 1111&p=+1'],
    ['john%2540x%25252Ecom 4%2525', 'john@x.com 4%2525'],
    ['john&amp;#64;x&amp;amp;period;com', 'john@x.com'],
    ['john&#64;x&period;com &#x31;&commat;y &nbsp;', 'john@x.com 1@y  '],
    [
      '100% of 5%, a && b &amp; &#60;SSN_1&gt; %3CSSN_1%3E %2525 %zz &#9999; %22',
      '100% of 5%, a && b &amp; &#60;SSN_1&gt; %3CSSN_1%3E %2525 %zz &#9999; %22',
    ],
    ['C:\\Users\\x \\ \\d \\u12 \\ud83d', 'C:\\Users\\x \\ \\d \\u12 \\ud83d'],
  ])('reads %j as %j', (original, seen) => {
    expect(plain(original).text).toBe(seen)
  })

  it('leaves ASCII as it is', () => {
    const { text, span } = plain('abc 123')
    expect(text).toBe('abc 123')
    expect(span(4, 7)).toEqual([4, 7])
  })

  it('knows where each character stands in the original', () => {
    const original = 'é\u200b𝟏\u200b２\u200b3\u00a0x\u200b'
    const { text, span } = plain(original)
    expect(text).toBe('é123 x')
    const parts = Array.from(text, (_, at) => original.slice(...span(at, at + 1)))
    expect(parts).toEqual(['é', '𝟏', '２', '3', '\u00a0', 'x'])
    expect(original.slice(...span(1, 4))).toBe('𝟏\u200b２\u200b3')
    expect(original.slice(...span(0, 6))).toBe('é\u200b𝟏\u200b２\u200b3\u00a0x')
  })

  it('maps every span to a part of the original that reads the same', () => {
    const char = fc.constantFrom(
      '\\',
      '\\n',
      '\\u0031',
      '%40',
      '%2540',
      '25',
      '&amp;#64;',
      '%',
      '&#64;',
      '&',
      '"',
      'a',
      '1',
      '１',
      '\u200b',
      '𝟗',
      '👩',
      '\u00a0',
      '‑',
      'é',
      '\ufe0f',
      '٣',
      ' ',
    )
    fc.assert(
      fc.property(fc.array(char, { maxLength: 12 }), fc.nat(), fc.nat(), (chars, a, b) => {
        const { text, span } = plain(chars.join(''))
        fc.pre(text.length > 0)
        const start = a % text.length
        const end = start + 1 + (b % (text.length - start))
        const [first, last] = span(start, end)
        const piece = chars.join('').slice(first, last)
        expect(first).toBeLessThan(last)
        if (piece.isWellFormed()) expect(plain(piece).text).toBe(text.slice(start, end))
      }),
    )
  })
})
