import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { apart, createSearch, createSearchInTurns, type Detection, parting } from './detect.ts'
import { patternKinds } from './kinds.ts'
import { atOnce, sorting } from './turns.ts'

/** Does the work, and says how often it paused, and the most of `done` between two pauses. */
function longestTurn<T>(
  work: Generator<void, T>,
  done: () => number,
): { readonly answer: T; readonly pauses: number; readonly most: number } {
  let most = 0
  let pauses = 0
  for (;;) {
    const before = done()
    const step = work.next()
    most = Math.max(most, done() - before)
    if (step.done) return { answer: step.value, pauses, most }
    pauses++
  }
}

describe('work in turns', () => {
  it('sorts as `toSorted` does, equal items in their order, a small part of it at a time', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 20_000 }), fc.integer({ min: 1, max: 500 }), fc.integer(), (length, modulus, seed) => {
        const items = Array.from({ length }, (_, at) => ({ at, key: Math.imul(at + seed, 2_654_435_761) % modulus }))
        let compared = 0
        const compare = (one: { key: number }, other: { key: number }) => one.key - other.key
        const { answer, most } = longestTurn(
          sorting(items, (one, other) => {
            compared++
            return compare(one, other)
          }),
          () => compared,
        )
        expect(answer).toEqual(items.toSorted(compare))
        expect(most).toBeLessThan(4_096 * 20)
      }),
      { numRuns: 20 },
    )
  })

  it('searches a text as at once, with a pause every few thousand characters', () => {
    const text = 'password=a1B, call 212-555-0142 or ann@example.org; '.repeat(2_000)
    const { answer, pauses } = longestTurn(createSearchInTurns(patternKinds)(text), () => 0)
    expect(answer).toEqual(createSearch(patternKinds)(text))
    expect(answer.length).toBeGreaterThan(4_000)
    expect(pauses).toBeGreaterThanOrEqual(Math.floor(text.length / 8_192) - 1)
  })

  it('parts detections that all overlap, however many, and pauses meanwhile', () => {
    const found = (start: number, end: number, score: number): Detection => ({ kind: 'API_KEY', start, end, score, recognizer: 'r' })
    const chain = Array.from({ length: 100_000 }, (_, at) => found(at * 9, at * 9 + 256, at % 1_000 === 7 ? 0.9 : 0.8))
    const { answer, pauses } = longestTurn(parting(chain), () => 0)
    expect(pauses).toBeGreaterThan(200)
    for (let at = 1; at < answer.length; at++) expect(answer[at]?.start).toBeGreaterThanOrEqual(answer[at - 1]?.end ?? Infinity)
    expect(answer.filter(({ score }) => score === 0.9)).toHaveLength(100)
    const kept = new Set(answer.flatMap(({ start, end }) => Array.from({ length: end - start }, (_, at) => start + at)))
    const free = chain.filter(({ start, end }) => Array.from({ length: end - start }, (_, at) => start + at).every((at) => !kept.has(at)))
    expect(free).toEqual([])
    expect(atOnce(parting([]))).toEqual([])
    expect(apart([found(0, 4, 0.5), found(2, 9, 0.9), found(9, 12, 0.5)]).map(({ start }) => start)).toEqual([2, 9])
  })
})
