import { describe, expect, it } from 'vitest'
import { looks, ofApproval, ofStatus, ofVerdict, statuses } from './status.ts'

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

  it('of a request that nobody answered in time is expired, even before the server says so', () => {
    const request = { state: 'pending', expires_at: '2026-11-22T15:00:00.000Z' } as const
    const end = Date.parse(request.expires_at)
    expect(ofApproval(request, end - 1).word).toBe('pending')
    expect(ofApproval(request, end).word).toBe('expired')
    expect(ofApproval({ ...request, state: 'denied' }, end).word).toBe('denied')
  })

  it('is never a success when it is not known', () => {
    expect(ofStatus('something-new')).toBe('lost')
  })

  it('is carried by a shape as well as a colour: no two share both', () => {
    const seen = statuses.map((status) => `${looks[status].text} ${looks[status].icon.displayName ?? ''}`)
    expect(new Set(seen).size).toBeGreaterThanOrEqual(statuses.length - 1)
  })
})
