import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { checkPrices, costOf, type ModelPrice, priceAt } from './price.ts'
import { usageIn } from './usage.ts'

const price: ModelPrice = { model: 'm', from: '2026-01-01', input: 3, cached: 0.3, cacheWrite: 3.75, output: 15, maxOutput: 1_000 }
const none = { input: 0, cached: 0, cacheWrite: 0, output: 0, reasoning: 0 }
const at = (day: string) => Date.parse(day)

describe('priceAt', () => {
  const rows = [price, { ...price, from: '2026-06-01', input: 2 }, { ...price, model: 'm-mini', input: 1 }]

  it('is the latest that has begun, of this very model', () => {
    expect(priceAt(rows, 'm', at('2025-12-31T23:59:59.999Z'))).toBeUndefined()
    expect(priceAt(rows, 'm', at('2026-01-01'))?.input).toBe(3)
    expect(priceAt(rows.toReversed(), 'm', at('2026-05-31T23:59:59.999Z'))?.input).toBe(3)
    expect(priceAt(rows.toReversed(), 'm', at('2026-06-01'))?.input).toBe(2)
    for (const name of ['m-mini-2026-03-01', 'm-mini-20260301', 'm-mini-latest']) {
      expect(priceAt(rows, name, at('2026-02-01'))?.model, name).toBe('m-mini')
    }
    for (const name of ['m-large', 'm-mini-2', 'M', 'xm']) expect(priceAt(rows, name, at('2026-02-01')), name).toBeUndefined()
  })

  it('takes no row that says what cannot be counted', () => {
    for (const wrong of [{ input: -1 }, { output: 0.0000001 }, { tiers: { batch: Number.NaN } }, { from: '2026' }, { maxOutput: 0.5 }]) {
      expect(() => checkPrices([{ ...price, ...wrong }]), JSON.stringify(wrong)).toThrow(RangeError)
    }
    expect(() => checkPrices([price])).not.toThrow()
  })
})

describe('costOf', () => {
  it('tells cached, written, reasoning and batch tokens apart', () => {
    expect(costOf(price, { ...none, input: 1_000, cached: 1_000, cacheWrite: 1_000, output: 10, reasoning: 10 })).toBe(
      3_000 + 300 + 3_750 + 300,
    )
    expect(costOf({ ...price, reasoning: 20 }, { ...none, reasoning: 10 })).toBe(200)
    const tiered = { ...price, tiers: { batch: 0.5, priority: 2 } }
    expect(costOf(tiered, { ...none, input: 1_000, tier: 'batch' })).toBe(1_500)
    expect(costOf(tiered, { ...none, input: 1_000, tier: 'priority' })).toBe(6_000)
    expect(costOf(tiered, { ...none, input: 1_000, tier: 'default' })).toBe(3_000)
  })

  it('is a whole number, never less than the exact cost, and less than one micro-dollar more', () => {
    const rate = fc.integer({ min: 0, max: 200_000_000 }).map((millionths) => millionths / 1e6)
    const tokens = fc.integer({ min: 0, max: 2_000_000 })
    fc.assert(
      fc.property(rate, rate, rate, tokens, tokens, tokens, (input, cached, output, a, b, c) => {
        const cost = costOf({ ...price, input, cached, output }, { ...none, input: a, cached: b, output: c })
        const exact = [input, cached, output].map((each) => BigInt(Math.round(each * 1e6)))
        const [x = 0n, y = 0n, z = 0n] = exact
        const millionths = x * BigInt(a) + y * BigInt(b) + z * BigInt(c)
        const over = BigInt(cost) * 1_000_000n - millionths
        expect(Number.isSafeInteger(cost) && over >= 0n && over < 1_000_000n).toBe(true)
      }),
    )
  })
})

describe('usageIn', () => {
  it.each([
    [
      'chat completions',
      {
        usage: {
          prompt_tokens: 100,
          completion_tokens: 50,
          prompt_tokens_details: { cached_tokens: 40 },
          completion_tokens_details: { reasoning_tokens: 20 },
        },
        service_tier: 'flex',
      },
      { input: 60, cached: 40, cacheWrite: 0, output: 30, reasoning: 20, tier: 'flex' },
    ],
    [
      'responses',
      {
        usage: {
          input_tokens: 100,
          output_tokens: 50,
          input_tokens_details: { cached_tokens: 40 },
          output_tokens_details: { reasoning_tokens: 20 },
        },
      },
      { input: 60, cached: 40, cacheWrite: 0, output: 30, reasoning: 20 },
    ],
    [
      'messages',
      {
        usage: { input_tokens: 100, output_tokens: 50, cache_read_input_tokens: 40, cache_creation_input_tokens: 7, service_tier: 'batch' },
      },
      { input: 100, cached: 40, cacheWrite: 7, output: 50, reasoning: 0, tier: 'batch' },
    ],
    [
      'a model of the AI SDK',
      {
        usage: {
          inputTokens: { total: 100, noCache: 53, cacheRead: 40, cacheWrite: 7 },
          outputTokens: { total: 50, text: 30, reasoning: 20 },
        },
      },
      { input: 53, cached: 40, cacheWrite: 7, output: 30, reasoning: 20 },
    ],
    [
      'a result of the AI SDK',
      {
        usage: {
          inputTokens: 100,
          outputTokens: 50,
          inputTokenDetails: { cacheReadTokens: 40, cacheWriteTokens: 7 },
          outputTokenDetails: { reasoningTokens: 20 },
        },
      },
      { input: 53, cached: 40, cacheWrite: 7, output: 30, reasoning: 20 },
    ],
    [
      'a stream of chat completions',
      [
        { choices: [{}], usage: null },
        { choices: [], usage: { prompt_tokens: 3, completion_tokens: 2 } },
      ],
      { input: 3, cached: 0, cacheWrite: 0, output: 2, reasoning: 0 },
    ],
    [
      'a stream of responses',
      [
        { type: 'response.created', response: { usage: null } },
        { type: 'response.completed', response: { usage: { input_tokens: 3, output_tokens: 2 } } },
      ],
      { input: 3, cached: 0, cacheWrite: 0, output: 2, reasoning: 0 },
    ],
    [
      'a stream of messages, whose counts go up',
      [
        { type: 'message_start', message: { usage: { input_tokens: 25, output_tokens: 1, cache_read_input_tokens: 4 } } },
        { type: 'message_delta', usage: { output_tokens: 9 } },
        { type: 'message_delta', usage: { output_tokens: 15 } },
      ],
      { input: 25, cached: 4, cacheWrite: 0, output: 15, reasoning: 0 },
    ],
  ])('reads %s', (_, output, usage) => {
    expect(usageIn(output)).toEqual(usage)
  })

  it.each([
    null,
    'text',
    {},
    { usage: {} },
    { usage: { prompt_tokens: -1, completion_tokens: 1 } },
    { usage: { prompt_tokens: 1, completion_tokens: 0.5 } },
    { usage: { prompt_tokens: 1, completion_tokens: 1, prompt_tokens_details: { cached_tokens: 5 } } },
    { usage: { prompt_tokens: '1', completion_tokens: 1 } },
  ])('reads nothing in %j', (output) => {
    expect(usageIn(output)).toBeUndefined()
  })
})
