import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ArgumentKind } from '../call.ts'
import { detect } from './detect.ts'
import { payloads } from './payloads.sample.ts'
import { stepsWithin } from './steps.ts'
import { ordinarySentences } from './sentences.sample.ts'

const samples = Object.entries(payloads).flatMap(([kind, texts]) => texts.map((text) => [kind, text] as const))
const refused = (text: string, kind?: ArgumentKind) => detect(text, kind).some(({ mention }) => !mention)
const percent = (text: string) => [...new TextEncoder().encode(text)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('')
const base64 = (text: string) => btoa(String.fromCharCode(...new TextEncoder().encode(text)))

/** Ways to carry a payload past someone, none of which changes what it does where it lands. */
const disguises: { readonly [name: string]: (text: string) => string } = {
  'in upper case': (text) => (/%|&|\\/.test(text) ? text : text.toUpperCase()),
  'in mixed case': (text) =>
    /%|&|\\/.test(text) ? text : [...text].map((sign, index) => (index % 2 === 0 ? sign.toUpperCase() : sign.toLowerCase())).join(''),
  'with blanks around': (text) => `   ${text}\t `,
  'with lines around': (text) => `\n\n${text}\n`,
  'with zero-width signs in its words': (text) => text.replace(/([a-z])([a-z])/gi, '$1\u200b$2'),
  'with soft hyphens in its words': (text) => text.replace(/([a-z])([a-z])/gi, '$1\u00ad$2'),
  'in full-width letters': (text) =>
    /%|&|\\/.test(text) ? text : text.replace(/[a-z]/gi, (sign) => String.fromCodePoint((sign.codePointAt(0) ?? 0) + 0xfee0)),
  'percent-encoded': percent,
  'percent-encoded twice': (text) => percent(text).replaceAll('%', '%25'),
  'percent-encoded five times': (text) => percent(text).replaceAll('%', '%25252525'),
  'in numeric entities': (text) => [...text].map((sign) => `&#${sign.codePointAt(0)};`).join(''),
  'in padded hexadecimal entities': (text) => [...text].map((sign) => `&#x000${sign.codePointAt(0)?.toString(16)};`).join(''),
  'in \\u escapes': (text) => [...text].map((sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`).join(''),
  'in base64': base64,
  'in base64 without its padding': (text) => base64(text).replace(/=+$/, ''),
  'in base64 for URLs': (text) => base64(text).replaceAll('+', '-').replaceAll('/', '_'),
  'in base64, percent-encoded before': (text) => base64(percent(text)),
  'as a JSON string': (text) => JSON.stringify({ a: 'x', b: text }),
  'as a JSON array': (text) => JSON.stringify([text, 'x', 1]),
  'as a parameter': (text) => `a=1&q=${encodeURIComponent(text)}&b=2`.replace(/^/, '/find?'),
  'in a fence': (text) => `\`\`\`\n${text}\n\`\`\``,
}

// Base64 of eight bytes or less is as long as a word and is not looked into.
describe('disguises', () => {
  for (const [name, disguise] of Object.entries(disguises))
    it.each(samples.filter(([, text]) => !name.includes('base64') || text.length > 8))(
      `${name}: %s in %s is still refused where nothing was declared`,
      (_, text) => {
        expect(refused(disguise(text))).toBe(true)
      },
    )
})

describe('mutated payloads', () => {
  const kinds = [undefined, 'prose', 'sql', 'shell', 'path', 'url', 'html'] as const
  const bits = fc.constantFrom(
    ...`' " \` ; -- # /* */ ( ) { } [ ] < > | & && || $( \${ \\ % %25 %c0 \\u00 &# &#x3c; &lt; .. ../ or and union select 1=1 drop sleep( onload= <script javascript: \0 é ＜ \u200b \uD800 İ QUJD == \`\`\` {{`.split(
      ' ',
    ),
    ' ',
    '\n',
    '\r\n',
    '\t',
  )
  const change = fc.record({ at: fc.nat(200), cut: fc.nat(4), put: fc.oneof(bits, fc.string({ maxLength: 3 })), doubled: fc.boolean() })
  const mutated = fc
    .tuple(
      fc.constantFrom(...samples.map(([, text]) => text)),
      fc.array(change, { maxLength: 6 }),
      fc.constantFrom(...Object.values(disguises), (text: string) => text),
    )
    .map(([text, changes, disguise]) =>
      disguise(
        changes
          .reduce((value, { at, cut, put, doubled }) => {
            const place = at % (value.length + 1)
            const made = value.slice(0, place) + put + value.slice(place + cut)
            return doubled && made.length < 2000 ? made + made : made
          }, text)
          .toWellFormed(),
      ),
    )

  it('are judged without a fault, and point inside the text', () => {
    fc.assert(
      fc.property(mutated, fc.constantFrom(...kinds), (text, kind) => {
        for (const { start, end } of detect(text, kind)) {
          expect(start).toBeGreaterThanOrEqual(0)
          expect(end).toBeGreaterThanOrEqual(start)
          expect(end).toBeLessThanOrEqual(text.length)
        }
      }),
      { numRuns: 4000 },
    )
  })

  it('are judged the same each time, whatever was judged before', () => {
    const styles = [String.raw`<p style="a:\22\3e\3cimg src=x">`, String.raw`<p style="a:url(\6a\61vascript:x)">`]
    fc.assert(
      fc.property(fc.oneof(mutated, fc.constantFrom(...styles)), fc.constantFrom(...kinds), (text, kind) => {
        expect(detect(text, kind)).toEqual(detect(text, kind))
      }),
      { numRuns: 2000 },
    )
  })

  it('take no more than their limit, or cannot be told: never a part of the answer', () => {
    let refusals = 0
    fc.assert(
      fc.property(mutated, fc.integer({ min: 50, max: 200_000 }), (text, limit) => {
        const counted = stepsWithin(limit)
        let taken = 0
        const steps = { ...counted, take: (count: number) => ((taken += count), counted.take(count)) }
        let told: ReturnType<typeof detect> | undefined
        try {
          told = detect(text, undefined, steps)
        } catch (error) {
          expect(error).toBeInstanceOf(RangeError)
          expect(taken).toBeGreaterThan(limit)
          refusals++
          return
        }
        expect(taken).toBeLessThanOrEqual(limit)
        expect(told).toEqual(detect(text, undefined))
      }),
      { numRuns: 2000 },
    )
    expect(refusals).toBeGreaterThan(50)
  })

  it('are found in a strict judgement wherever prose finds them', () => {
    fc.assert(
      fc.property(mutated, (text) => {
        if (refused(text, 'prose')) expect(detect(text, undefined).length).toBeGreaterThan(0)
      }),
      { numRuns: 3000 },
    )
  })

  it('take time in proportion: eight times the text is about eight times the steps', () => {
    const taken = (text: string): number => {
      let count = 0
      const steps = { take: (more: number) => void (count += more), due: () => false }
      detect(text, undefined, steps)
      return count
    }
    fc.assert(
      // The last leaves string after string open, each to the end of what a judgement may look at.
      fc.property(fc.oneof(mutated, fc.constantFrom('IiBvciDEsHAoNSkj', `" or x(5)#`)), (piece) => {
        if (piece === '') return
        // Whole pieces, since a packed text that is cut somewhere holds another text from there on.
        const count = 2 * Math.ceil(5_000 / piece.length)
        // Under many escapes growth has a step of its own, some four times over, and is in proportion before and behind it. A square’s would be 64.
        const proportionate = (from: number) => taken(piece.repeat(8 * from)) < 24 * taken(piece.repeat(from)) + 2000
        expect(proportionate(count) || proportionate(8 * count)).toBe(true)
      }),
      { numRuns: 150, examples: [['IiBvciDEsHAoNSkj'], [`" or \u0130p(5)#`], ['\\u00../../../etc/passwd']] },
    )
  })
})

describe('a payload in a long or repeated place', () => {
  it('is found behind a hundred thousand units of escapes', () => {
    const text = `${'%41'.repeat(40_000)}%3Cscript%3Ealert(1)%3C/script%3E`
    expect(detect(text, undefined).map(({ kind }) => kind)).toContain('xss')
  })

  it('is found wherever it stands under escapes in a long text, the beginning included', () => {
    for (const before of [0, 1, 30, 199, 200, 201, 2000])
      for (const after of [0, 200, 4000]) {
        const text = `${'a '.repeat(before)}%3Cscript%3Ealert(1)%3C/script%3E${' b'.repeat(after)}`
        expect([before, after, detect(text, undefined).some(({ kind }) => kind === 'xss')]).toEqual([before, after, true])
      }
  })

  it('is reported in every part that holds it', () => {
    const payload = 'admin)(&(password=*))'
    const text = JSON.stringify([payload, 'x', payload])
    const places = detect(text, undefined).map(({ start }) => start)
    expect(places.some((start) => start < 20)).toBe(true)
    expect(places.some((start) => start > text.lastIndexOf('admin') - 2)).toBe(true)
  })
})

describe('a payload beside ordinary talk', () => {
  it('is found behind and before any of it where nothing was declared, when it would run wherever it stands', () => {
    const certain = [
      `'; DROP TABLE users; --`,
      '<script>alert(1)</script>',
      '; cat /etc/passwd',
      '../../../etc/passwd',
      '{{7*7}}',
      '*)(uid=*',
    ]
    for (const sentence of ordinarySentences().filter((_, index) => index % 5 === 0))
      for (const payload of certain) expect([sentence, payload, refused(`${sentence} ${payload}`)]).toEqual([sentence, payload, true])
  })
})
