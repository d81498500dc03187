import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createTally } from './tally.ts'

describe('a tally', () => {
  it('adds up within a window, and begins anew after it', () => {
    const tally = createTally(100, 10)
    expect(tally.add('a', 2, 0)).toEqual({ before: 0, sum: 2 })
    expect(tally.add('a', 3, 99)).toEqual({ before: 2, sum: 5 })
    expect(tally.add('b', 1, 99)).toEqual({ before: 0, sum: 1 })
    expect(tally.add('a', 1, 100)).toEqual({ before: 0, sum: 1 })
  })

  it('never holds more than it may, and counts as a plain sum does for keys that it holds', () => {
    const adding = fc.record({ key: fc.integer({ min: 0, max: 30 }).map(String), amount: fc.nat(100), pass: fc.nat(40) })
    fc.assert(
      fc.property(fc.array(adding, { maxLength: 200 }), fc.integer({ min: 1, max: 40 }), (addings, most) => {
        const tally = createTally(100, most)
        const plain = new Map<string, { from: number; sum: number }>()
        let now = 0
        for (const { key, amount, pass } of addings) {
          now += pass
          const known = plain.get(key)
          const sum = known && now - known.from < 100 ? known.sum + amount : amount
          plain.set(key, { from: known && now - known.from < 100 ? known.from : now, sum })
          const told = tally.add(key, amount, now)
          expect(tally.size()).toBeLessThanOrEqual(most)
          if (most > 30) expect(told.sum).toBe(sum)
          else expect(told.sum).toBeLessThanOrEqual(sum)
        }
      }),
    )
  })
})
