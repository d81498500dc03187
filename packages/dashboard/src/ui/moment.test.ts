import { describe, expect, it } from 'vitest'
import { absolute, countdown, milliseconds, relative } from './moment.ts'

const now = Date.UTC(2026, 10, 22, 15, 0, 0)

describe('times', () => {
  it('are told by the largest whole unit', () => {
    expect(relative(now - 400, now)).toBe('now')
    expect(relative(now - 59_999, now)).toBe('59s ago')
    expect(relative(now - 3_599_999, now)).toBe('59m ago')
    expect(relative(now - 90_000_000, now)).toBe('1d ago')
    expect(relative(now + 20_000, now)).toBe('in 20s')
  })

  it('are told exactly on demand', () => {
    expect(absolute(now)).toContain('2026-11-22T15:00:00.000Z')
  })

  it('keep the figures that matter of a duration', () => {
    expect([0.04, 0.4, 3.21, 12.6, 1300].map(milliseconds)).toEqual(['0.04 ms', '0.40 ms', '3.2 ms', '13 ms', '1.3 s'])
  })

  it('count down to zero and never show zero while something is left', () => {
    expect([300_000, 59_001, 1, 0, -5, 3_720_000].map(countdown)).toEqual(['5:00', '1:00', '0:01', '0:00', '0:00', '1:02:00'])
  })
})
