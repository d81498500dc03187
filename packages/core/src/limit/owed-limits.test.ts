import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { MaskedCall } from '../call.ts'
import type { Finding, Found, Obligation, Outcome } from '../decision.ts'
import { memoryCounter } from './counter.ts'
import { owedLimits } from './owed-limits.ts'

const call = (over: object = {}) =>
  ({
    tenant: 't1',
    principal: { id: 'Agent::a', tenant: 't1', onBehalfOf: 'User::u', roles: [], mfa: false },
    session: 's1',
    tool: { name: 'pay', digest: '', effect: 'pay', boundary: 'external', arguments: {}, cost: 400_000 },
    ...over,
  }) as unknown as MaskedCall
const ran: Outcome = { status: 'succeeded', output: null }
const refused: Outcome = { status: 'refused', reason: { code: 'x', message: '' } }

/** What the policy control found: which permits allow, and what each owes. */
const allowed = (permits: { readonly [name: string]: readonly string[] }): Found => ({
  control: 'policy',
  ms: 0,
  verdict: 'allow',
  policy: { digests: [], determining: Object.keys(permits) },
  obligations: Object.entries(permits).flatMap(([policy, owed]) =>
    owed.map((text): Obligation => ({ name: text.split(' ')[0] ?? '', value: text.split(' ')[1] ?? '', policy })),
  ),
})

function room() {
  const control = owedLimits({ counter: memoryCounter() })
  const ask = (now: number, found: Found, asked = call()): Promise<Finding> =>
    control.evaluate(asked, { now, earlier: [found], signal: new AbortController().signal })
  const settle = (found: Finding, outcome: Outcome) => control.settle?.(outcome, found.held ?? null, call())
  return { ask, settle }
}

describe('limits that permits owe', () => {
  it('let as many calls run as the permit says, and say exactly when the next may', async () => {
    const { ask, settle } = room()
    const found = allowed({ 's/p': ['rate 2/1m'] })
    for (const now of [0, 10]) await settle(await ask(now, found), ran)
    expect(await ask(20, found)).toMatchObject({ verdict: 'deny', reason: { code: 'rate-exceeded', retryAfterMs: 59_980 } })
    expect((await ask(60_000, found)).verdict).toBe('pass')
  })

  it('count by the person acted for: another person, and another tenant, have their own', async () => {
    const { ask } = room()
    const found = allowed({ 's/p': ['rate 1/1m'] })
    expect((await ask(0, found)).verdict).toBe('pass')
    expect((await ask(0, found, call({ session: 's2' }))).verdict).toBe('deny')
    const other = { ...call().principal, onBehalfOf: 'User::v' }
    expect((await ask(0, found, call({ principal: other }))).verdict).toBe('pass')
    expect((await ask(0, found, call({ tenant: 't2' }))).verdict).toBe('pass')
  })

  it('keep what a tool says that a call costs within the budget', async () => {
    const { ask } = room()
    const found = allowed({ 's/p': ['budget 1.00/1d'] })
    expect((await ask(0, found)).verdict).toBe('pass')
    expect((await ask(0, found)).verdict).toBe('pass')
    expect(await ask(0, found)).toMatchObject({ verdict: 'deny', reason: { code: 'budget-exceeded', retryAfterMs: 86_400_000 } })
  })

  it('cannot keep a budget for a tool that does not say what a call costs', async () => {
    const { cost: _, ...free } = call().tool
    const found = await room().ask(0, allowed({ 's/p': ['budget 1.00/1d'] }), call({ tool: free }))
    expect(found).toMatchObject({ verdict: 'deny', reason: { code: 'obligation-unmet', message: expect.stringContaining('`cost`') } })
  })

  it('do not burden a call that another permit allows without any', async () => {
    const { ask } = room()
    for (let n = 0; n < 5; n++)
      expect(await ask(n, allowed({ 's/p': ['rate 1/1m'], 's/free': ['approval any'] }))).toEqual({ verdict: 'pass' })
  })

  it('try each permit, take nothing from the ones that fail, and name what was reserved', async () => {
    const { ask } = room()
    const both = allowed({ 's/p': ['rate 5/1m', 'budget 0.50/1d'], 's/q': ['rate 1/1h'] })
    expect((await ask(0, both)).facts).toEqual({ reserved: ['s/p rate', 's/p budget'] })
    expect((await ask(1, both)).facts).toEqual({ reserved: ['s/q rate'] })
    expect(await ask(2, both)).toMatchObject({ verdict: 'deny', reason: { code: 'rate-exceeded', retryAfterMs: 3_599_999 } })
    const rateOnly = allowed({ 's/p': ['rate 5/1m'] })
    for (let n = 3; n < 7; n++) expect((await ask(n, rateOnly)).verdict).toBe('pass')
    expect((await ask(8, rateOnly)).verdict).toBe('deny')
  })

  it('give back what a call that never ran had taken', async () => {
    const { ask, settle } = room()
    const found = allowed({ 's/p': ['rate 1/1m', 'budget 0.40/1d'] })
    for (let n = 0; n < 5; n++) await settle(await ask(n, found), refused)
    expect((await ask(6, found)).verdict).toBe('pass')
  })

  it('leave alone what the policies hold, deny, or allow without limits', async () => {
    const { ask } = room()
    const held: Found = {
      control: 'policy',
      ms: 0,
      verdict: 'hold',
      reason: { code: 'x', message: '' },
      policy: { digests: [], determining: ['s/p'] },
    }
    expect(await ask(0, held)).toEqual({ verdict: 'pass' })
    expect(await ask(0, allowed({ 's/p': [] }))).toEqual({ verdict: 'pass' })
  })

  it('never let more run at once than they permit', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 20 }), async (most, callers) => {
        const { ask } = room()
        const found = allowed({ 's/p': [`rate ${most}/1s`] })
        const all = await Promise.all(Array.from({ length: callers }, () => ask(0, found)))
        expect(all.filter(({ verdict }) => verdict === 'pass')).toHaveLength(Math.min(most, callers))
      }),
      { numRuns: 40 },
    )
  })
})
