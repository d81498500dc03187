import { describe, expect, it } from 'vitest'
import { recurring } from './recurring.ts'

describe('the values of symbols', () => {
  it('are always the same, come again, or are ever new', () => {
    const seen = recurring()
    const changes: number[] = []
    for (let n = 0; n < 300; n++)
      if (seen.changed(['house', `role ${n % 3}`, BigInt(n), n === 250 ? 'x'.repeat(201) : 'short', n > 200])) changes.push(n)
    expect([seen.constant(), seen.recurring(), seen.fresh(), seen.varying()]).toEqual([[0], [1, 4], [2, 3], [1, 4, 2, 3]])
    expect(changes).toEqual([0, 1, 64, 201, 250])
  })
})
