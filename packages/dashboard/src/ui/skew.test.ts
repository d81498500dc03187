import { describe, expect, it } from 'vitest'
import { skew } from './skew.ts'

describe("the server's time", () => {
  const now = Date.UTC(2026, 10, 22, 15, 0, 0)
  const header = (ms: number) => new Date(now + ms).toUTCString()

  it('is that of this machine while they agree to the second', () => {
    expect([-1000, 0, 1000].map((ms) => skew(header(ms), now))).toEqual([0, 0, 0])
  })

  it('is followed when this machine is wrong', () => {
    expect(skew(header(300_000), now)).toBe(300_500)
    expect(skew(header(-300_000), now)).toBe(-299_500)
  })

  it('is not guessed from what is no date', () => {
    expect(skew(null, now)).toBeUndefined()
    expect(skew('yesterday', now)).toBeUndefined()
  })
})
