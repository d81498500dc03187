import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { SessionId, TenantId } from '../call.ts'
import { patternKinds } from './kinds.ts'
import { maskFlow } from './stream/mask-flow.ts'
import { type MaskStreamOptions, maskStream, type RestoreStreamOptions, restoreStream } from './stream.ts'
import { memoryVault, type Owner } from './vault.ts'

const owner: Owner = { tenant: 'acme' as TenantId, principal: 'User::u', session: 's1' as SessionId }

async function through(stream: TransformStream<string, string>, chunks: readonly string[]): Promise<string> {
  const out: string[] = []
  for await (const chunk of ReadableStream.from(chunks).pipeThrough(stream)) out.push(chunk)
  return out.join('')
}

const masking = (chunks: readonly string[], options: Partial<MaskStreamOptions> = {}) =>
  through(maskStream({ vault: memoryVault(), owner, ...options }), chunks)

/** Cut at every single boundary, at every pair of neighbours, and into single units. */
function cuttings(text: string): readonly (readonly string[])[] {
  const once = Array.from({ length: text.length }, (_, at) => [text.slice(0, at), text.slice(at)])
  const pieces = (size: number) => Array.from({ length: Math.ceil(text.length / size) }, (_, at) => text.slice(at * size, (at + 1) * size))
  return [...once, pieces(1), pieces(2), pieces(3), pieces(7), pieces(64)]
}

const key = `-----BEGIN RSA PRIVATE KEY-----\n${'MIIEpQIBAAKCAQEAn6'.repeat(20)}\n-----END RSA PRIVATE KEY-----`
const jwt = `eyJhbGciOiJIUzI1NiJ9.eyJ${'zdWIiOiIxMjM0NTY3ODkwIi'.repeat(20)}.TJVA95OrM7E2cBab30RMHrHDcEfxjoYZgeFONFh7HgQ`
const texts = [
  'My SSN is 123-45-6789, thanks.',
  `Call (555) 123-4567 or +44 20 7946 0958, mail jane@example.com.${' And so on.'.repeat(40)} Card 4111 1111 1111 1111`,
  `token: ${jwt} end`,
  `key:\n${key}\nafter 123-45-6789`,
  'He typed <SSN_1> and &lt;EMAIL_2&gt; then a@x.co',
  '１２３－４５－６７８９ and 123\u200b-45-\u200b6789 in 日本語の文章です。電話 03-1234-5678 まで。',
  'born on June 15, 1991 at 12 Baker Street, Apt. 4, London; 2001:db8::8a2e:370:7334',
  `password = hunter2hunter3 ${'x'.repeat(700)} sk-ant-api03-${'aB3dE6gH9jK2mN5pQ8'.repeat(3)}`,
  'send it to USNS Bergman\nFPO AP 12345 or 22 Acacia Ave\nSpringfield, IL 62704\nor Hauptstraße 12\nBerlin, DE 10115.\n\nthen 12 more',
  'KA53ME3456\n\nThe ID is 123456.\n\n+44 20 7946 0958\n\nThe ID is 123456.\n\n',
  'see https://x.co/?mail=jane%40x.co&card=4111%201111%201111%201111 or jane&#64;x.co, 123&#45;45&#x2d;6789 &amp; 5% of 7%4',
  'no personal data at all, only words and words and words and words and words and words and words',
]

describe('a masked stream', () => {
  it.each(texts)('reads the same however it is cut up: %#', async (text) => {
    for (const kinds of [undefined, patternKinds]) {
      const options = kinds ? { kinds } : {}
      const whole = await masking([text], options)
      for (const chunks of cuttings(text)) expect(await masking(chunks, options)).toBe(whole)
    }
  })

  it('holds no value, and comes back through a restoring stream', async () => {
    for (const text of texts) {
      const vault = memoryVault()
      const masked = await through(maskStream({ vault, owner }), [text])
      expect(masked).not.toMatch(/\d{3}-\d\d-\d{4}|jane@|jane%|jane&|4111|MIIE|hunter2|aB3dE6/)
      expect(await through(restoreStream({ vault, owner, place: 'text' }), [masked])).toBe(text)
    }
  })

  it('reads the same for any text and any cuts', async () => {
    const piece = fc.oneof(
      fc.constantFrom(
        ...texts.map((text) => text.slice(0, 90)),
        '123-45-6789',
        'a@x.co',
        'a%40x.co',
        'a%2540x.co',
        'a&#64;x.co',
        '%',
        '&',
        '<SSN_1>',
        '\n',
        ' ',
        ' and ',
        'password=',
        'May ',
        '15',
        '1',
        '-',
        '(',
        '+1 ',
        '@',
        'Apt. ',
        '-----BEGIN ',
      ),
      fc.string({ unit: 'grapheme', maxLength: 12 }),
    )
    await fc.assert(
      fc.asyncProperty(
        fc.array(piece, { maxLength: 12 }),
        fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 8 }),
        async (pieces, sizes) => {
          const text = pieces.join('')
          const chunks: string[] = []
          for (let at = 0, turn = 0; at < text.length; turn++) {
            const size = sizes[turn % sizes.length] ?? 1
            chunks.push(text.slice(at, at + size))
            at += size
          }
          expect(await masking(chunks, { kinds: patternKinds })).toBe(await masking([text], { kinds: patternKinds }))
        },
      ),
      { numRuns: 300 },
    )
  })

  it('lets prose out before the end, and a line when the next begins', async () => {
    const stream = maskStream({ vault: memoryVault(), owner })
    const writer = stream.writable.getWriter()
    const reader = stream.readable.getReader()
    const first = reader.read()
    await writer.write(`${'only words here, nothing to hide '.repeat(4)}and more`)
    expect((await first).value?.length).toBeGreaterThan(60)
    const next = reader.read()
    await writer.write('\nSSN 123-45-6789\nA')
    expect((await next).value).toMatch(/SSN <SSN_1>\n$/)
    const rest = reader.read()
    await writer.close()
    expect(await rest).toEqual({ done: false, value: 'A' })
    expect((await reader.read()).done).toBe(true)
  })

  it('holds back at most 256 characters of what is neither found nor begins like a key', async () => {
    const piece = fc.constantFrom('x', '1', '22', '-', ' ', '(', '\n', 'é', 'x'.repeat(40), '7'.repeat(40), '&', '日本')
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { minLength: 20, maxLength: 120 }), async (pieces) => {
        const flow = maskFlow({ vault: memoryVault(), owner, kinds: ['SSN'] })
        for (const each of pieces.join('').match(/.{1,5}/gsu) ?? []) {
          await flow.push(each)
          expect(flow.held()).toBeLessThanOrEqual(256)
        }
      }),
      { numRuns: 60 },
    )
  })

  it('ends in an error, and lets nothing of it out, where one value goes on and on', async () => {
    const out: string[] = []
    const reader = ReadableStream.from(['so: ', ...Array.from({ length: 300 }, () => 'password='.repeat(64))])
      .pipeThrough(maskStream({ vault: memoryVault(), owner }))
      .getReader()
    const read = async () => {
      for (;;) {
        const { done, value } = await reader.read()
        if (done) return
        out.push(value)
      }
    }
    await expect(read()).rejects.toThrow('too long to be held back')
    expect(out.join('')).not.toContain('password=password')
  })

  it('lets others have their turn while a long piece is searched, and reads it as it reads short ones', async () => {
    const text = `${'only words here, nothing to hide but '.repeat(2_000)}123-45-6789`
    let turns = 0
    let over = false
    const count = () => void (over || (turns++, setImmediate(count)))
    count()
    const whole = await masking([text])
    over = true
    expect(turns).toBeGreaterThan(text.length / 10_000)
    expect(await masking(text.match(/[^]{1,997}/g) ?? [])).toBe(whole)
  })

  it('finds names and what custom recognizers find where it is held back whole, and refuses to pretend otherwise', async () => {
    const recognizers = [{ name: 'staff-number', kind: 'STAFF_NUMBER', pattern: 'S-[0-9]{6}' }]
    const text = 'Please ask John Smith, S-123456, about 123-45-6789.'
    const out = 'Please ask <PERSON_1>, <STAFF_NUMBER_1>, about <SSN_1>.'
    const options = { kinds: ['SSN', 'PERSON'], recognizers }
    for (const chunks of cuttings(text)) expect(await masking(chunks, { ...options, hold: 'whole' })).toBe(out)
    expect(() => maskFlow({ vault: memoryVault(), owner, kinds: ['PERSON'] })).toThrow(/`PERSON` cannot be found before/)
    expect(() => maskFlow({ vault: memoryVault(), owner, recognizers })).toThrow(/`staff-number` cannot be found before/)
  })

  it('keeps the escapes of a JSON string', async () => {
    const vault = memoryVault()
    const text = String.raw`{"password": "ab\"cd9x1"}`
    const masked = await through(maskStream({ vault, owner, place: 'json', minScore: 0.5 }), [text])
    expect(await through(restoreStream({ vault, owner, place: 'json' }), [masked])).toBe(text)
  })
})

describe('a masked stream of a document', () => {
  it('holds no value behind an escape, wherever it is cut, and comes back as it was', { timeout: 60_000 }, async () => {
    const said = 'Dear team,\n219-09-9999\n4111111111111111\tDE89370400440532013000\r\nAKIAIOSFODNN7EXAMPLE "jane@example.com"'
    for (const text of [JSON.stringify({ body: said }), JSON.stringify({ arguments: JSON.stringify({ body: said }) })]) {
      const vault = memoryVault()
      const options = { vault, owner, place: 'json' as const }
      for (let at = 0; at <= text.length; at++) {
        const masked = await through(maskStream(options), [text.slice(0, at), text.slice(at)])
        for (const value of ['219-09', '4111', 'DE89', 'AKIA', 'jane']) expect([at, masked.includes(value)]).toEqual([at, false])
        expect(await through(restoreStream(options), [masked])).toBe(text)
      }
    }
  })
})

describe('a restored stream', () => {
  const spellings = [
    '<SSN_1>',
    '<ssn_1>',
    '&lt;SSN_1&gt;',
    '< SSN_1 >',
    '\\u003cSSN_1\\u003e',
    '<SSN\\_1>',
    '\\<SSN\\_1\\>',
    '%3CSSN_1%3E',
    '&#60;SSN_1&#62;',
    '&#x3c;SSN_1&#x3E;',
  ]

  async function restoring(chunks: readonly string[], options: Partial<RestoreStreamOptions> = {}) {
    const vault = memoryVault()
    const values = Array.from({ length: 12 }, (_, index) => `value ${index + 1}`)
    await vault.keep(
      owner,
      values.map((value) => ({ kind: 'SSN', value })),
    )
    await vault.keep(owner, [{ kind: 'API_KEY', value: '","admin":true,"x":"' }])
    return through(restoreStream({ vault, owner, ...options }), chunks)
  }

  it.each(spellings)('restores %j however it is cut up', async (spelling) => {
    const text = `a ${spelling}b<SSN_12>${spelling}`
    const whole = await restoring([text])
    expect(whole).toMatch(/^a value(?: |%20)1bvalue 12value(?: |%20)1$/)
    for (const chunks of cuttings(text)) expect(await restoring(chunks)).toBe(whole)
  })

  it('holds back nothing but what may begin a token', async () => {
    const stream = restoreStream({ vault: memoryVault(), owner })
    const writer = stream.writable.getWriter()
    const reader = stream.readable.getReader()
    for (const [write, expected] of [
      ['hello 1 <', 'hello 1 '],
      ['div> & co', '<div> & co'],
      [' &l', ' '],
      ['ove', '&love'],
    ] as const) {
      const next = reader.read()
      await writer.write(write)
      expect((await next).value).toBe(expected)
    }
    const rest = reader.read()
    await writer.close()
    expect((await rest).done).toBe(true)
  })

  it('escapes values in a JSON string, whatever they hold', async () => {
    const text = '{"note":"<API_KEY_1>"}'
    for (const chunks of cuttings(text)) {
      expect(JSON.parse(await restoring(chunks, { place: 'json' }))).toEqual({ note: '","admin":true,"x":"' })
    }
  })

  it('ends in an error at an unknown token, and lets nothing of it out', async () => {
    await expect(restoring(['a <SSN_1', '3> b'])).rejects.toMatchObject({ code: 'unknown-token' })
    expect(await restoring(['a <SSN_1', '3> b'], { unknownToken: 'best_effort' })).toBe('a <SSN_13> b')
  })

  it('never takes a token apart: not a longer number, nor one that is too long to be one', async () => {
    const text = '<SSN_123> <SSN_01> <SSN_0> <SSN_1234567890> <SSN_1'
    for (const chunks of cuttings(text)) expect(await restoring(chunks, { unknownToken: 'best_effort' })).toBe(text)
  })
})
