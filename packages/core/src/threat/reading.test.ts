import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { original, readings } from './reading.ts'

const last = (text: string) => readings(text).at(-1)?.text

describe('readings', () => {
  it.each([
    ['%3Cscript%3E', '<script>'],
    ['%253Cscript%253E', '<script>'],
    ['%25252525253C', '<'],
    ['%%33%63', '<'],
    ['%u003c', '<'],
    ['%c0%af', '/'],
    ['%e0%80%af', '/'],
    ['%C3%A9', 'é'],
    [String.raw`\x3c\u003e`, '<>'],
    [String.raw`a\nb\tc\rd`, 'a\nb\tc\rd'],
    ['&lt;&#60;&#x3c;&colon;', '<<<:'],
    ['&#60script', '<script'],
    ['&amp;lt;', '<'],
    ['%26lt%3Bscript%26gt%3B', '<script>'],
    ['%2526lt%253B', '<'],
    ['%26%2339%3B%26%2332%3B%26%23111%3B%26%23114%3B', "' or"],
    ['&#38;&#35;&#51;&#57;&#59;', "'"],
    ['&#x3c', '<'],
    ['＜ＳＣＲＩＰＴ＞', '<script>'],
    ['s\u200bel\u00adect', 'select'],
    ['‘quoted’', `'quoted'`],
    ['İ', 'i̇'],
    ["24'union+all+select", "24'union all select"],
    ['&nothing; 100% &', '&nothing; 100% &'],
    ['&#xffffffff;', ' '],
    ['%ud800', ' '],
  ])('reads %s as %s', (text, read) => expect(last(text)).toBe(read))

  it('keeps the plain text as one reading, and once undone as another', () => {
    expect(readings('%2527').map(({ text }) => text)).toEqual(['%2527', '%27', "'"])
    expect(readings('plain').map(({ text }) => text)).toEqual(['plain'])
  })

  it('knows where each sign came from', () => {
    const text = 'é\u200b%2553elect x'
    const reading = readings(text).at(-1)
    const at = reading?.text.indexOf('select') ?? -1
    const { start, end } = reading ? original(reading, at, at + 6) : { start: 0, end: 0 }
    expect(text.slice(start, end)).toBe('%2553elect')
  })

  it('judges a long text again only around what was undone', () => {
    const text = `${'a '.repeat(3000)}%3Cscript%3E${' b'.repeat(3000)}%3Cb%3E${'c'.repeat(100)}`
    const [plain, ...rest] = readings(text)
    expect(plain?.text).toHaveLength(text.length)
    expect(rest.length).toBe(2)
    expect(rest.map(({ text: part }) => part.length < 1000)).toEqual([true, true])
    const window = rest[0]
    const at = window?.text.indexOf('<script>') ?? 0
    expect(window && text.slice(original(window, at, at + 8).start, original(window, at, at + 8).end)).toBe('%3Cscript%3E')
  })

  it('gives offsets inside the original that never go back', () => {
    fc.assert(
      fc.property(
        fc
          .array(
            fc.constantFrom(
              '%',
              '2',
              '5',
              '3',
              'c',
              '&',
              '#',
              'x',
              ';',
              'lt',
              '\\',
              'u',
              '0',
              'é',
              '\u200b',
              '＜',
              '—',
              '%c3',
              '%a9',
              ' ',
              '+',
              '😀',
            ),
          )
          .map((parts) => parts.join('')),
        (text) => {
          for (const reading of readings(text)) {
            let before = 0
            for (let index = 0; index <= reading.text.length; index++) {
              const { start } = original(reading, index, index)
              expect(start).toBeGreaterThanOrEqual(before)
              expect(start).toBeLessThanOrEqual(text.length)
              before = start
            }
          }
        },
      ),
      { numRuns: 2000 },
    )
  })
})
