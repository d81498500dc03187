import { describe, expect, it } from 'vitest'
import { scaleTop, segments } from './chart.ts'

describe('the chart of calls', () => {
  it('has a round scale that everything fits under', () => {
    expect([0, 1, 2, 3, 7, 11, 51, 999].map(scaleTop)).toEqual([1, 1, 2, 5, 10, 20, 100, 1000])
  })

  it('stacks verdicts without gap, and draws nothing for nothing', () => {
    expect(segments({ from: '', allow: 2, hold: 0, deny: 2 }, 4, 100)).toEqual([
      { verdict: 'allow', y: 50, height: 50 },
      { verdict: 'deny', y: 0, height: 50 },
    ])
    expect(segments({ from: '', allow: 0, hold: 0, deny: 0 }, 1, 100)).toEqual([])
  })

  it('never lets a single refusal disappear among many calls', () => {
    expect(segments({ from: '', allow: 0, hold: 0, deny: 1 }, 1000, 100)[0]?.height).toBe(1)
  })
})
