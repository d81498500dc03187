import { describe, expect, it } from 'vitest'
import { waterfall } from './waterfall.ts'

describe('the waterfall', () => {
  it('puts each control after the one before it', () => {
    const { total, steps } = waterfall([{ ms: 1 }, { ms: 3 }, { ms: 0 }])
    expect(total).toBe(4)
    expect(steps.map(({ left, width }) => [left, width])).toEqual([
      [0, 25],
      [25, 75],
      [99, 1],
    ])
  })

  it('stays within its bounds, whatever the clock says', () => {
    for (const findings of [[], [{ ms: 0 }], [{ ms: -5 }, { ms: 0 }], [{ ms: 1e9 }, { ms: 1e-9 }]])
      for (const { left, width } of waterfall(findings).steps) {
        expect(left).toBeGreaterThanOrEqual(0)
        expect(left + width).toBeLessThanOrEqual(100)
        expect(width).toBeGreaterThanOrEqual(1)
      }
  })
})
