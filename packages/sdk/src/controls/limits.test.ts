import { afterEach, describe, expect, it, vi } from 'vitest'
import { z } from 'zod'
import {
  Agent,
  type AgentOptions,
  answerFunctionCall,
  auditLog,
  BudgetExceededError,
  type CallOptions,
  costTracker,
  memoryCounter,
  RateLimitError,
  rateLimiter,
  reasonCodes,
  Refused,
} from '../index.ts'

const start = 1_800_000_000_000
afterEach(() => void vi.useRealTimers())

function limited(options: AgentOptions) {
  const agent = new Agent(options)
  for (const name of ['a', 'b'])
    agent.tool({ name: `tool_${name}`, input: z.object({}), execute: () => 'ran', ...(name === 'b' && { cost: 0.5 }) })
  const call = (name: 'a' | 'b', as: CallOptions = {}) => agent.call(`tool_${name}`, {}, as).catch((error: unknown) => error)
  return { agent, call }
}

describe('rateLimiter', () => {
  it.each([
    [
      'global',
      [
        ['a', { user: 'u', session: 's' }],
        ['b', { user: 'v', session: 't' }],
      ],
      [],
    ],
    [
      'tenant',
      [
        ['a', { user: 'u' }],
        ['b', { user: 'v' }],
      ],
      [],
    ],
    [
      'agent',
      [
        ['a', { user: 'u' }],
        ['b', { user: 'v' }],
      ],
      [],
    ],
    [
      'tool',
      [
        ['a', { user: 'u' }],
        ['a', { user: 'v' }],
      ],
      [['b', { user: 'u' }]],
    ],
    [
      'user',
      [
        ['a', { user: 'u' }],
        ['b', { user: 'u' }],
      ],
      [['a', { user: 'v' }]],
    ],
    [
      'session',
      [
        ['a', { session: 's' }],
        ['b', { session: 's' }],
      ],
      [['a', { session: 't' }]],
    ],
    [
      ['user', 'tool'],
      [
        ['a', { user: 'u' }],
        ['a', { user: 'u' }],
      ],
      [
        ['b', { user: 'u' }],
        ['a', { user: 'v' }],
      ],
    ],
  ] as const)('counts together by scope: %j', async (scope, together, apart) => {
    const { call } = limited({ controls: [rateLimiter({ maxCalls: 1, window: '1h', scope })] })
    const [[name, as], [again, same]] = together
    expect(await call(name, as)).toBe('ran')
    expect(await call(again, same)).toBeInstanceOf(RateLimitError)
    for (const [other, who] of apart) expect(await call(other, who), JSON.stringify(who)).toBe('ran')
  })

  it.each([
    ['global', 1],
    ['tenant', 1],
    ['agent', 2],
    ['tool', 2],
    [['tenant', 'agent'], 2],
    [['agent', 'tool'], 4],
  ] as const)('counts two agents of two replicas each on one counter by scope: %j', async (scope, keys) => {
    const counter = memoryCounter()
    const replica = (agentId: string) => limited({ agentId, counter, controls: [rateLimiter({ maxCalls: 3, window: '1h', scope })] })
    const replicas = ['one', 'one', 'two', 'two'].map(replica)
    const all = await Promise.all(
      replicas.flatMap(({ call }) => (['a', 'b'] as const).flatMap((name) => Array.from({ length: 4 }, () => call(name)))),
    )
    expect(all.filter((each) => each === 'ran')).toHaveLength(3 * keys)
    expect(all.filter((each) => each instanceof RateLimitError)).toHaveLength(32 - 3 * keys)
  })

  it('says to the millisecond when the next call passes, and does not charge refused ones', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: start })
    const { call } = limited({ controls: [rateLimiter({ maxCalls: 2, window: '10s' })] })
    for (const at of [0, 1_234]) {
      vi.setSystemTime(start + at)
      expect(await call('a')).toBe('ran')
    }
    for (const at of [5_000, 9_999]) {
      vi.setSystemTime(start + at)
      expect(await call('a')).toMatchObject({ retryAfter: (10_000 - at) / 1000 })
    }
    vi.setSystemTime(start + 10_000)
    expect(await call('a')).toBe('ran')
    expect(await call('a')).toMatchObject({ retryAfter: 1.234 })
  })
})

describe('costTracker', () => {
  it('never overspends, whoever of a thousand calls on two replicas comes first', async () => {
    const counter = memoryCounter()
    const replicas = [1, 2].map(() => limited({ counter, controls: [costTracker({ budget: 0.25, defaultCost: 0.001 })] }))
    const all = await Promise.all(Array.from({ length: 500 }, () => replicas.map(({ call }) => call('a'))).flat())
    expect(all.filter((each) => each === 'ran')).toHaveLength(250)
    expect(all.filter((each) => each instanceof BudgetExceededError)).toHaveLength(750)
    expect(replicas.reduce((sum, { agent }) => sum + agent.summary().costUsd, 0)).toBeCloseTo(0.25, 9)
  }, 120_000)

  it('takes what a tool says it costs, says what is spent and when it passes again, and how much one call may cost', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: start })
    const { agent, call } = limited({ controls: [costTracker({ budget: 1, defaultCost: 0.3, period: '1d', alertThreshold: 0.8 })] })
    expect(await call('b')).toBe('ran')
    vi.setSystemTime(start + 60_000)
    expect(await call('a')).toBe('ran')
    expect(agent.lastDecision?.findings.find(({ facts }) => facts?.['cost'])?.facts).toEqual({ cost: 300_000, budget_alert: true })
    expect(await call('a')).toMatchObject({ code: 'budget-exceeded', spent: 0.8, budget: 1, reason: { retryAfterMs: 86_400_000 - 60_000 } })
    vi.setSystemTime(start + 86_400_000)
    expect(await call('a')).toBe('ran')
    const dear = limited({ controls: [costTracker({ budget: 10, maxPerCall: 0.4 })] })
    expect(await dear.call('b')).toMatchObject({
      code: 'budget-exceeded',
      spent: undefined,
      message: expect.stringContaining('more than the $0.40'),
    })
    expect(await dear.call('a')).toBe('ran')
  })

  it('gives back what a refused call would have cost', async () => {
    const { agent, call } = limited({ controls: [costTracker({ budget: 0.5 }), rateLimiter({ maxCalls: 1, window: '1h', scope: 'user' })] })
    expect(await call('a', { user: 'u' })).toBe('ran')
    expect(await call('b', { user: 'u' })).toBeInstanceOf(RateLimitError)
    expect(await call('b', { user: 'v' })).toBe('ran')
    expect(agent.summary()).toMatchObject({ total: 3, succeeded: 2, refused: 1, costUsd: 0.5 })
  })
})

describe('what a refusal says', () => {
  it('is read by a model that asks for what only a transaction calls', async () => {
    const agent = new Agent()
    agent.tool({ name: 'pay', input: z.object({}), execute: () => null, compensation: () => null })
    expect(await answerFunctionCall(agent, { call_id: 'c1', name: 'compensate.pay', arguments: '{}' })).toMatchObject({
      output: expect.stringContaining('"unknown-tool"'),
    })
  })

  it('is what to do next, by its code and of this call', async () => {
    const { agent, call } = limited({ controls: [rateLimiter({ maxCalls: 1, window: '1h' })] })
    await call('a')
    const refused = await call('a')
    expect(refused).toBeInstanceOf(Refused)
    expect(refused).toMatchObject({ help: reasonCodes['rate-exceeded'], message: expect.stringContaining('wait as long') })
    expect(await answerFunctionCall(agent, { call_id: 'c1', name: 'tool_a', arguments: '{}' })).toMatchObject({
      type: 'function_call_output',
      call_id: 'c1',
      output: expect.stringContaining('"rate-exceeded"'),
    })
    expect(await answerFunctionCall(agent, { call_id: 'c2', name: 'tool_a', arguments: '{' })).toMatchObject({
      output: expect.stringContaining('valid JSON'),
    })
  })
})

describe('limits that count together', () => {
  const once = () => rateLimiter({ maxCalls: 1, window: '1h' })

  it('are shared wherever they stand among the controls, in agents that share a counter', async () => {
    const counter = memoryCounter()
    const halfDollar = () => costTracker({ budget: 0.5 })
    const silent = auditLog({ output: '/dev/null' })
    const first = limited({ counter, controls: [once(), halfDollar()] })
    const second = limited({ counter, controls: [silent, halfDollar(), once()] })
    expect(await first.call('b')).toBe('ran')
    expect(await second.call('b')).toMatchObject({ code: 'budget-exceeded' })
    expect(await second.call('a')).toMatchObject({ code: 'rate-exceeded' })
  })

  it('are not shared by limits that say something else, at the same place', async () => {
    const counter = memoryCounter()
    const first = limited({ counter, controls: [once(), costTracker({ budget: 0.5 })] })
    const second = limited({ counter, controls: [rateLimiter({ maxCalls: 1, window: '2h' }), costTracker({ budget: 0.6 })] })
    expect(await first.call('b')).toBe('ran')
    expect(await second.call('b')).toBe('ran')
  })

  it('count a call once each, where several of one agent say the same', async () => {
    const twice = () => rateLimiter({ maxCalls: 2, window: '1h' })
    const { call } = limited({ controls: [twice(), twice()] })
    expect(await call('a')).toBe('ran')
    expect(await call('a')).toBe('ran')
    expect(await call('a')).toBeInstanceOf(RateLimitError)
  })
})
