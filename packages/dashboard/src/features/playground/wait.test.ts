import { describe, expect, it } from 'vitest'
import { scenarios } from './scenarios.ts'
import { shadowedIn } from './shadowed.ts'
import { newSession, passesAgain } from './wait.ts'

describe('the playground', () => {
  it('counts down to the exact moment, and only where the server named one', () => {
    const at = '2026-11-22T15:00:00.000Z'
    expect(passesAgain(at, { retry_after_ms: 41_250 })).toBe(Date.parse(at) + 41_250)
    expect(passesAgain(at, {})).toBeUndefined()
    expect(passesAgain(at, undefined)).toBeUndefined()
  })

  it('has the nine scenarios, and one of them stays below and then exceeds twenty a minute', () => {
    expect(scenarios).toHaveLength(9)
    expect(scenarios.filter(({ times }) => times !== undefined).map(({ times }) => times)).toEqual([21])
  })

  it('puts in shadow what the URL names, and nothing that must never be', () => {
    expect(shadowedIn('threat,rate')).toEqual(['threat', 'rate'])
    expect(shadowedIn('pii,policy,approvals,threat')).toEqual(['threat'])
    expect(shadowedIn(undefined)).toEqual([])
  })

  it('never gives two conversations the same id', () => {
    expect(newSession()).not.toBe(newSession())
  })
})
