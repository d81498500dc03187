import { describe, expect, it } from 'vitest'
import { looks, ofStatus, ofVerdict, statuses } from './status.ts'

describe('a status', () => {
  it('has one word for one state, wherever it is shown', () => {
    expect(['deny', 'hold', 'allow', 'pass'].map((verdict) => ofVerdict(verdict as 'deny'))).toEqual([
      'refused',
      'held',
      'allowed',
      'passed',
    ])
    expect(['refused', 'waiting', 'succeeded', 'running'].map(ofStatus)).toEqual(['refused', 'held', 'allowed', 'running'])
  })

  it('is never a success when it is not known', () => {
    expect(ofStatus('something-new')).toBe('lost')
  })

  it('is carried by a shape as well as a colour: no two share both', () => {
    const seen = statuses.map((status) => `${looks[status].text} ${looks[status].icon.displayName ?? ''}`)
    expect(new Set(seen).size).toBeGreaterThanOrEqual(statuses.length - 1)
  })
})
