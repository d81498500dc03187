import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type CustomRecognizer, customLimits, recognizerProblem } from './custom.ts'
import { createDetector, createFinder } from './detect.ts'

const staff: CustomRecognizer = { name: 'staff-number', kind: 'STAFF_NUMBER', pattern: 'S-\\d{6}' }
const found = (text: string, recognizers: readonly CustomRecognizer[], options = {}) =>
  createDetector({ recognizers, ...options })(text).map(({ kind, start, end }) => `${kind} ${text.slice(start, end)}`)

describe('a custom recognizer', () => {
  it('finds what its pattern says, beside everything else', () => {
    expect(found('ask S-123456 or a@x.co', [staff])).toEqual(['STAFF_NUMBER S-123456', 'EMAIL a@x.co'])
    expect(createDetector({ recognizers: [staff] })('S-123456')).toMatchObject([{ recognizer: 'staff-number', score: 0.7 }])
  })

  it('sees through disguises, and points into the original', () => {
    expect(found('x\u200b Ｓ-１２\u200b３４５６!', [staff])).toEqual(['STAFF_NUMBER Ｓ-１２\u200b３４５６'])
  })

  it('counts half where none of its words stands near', () => {
    const badge = { name: 'badge', kind: 'BADGE', pattern: '\\b[A-Z]{2}\\d{4}\\b', context: ['badge', 'door card'] }
    expect(found('her badge is AB1234', [badge])).toEqual(['BADGE AB1234'])
    expect(found('the Door Card AB1234', [badge])).toEqual(['BADGE AB1234'])
    expect(found('row AB1234', [badge])).toEqual([])
    expect(found('row AB1234', [badge], { minScore: 0.3 })).toEqual(['BADGE AB1234'])
    expect(createDetector({ recognizers: [badge] })('AB1234', 'badge')).toHaveLength(1)
  })

  it('asks its validator', () => {
    const loyalty: CustomRecognizer = { name: 'loyalty', kind: 'LOYALTY', pattern: '9\\d{3} \\d{4}', validator: 'luhn' }
    expect(found('9000 0001', [loyalty])).toEqual(['LOYALTY 9000 0001'])
    expect(found('9000 0002', [loyalty])).toEqual([])
  })

  it('is left out where other kinds are asked for', () => {
    expect(found('S-123456 a@x.co', [staff], { kinds: ['EMAIL'] })).toEqual(['EMAIL a@x.co'])
    expect(found('S-123456 a@x.co', [staff], { kinds: ['STAFF_NUMBER'] })).toEqual(['STAFF_NUMBER S-123456'])
  })

  it('may find a kind that exists', () => {
    expect(found('S-123456', [{ ...staff, kind: 'PERSON' }])).toEqual(['PERSON S-123456'])
  })

  it.each([
    [{ name: 'Staff' }, 'name'],
    [{ kind: 'staff' }, 'capitals'],
    [{ kind: 'LITERAL' }, 'kept for tokens'],
    [{ pattern: '' }, '1 to 500'],
    [{ pattern: 'a'.repeat(501) }, '1 to 500'],
    [{ pattern: '(' }, 'not a regular expression'],
    [{ pattern: '(a)\\1' }, 'without backreferences'],
    [{ pattern: '(?=a)b' }, 'without looking around'],
    [{ pattern: 'a*' }, 'at least one character'],
    [{ pattern: '[a-z]{600}x{600}' }, 'too large'],
    [{ context: ['a(b'] }, 'words of letters'],
    [{ validator: 'magic' as 'luhn' }, 'none of luhn'],
    [{ score: 0 }, 'score'],
    [{ score: Number.NaN }, 'score'],
  ])('with %j is refused, and says why', (wrong, why) => {
    expect(recognizerProblem({ ...staff, ...wrong })).toContain(why)
    expect(() => createDetector({ recognizers: [{ ...staff, ...wrong }] })).toThrow(TypeError)
  })

  it('is one of at most 100', () => {
    expect(() => createDetector({ recognizers: Array.from({ length: 101 }, () => staff) })).toThrow(RangeError)
  })

  it('finds what stands on the edge of its windows, once', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2030, max: 2060 }), fc.integer({ min: 0, max: 3 }), (before, more) => {
        const text = `${' '.repeat(before)}S-123456${' '.repeat(2048 * more)}`
        expect(createFinder(['EMAIL'], [staff])(text)).toMatchObject([{ start: before, end: before + 8 }])
      }),
    )
  })

  it('finds as much in a text as it is long, and no match without end', () => {
    const greedy = { name: 'greedy', kind: 'GREEDY', pattern: 'a(?:.*b)?' }
    const count = (length: number) => createFinder(['EMAIL'], [greedy])('a'.repeat(length)).length
    expect(count(200)).toBe(200)
    const crowded = createFinder(['EMAIL'], [{ ...greedy, pattern: '\\d' }])('7'.repeat(5_000))
    expect(crowded.length).toBeLessThan(1_000)
    for (let at = 0; at < 5_000; at++) expect(crowded.some(({ start, end }) => start <= at && at < end)).toBe(true)
    expect(count(20_000)).toBeLessThanOrEqual(2.1 * count(10_000))
    expect(createFinder(['EMAIL'], [{ ...greedy, pattern: 'a+' }])('a'.repeat(customLimits.match + 1)).length).toBe(0)
  })
})
