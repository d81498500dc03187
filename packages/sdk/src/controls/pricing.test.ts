import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { Agent, BudgetExceededError, costTracker, governChat, type ModelPrice, shadow } from '../index.ts'

const model: ModelPrice = { model: 'm', from: '2020-01-01', input: 1, cached: 0.1, output: 10, maxOutput: 1_000, tiers: { batch: 0.5 } }
const used = (prompt_tokens: number, completion_tokens: number, more: object = {}) => ({
  usage: { prompt_tokens, completion_tokens, ...more },
})
const input = z.object({ model: z.string(), prompt: z.string(), max_tokens: z.number().optional() })

function tracked(answer: () => unknown, options: object = {}) {
  const agent = new Agent({ controls: [costTracker({ budget: 0.1, pricing: [model], ...options })] })
  const ask = agent.tool({ name: 'ask', input, execute: answer })
  const call = (more: object = {}) => ask({ model: 'm', prompt: 'hi', ...more }).catch((error: unknown) => error)
  const cost = () => agent.lastDecision?.findings.find(({ facts }) => facts?.['cost'])?.facts?.['cost']
  return { agent, call, cost }
}

describe('costTracker with prices', () => {
  it('reserves the most that a call of a model can cost, and settles what its answer says it used', async () => {
    const { agent, call, cost } = tracked(() => used(1_000, 50, { prompt_tokens_details: { cached_tokens: 400 } }))
    await call({ max_tokens: 200 })
    const bytes = JSON.stringify({ model: 'm', prompt: 'hi', max_tokens: 200 }).length
    expect(cost()).toBe(bytes + 200 * 10)
    expect(agent.summary().costUsd).toBe((600 + 40 + 500) / 1e6)
    await call()
    expect(cost()).toBeGreaterThanOrEqual(1_000 * 10)
  })

  it('lets what was reserved and not used be spent by the next call, and no more', async () => {
    // Each reserves a good cent, and uses three quarters of one.
    const { agent, call } = tracked(() => used(2_500, 500))
    const all: unknown[] = []
    for (let n = 0; n < 20; n++) all.push(await call())
    const passed = all.filter((each) => !(each instanceof BudgetExceededError)).length
    expect(passed).toBe(12)
    expect(all.at(-1)).toMatchObject({ spent: 0.09, budget: 0.1 })
    expect(agent.summary()).toMatchObject({ succeeded: 12, costUsd: 0.09 })
  })

  it('never overspends by calls at once, although each uses all that it reserved', async () => {
    const { agent, call } = tracked(() => used(0, 1_000))
    const all = await Promise.all(Array.from({ length: 100 }, () => call()))
    expect(all.filter((each) => each instanceof BudgetExceededError)).toHaveLength(91)
    expect(agent.summary().costUsd).toBe(0.09)
  })

  it.each([
    ['says nothing of what it used', () => 'text'],
    [
      'failed',
      () => {
        throw new Error('broken off')
      },
    ],
  ])('keeps what was reserved where the model %s', async (_, answer) => {
    const { agent, call, cost } = tracked(answer)
    await call()
    expect(agent.summary().costUsd).toBe(Number(cost()) / 1e6)
  })

  it('settles a stream by its last word about usage', async () => {
    const agent = new Agent({ controls: [costTracker({ budget: 1, pricing: [model] })] })
    const chunks = [
      { choices: [{ index: 0, delta: { content: 'hello' }, finish_reason: null }], usage: null },
      { choices: [{ index: 0, delta: {}, finish_reason: 'stop' }], usage: null },
      { choices: [], ...used(10, 3) },
    ]
    const chat = governChat(agent, async () => ReadableStream.from(chunks))
    const events = await chat({ model: 'm-2026-01-01', messages: [{ role: 'user', content: 'hi' }] })
    for await (const _ of events);
    expect(agent.summary().costUsd).toBe(40 / 1e6)
  })

  it('refuses a model that has no price, unless something says what its tool costs', async () => {
    const refused = await tracked(() => 'ran').call({ model: 'other' })
    expect(refused).toMatchObject({ code: 'price-unknown', help: expect.stringContaining('pricing') })
    const { agent, call } = tracked(() => 'ran', { defaultCost: 0.01 })
    expect(await call({ model: 'other' })).toBe('ran')
    expect(agent.summary().costUsd).toBe(0.01)
    expect(() => costTracker({ budget: 1, pricing: [{ ...model, input: -1 }] })).toThrow(RangeError)
  })

  it('in shadow, refuses nothing and costs nothing', async () => {
    const agent = new Agent({ controls: [shadow(costTracker({ budget: 0.000001, pricing: [model] }))] })
    const ask = agent.tool({ name: 'ask', input, execute: () => used(1, 1) })
    for (const name of ['m', 'other']) expect(await ask({ model: name, prompt: 'hi' })).toEqual(used(1, 1))
    expect(agent.summary()).toMatchObject({ succeeded: 2, costUsd: 0 })
  })
})
