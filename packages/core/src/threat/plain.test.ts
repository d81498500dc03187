import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { thoroughly } from './detect.ts'
import { payloads } from './payloads.sample.ts'
import { isPlain } from './plain.ts'
import { ordinarySentences, ordinaryValues } from './sentences.sample.ts'
import { atOnce, stepsWithin } from './steps.ts'

const kinds = [undefined, 'prose', 'sql', 'shell', 'path', 'html'] as const
const found = (text: string) => kinds.flatMap((kind) => atOnce(thoroughly(text, kind, stepsWithin())))

describe('plain', () => {
  it.each([
    'Anna',
    'Álvarez Núñez',
    '28013',
    'C/ Mayor 25, 3 B',
    'anna.smith@example.org',
    '12/05/2024 10:30',
    'room 12 (east)',
    'report.pdf',
  ])('knows an ordinary value: %s', (text) => expect(isPlain(text)).toBe(true))

  it.each(Object.values(payloads).flat())('takes no payload for plain: %s', (text) => expect(isPlain(text)).toBe(false))

  it.each([
    '',
    ' ',
    '20rm x',
    'ab12 aaaa bbbbbb ccccccc ddddddddxrm -rf x.txt',
    'whoamiab1234567890',
    'XunionSELECTfrom',
    'sp_addlogin',
    'python3 -c x',
    'config_php',
    'vbscrip t:x',
    'a..b/c',
    'x2e2e',
    'admin--',
    'onmouseover',
    'onblur',
    'onkeydown',
    'onToggle',
    'JyBPUiAxPTEgLS0g',
    'ls -la',
    '.env',
    '12345678 .foo/bar.yml',
  ])('leaves what could mean something to the judges: %j', (text) => expect(isPlain(text)).toBe(false))

  it('is never said of a text in which the judges find something', () => {
    const samples = [...Object.values(payloads).flat(), ...ordinarySentences(), ...ordinaryValues]
    const words = [...new Set(samples.flatMap((text) => text.split(/[^A-Za-z0-9_]+/)))].filter((word) => word !== '')
    const bits = fc.constantFrom(...'a e v t B É 0x 2e 12 ab12 12345678 or ls rm select etc passwd _ w'.split(' '))
    const signs = fc.constantFrom(
      ' ',
      ' ',
      ' ',
      ', ',
      '. ',
      '-',
      '.',
      '@',
      '/',
      ': ',
      ' (',
      ') ',
      '  ',
      ' .',
      ' -',
      '',
      '      ',
      ')',
      '_',
      "'",
      '+',
    )
    const packed = Object.values(payloads)
      .flat()
      .map((text) => btoa(String.fromCharCode(...new TextEncoder().encode(text))).replace(/=+$/, ''))
    const piece = fc.tuple(
      fc.oneof(
        { weight: 1, arbitrary: fc.constantFrom(...packed) },
        { weight: 4, arbitrary: fc.constantFrom(...words) },
        { weight: 1, arbitrary: bits },
      ),
      signs,
    )
    const made = fc.array(piece, { minLength: 1, maxLength: 7 }).map((parts) => parts.flat().join(''))
    const near = fc.string({ unit: fc.constantFrom(...'abcdefilmnoprstuvwxy0123 ,.-@/:()_'), minLength: 1, maxLength: 30 })
    let plain = 0
    fc.assert(
      fc.property(fc.oneof(made, near, fc.constantFrom(...samples, ...packed)), (text) => {
        if (!isPlain(text)) return
        plain++
        expect(found(text)).toEqual([])
      }),
      { numRuns: 20_000 },
    )
    expect(plain).toBeGreaterThan(500)
  })
})
