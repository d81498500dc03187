import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { z } from 'zod'
import {
  Agent,
  type CallOptions,
  type GuardrailPolicy,
  memoryCounter,
  RateLimitError,
  Refused,
  shadow,
  statefulGuardrail,
} from '../index.ts'
import { clockHours } from './clock-hours.ts'

const noon = Date.UTC(2026, 5, 1, 12)
const minute = 60_000
beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'], now: noon }))
afterEach(() => void vi.useRealTimers())

function guarded(policies: readonly GuardrailPolicy[], options: { mode?: 'shadow'; counter?: ReturnType<typeof memoryCounter> } = {}) {
  const { mode, counter } = options
  const agent = new Agent({ controls: [statefulGuardrail({ policies, ...(mode && { mode }) })], ...(counter && { counter }) })
  for (const name of ['send_email', 'delete_user', 'delete_file', 'read_policy', 'review', 'broken']) {
    agent.tool({ name, input: z.object({}), execute: () => (name === 'broken' ? Promise.reject(new Error('no')) : name) })
  }
  const call = (name: string, as: CallOptions = {}) =>
    agent.call(name, {}, as).then(
      () => 'ran',
      (error: unknown) => (error instanceof RateLimitError ? error.retryAfter : error instanceof Refused ? error.code : 'failed'),
    )
  return { agent, call, at: (ms: number) => void vi.setSystemTime(noon + ms) }
}

describe('statefulGuardrail', () => {
  it('lets each user send five mails an hour, and says to the second when the sixth may go', async () => {
    const { call, at } = guarded([{ tool: 'send_email', maxCalls: 5, window: '1h', scope: 'user' }])
    for (let n = 0; n < 5; n++) {
      at(n * minute)
      expect(await call('send_email', { user: 'ada' })).toBe('ran')
    }
    at(30 * minute)
    expect(await call('send_email', { user: 'ada' })).toBe(30 * 60)
    expect(await call('send_email', { user: 'bob' })).toBe('ran')
    expect(await call('delete_user', { user: 'ada' })).toBe('ran')
    at(60 * minute - 1)
    expect(await call('send_email', { user: 'ada' })).toBe(0.001)
    at(60 * minute)
    expect(await call('send_email', { user: 'ada' })).toBe('ran')
  })

  it('cools down: after one deletion of any kind no other for ten minutes', async () => {
    const { agent, call, at } = guarded([{ tool: 'delete_*', cooldown: '10m' }])
    expect(await call('delete_user')).toBe('ran')
    at(4 * minute)
    expect(await call('delete_file')).toBe(6 * 60)
    expect(agent.lastDecision?.reason).toMatchObject({ code: 'cooldown' })
    expect(await call('send_email')).toBe('ran')
    at(10 * minute)
    expect(await call('delete_file')).toBe('ran')
  })

  it('gives back the place of a call that another policy refused', async () => {
    const { call, at } = guarded([
      { tool: 'delete_*', cooldown: '10m' },
      { tool: 'delete_user', maxCalls: 1, window: '1h' },
    ])
    expect(await call('delete_user')).toBe('ran')
    at(11 * minute)
    expect(await call('delete_user')).toBe(49 * 60)
    expect(await call('delete_file')).toBe('ran')
  })

  it('keeps hours of the day free in the time zone that it is told, summer and winter', async () => {
    const { call, at } = guarded([{ tool: '*', excludeHours: [2, 3, 4], timezone: 'UTC' }])
    expect(await call('send_email')).toBe('ran')
    at(14 * 60 * minute + 1_500)
    expect(await call('send_email')).toBe(3 * 3600 - 1.5)
    at(17 * 60 * minute)
    expect(await call('send_email')).toBe('ran')
    const berlin = guarded([{ tool: '*', excludeHours: [2, 3, 4], timezone: 'Europe/Berlin' }])
    for (const [day, closed, open] of [
      [Date.UTC(2026, 6, 1), 0, 3],
      [Date.UTC(2026, 0, 1), 1, 4],
    ] as const) {
      vi.setSystemTime(day + closed * 60 * minute)
      expect(await berlin.call('send_email')).toBe((open - closed) * 3600)
      vi.setSystemTime(day + open * 60 * minute)
      expect(await berlin.call('send_email')).toBe('ran')
    }
  })

  it('keeps an order: nothing before what comes first has succeeded, in its session and lately', async () => {
    const { call, at } = guarded([{ tool: 'send_email', after: ['read_policy', 'review'], within: '1h' }])
    const s1 = { session: 's1' }
    expect(await call('send_email', s1)).toBe('out-of-order')
    expect(await call('review', s1)).toBe('ran')
    expect(await call('read_policy', s1)).toBe('ran')
    expect(await call('send_email', s1)).toBe('out-of-order')
    at(10 * minute)
    expect(await call('review', s1)).toBe('ran')
    expect(await call('send_email', s1)).toBe('ran')
    expect(await call('send_email', { session: 's2' })).toBe('out-of-order')
    at(60 * minute)
    expect(await call('send_email', s1)).toBe('out-of-order')
  })

  it('takes no failed call for a success', async () => {
    const { call } = guarded([{ tool: 'send_email', after: 'broken', within: '1h' }])
    expect(await call('broken', { session: 's' })).toBe('failed')
    expect(await call('send_email', { session: 's' })).toBe('out-of-order')
  })

  it('counts for two replicas that share a counter as for one, however they race', async () => {
    const counter = memoryCounter()
    const replicas = [1, 2].map(() =>
      guarded(
        [
          { tool: 'send_email', maxCalls: 5, window: '1h' },
          { tool: 'send_email', after: 'review', within: '1h', scope: 'global' },
        ],
        { counter },
      ),
    )
    expect(await replicas[0]?.call('review')).toBe('ran')
    const all = await Promise.all(Array.from({ length: 10 }, () => replicas.map(({ call }) => call('send_email'))).flat())
    expect(all.filter((each) => each === 'ran')).toHaveLength(5)
  })

  it('counts together for agents that list its policies in another order', async () => {
    const counter = memoryCounter()
    const cooldown = { tool: 'delete_*', cooldown: '10m' } as const
    const order = { tool: 'send_email', after: 'review', within: '1h', scope: 'global' } as const
    const [one, other] = [guarded([cooldown, order], { counter }), guarded([order, cooldown], { counter })]
    expect(await one.call('delete_user')).toBe('ran')
    expect(await other.call('delete_user')).toBe(600)
    expect(await one.call('review')).toBe('ran')
    expect(await other.call('send_email')).toBe('ran')
  })

  it('refuses nothing in shadow, and records what it would have refused', async () => {
    const { agent, call, at } = guarded(
      [
        { tool: 'delete_*', cooldown: '10m' },
        { tool: '*', excludeHours: [12] },
      ],
      { mode: 'shadow' },
    )
    for (const name of ['delete_user', 'delete_file']) expect(await call(name)).toBe('ran')
    at(60 * minute)
    const shadows = agent.traces.map(({ decision }) => decision.findings.flatMap(({ shadow: said }) => said?.reason?.code ?? []))
    expect(shadows).toEqual([['excluded-hour'], ['excluded-hour', 'cooldown']])
  })

  it('says what is wrong with a policy', () => {
    expect(() => statefulGuardrail({ policies: [{ tool: '*' } as never] })).toThrow('excludeHours')
    const both = { tool: '*', maxCalls: 5, window: '1h', cooldown: '10m' } as const
    expect(() => statefulGuardrail({ policies: [both] })).toThrow('`maxCalls` and `cooldown`')
    expect(() => statefulGuardrail({ policies: [{ tool: '*', maxCalls: 0, window: '1h' }] })).toThrow('maxCalls')
    expect(() => statefulGuardrail({ policies: [{ tool: '*', cooldown: 'soon' as never }] })).toThrow("'5m'")
    expect(() => statefulGuardrail({ policies: [{ tool: '*', excludeHours: [24] }] })).toThrow('0 to 23')
    expect(() => statefulGuardrail({ policies: [{ tool: '*', excludeHours: [1], timezone: 'Mars/Olympus' }] })).toThrow(RangeError)
    expect(() => statefulGuardrail({ policies: [{ tool: '', cooldown: 1 }] })).toThrow('delete_*')
  })
})

describe('shadow', () => {
  it('lets calls go on that its control never answers about', async () => {
    const never = () => new Promise<never>(() => undefined)
    const slow = { name: 'slow', stage: 'reserve' as const, evaluate: never }
    const stuck = { name: 'stuck', stage: 'reserve' as const, evaluate: async () => ({ verdict: 'pass' as const }), settle: never }
    const agent = new Agent({ controls: [shadow(() => ({ controls: [slow, stuck] }))] })
    const run = agent.tool({ name: 'run', input: z.object({}), execute: () => 'ran' })
    expect(await run({})).toBe('ran')
    expect(agent.traces[0]?.decision.findings.find(({ control }) => control === 'slow')?.shadow?.reason?.code).toBe('control-failed')
  }, 15_000)

  it('changes no call, whatever the control says, throws, or does about the outcome', async () => {
    const verdicts = fc.constantFrom('pass', 'allow', 'hold', 'deny', 'throw')
    await fc.assert(
      fc.asyncProperty(verdicts, fc.constantFrom('keep', 'withhold', 'throw'), async (verdict, end) => {
        const agent = new Agent({
          controls: [
            shadow(() => ({
              controls: [
                {
                  name: 'odd',
                  stage: 'reserve',
                  evaluate: async () => {
                    if (verdict === 'throw') throw new Error('no')
                    const reason = { code: 'odd', message: 'Odd.' }
                    return { verdict: verdict as 'deny', reason, facts: { odd: true } }
                  },
                  settle: async (outcome) => {
                    if (end === 'throw') throw new Error('no')
                    return end === 'keep' ? outcome : { status: 'withheld', reason: { code: 'odd', message: 'Odd.' } }
                  },
                },
              ],
            })),
          ],
        })
        const echo = agent.tool({ name: 'echo', input: z.object({}), execute: () => 'said' })
        expect(await echo({})).toBe('said')
        const [{ decision } = { decision: undefined }] = agent.traces
        expect(decision?.call.context).not.toHaveProperty('odd')
        expect(decision?.findings.find(({ control }) => control === 'odd')).toMatchObject({
          verdict: 'pass',
          shadow: { verdict: verdict === 'throw' ? 'deny' : verdict },
        })
      }),
      { numRuns: 15 },
    )
  })

  it('takes no control that changes calls itself', async () => {
    const { humanApproval, piiVault } = await import('../index.ts')
    for (const control of [piiVault(), humanApproval({ tools: ['*'] })])
      expect(() => new Agent({ controls: [shadow(control)] })).toThrow('cannot be shadowed')
  })
})

describe('clockHours', () => {
  it('finds the hour where minutes are not those of UTC', () => {
    const { hourAt, untilNext } = clockHours('Asia/Kolkata')
    expect(hourAt(noon)).toBe(17)
    expect(untilNext(noon)).toBe(30 * minute)
  })
})
