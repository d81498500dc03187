import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { MaskedCall } from '../call.ts'
import type { Asking, Control } from '../control.ts'
import type { Finding, Outcome } from '../decision.ts'
import { budget, dollars } from './budget.ts'
import { memoryCounter } from './counter.ts'
import { keyOf, rate } from './rate.ts'

const call = (over: object = {}) =>
  ({
    tenant: 't1',
    principal: { id: 'Agent::a', tenant: 't1', roles: [], mfa: false },
    session: 's1',
    tool: { name: 'chat', digest: '', effect: 'execute', boundary: 'external', arguments: {} },
    ...over,
  }) as unknown as MaskedCall
const at = (now: number): Asking => ({ now, earlier: [], signal: new AbortController().signal })
const ran: Outcome = { status: 'succeeded', output: null }
const refused: Outcome = { status: 'refused', reason: { code: 'x', message: '' } }
const settle = async (control: Control, finding: Finding, outcome: Outcome) => control.settle?.(outcome, finding.held ?? null, call())

describe('rate', () => {
  it('lets twenty pass in any minute, refuses the twenty-first, and says exactly when to come again', async () => {
    const control = rate({ counter: memoryCounter(), maxCalls: 20, window: 60_000, scope: 'user' })
    for (let n = 0; n < 20; n++) {
      const finding = await control.evaluate(call(), at(1000 + n * 100))
      expect(finding.verdict).toBe('pass')
      await settle(control, finding, ran)
    }
    const over = await control.evaluate(call(), at(10_000))
    expect(over).toMatchObject({ verdict: 'deny', reason: { code: 'rate-exceeded', retryAfterMs: 1000 + 60_000 - 10_000 } })
    expect((await control.evaluate(call(), at(60_999))).verdict).toBe('deny')
    expect((await control.evaluate(call(), at(61_000))).verdict).toBe('pass')
  })

  it('does not charge what never ran', async () => {
    const control = rate({ counter: memoryCounter(), maxCalls: 1, window: 1000 })
    for (let n = 0; n < 5; n++) await settle(control, await control.evaluate(call(), at(n)), refused)
    expect((await control.evaluate(call(), at(6))).verdict).toBe('pass')
  })

  it('counts only the calls it is meant for, each scope apart', async () => {
    const control = rate({
      counter: memoryCounter(),
      maxCalls: 1,
      window: 1000,
      scope: ['tool', 'session'],
      applies: ({ tool }) => tool.name === 'chat',
    })
    const other = call({ tool: { ...call().tool, name: 'other' } })
    expect((await control.evaluate(call(), at(1))).verdict).toBe('pass')
    expect((await control.evaluate(call(), at(2))).verdict).toBe('deny')
    expect((await control.evaluate(call({ session: 's2' }), at(2))).verdict).toBe('pass')
    expect(await control.evaluate(other, at(2))).toEqual({ verdict: 'pass' })
    expect((await settle(control, { verdict: 'pass' }, ran))?.status).toBe('succeeded')
  })

  it('never mixes the keys of different scopes, tenants or sessions', () => {
    const name = fc.string({ maxLength: 6 })
    fc.assert(
      fc.property(name, name, name, name, (one, two, three, four) => {
        const key = (tenant: string, session: string) => keyOf(call({ tenant, session }), ['session', 'tool'])
        if (one !== three || two !== four) expect(key(`t${one}`, two)).not.toBe(key(`t${three}`, four))
      }),
    )
    expect(keyOf(call(), 'global')).not.toBe(keyOf(call(), 'user'))
    const acting = call({ principal: { ...call().principal, onBehalfOf: 'User::u' } })
    expect(keyOf(acting, 'user')).not.toBe(keyOf(acting, 'agent'))
  })
})

describe('budget', () => {
  const priced = (micro: number) => call({ tool: { ...call().tool, cost: micro } })

  it('never overspends, however many call for the first time at once', async () => {
    const control = budget({ counter: memoryCounter(), budget: 1_000_000, price: () => 10_000 })
    const all = await Promise.all(Array.from({ length: 1000 }, () => control.evaluate(call(), at(1))))
    expect(all.filter(({ verdict }) => verdict === 'pass')).toHaveLength(100)
  })

  it('gives back what was not spent, and says what is left', async () => {
    const control = budget({ counter: memoryCounter(), budget: 10_000 })
    const first = await control.evaluate(priced(7_000), at(1))
    const second = await control.evaluate(priced(7_000), at(1))
    expect(second).toMatchObject({ verdict: 'deny', reason: { code: 'budget-exceeded' } })
    expect(second.reason?.message).toContain('$0.003 of $0.01')
    await settle(control, first, refused)
    expect((await control.evaluate(priced(7_000), at(1))).verdict).toBe('pass')
  })

  it('comes back after its period, and alerts near its end', async () => {
    const control = budget({ counter: memoryCounter(), budget: 10, period: 1000, alertThreshold: 0.5 })
    expect((await control.evaluate(priced(4), at(0))).facts).toMatchObject({ cost: 4, budget_alert: false })
    expect((await control.evaluate(priced(4), at(0))).facts).toMatchObject({ budget_alert: true })
    expect((await control.evaluate(priced(4), at(1))).reason?.retryAfterMs).toBe(999)
    expect((await control.evaluate(priced(4), at(1000))).verdict).toBe('pass')
  })

  it('refuses a call that alone costs too much, and takes nothing for a free one', async () => {
    const control = budget({ counter: memoryCounter(), budget: 100, maxPerCall: 5 })
    expect((await control.evaluate(priced(6), at(0))).reason?.code).toBe('budget-exceeded')
    expect(await control.evaluate(call(), at(0))).toEqual({ verdict: 'pass' })
  })

  it('cannot tell what a price that is no whole number means', async () => {
    const control = budget({ counter: memoryCounter(), budget: 100, price: () => Number.NaN })
    await expect(control.evaluate(call(), at(0))).rejects.toThrow('micro-dollars')
  })

  it('writes money with cents at least', () => {
    expect([0, 10_000, 1_500_000, 1].map(dollars)).toEqual(['$0.00', '$0.01', '$1.50', '$0.000001'])
  })
})
