import { costOf, isObject, type Json, type JsonObject, type MicroDollars, type ModelPrice, priceAt, usageIn } from '@agentgate/core'

/** Where the vendors' clients say how long an answer may get. */
const limits = ['max_tokens', 'max_completion_tokens', 'max_output_tokens', 'maxOutputTokens', 'maxTokens']

/** The model that an input names, where it is what a model is called with. */
export function modelIn(input: JsonObject): string | undefined {
  const { model } = input
  return typeof model === 'string' && ['messages', 'input', 'prompt'].some((key) => key in input) ? model : undefined
}

/**
 * The most that a call of a model can cost, but for what its input only names, such as files and what is continued: no token is
 * shorter than a byte, and an answer is as long as the call allows, else as `maxOutput` says.
 */
export function mostOf(price: ModelPrice, input: JsonObject): MicroDollars {
  const tokens = new TextEncoder().encode(JSON.stringify(input)).length
  const allowed = limits.map((name) => input[name]).find((each) => typeof each === 'number' && Number.isSafeInteger(each) && each >= 0)
  const answers = typeof input['n'] === 'number' && Number.isSafeInteger(input['n']) ? Math.max(1, input['n']) : 1
  const longest = (typeof allowed === 'number' ? allowed : price.maxOutput) * answers
  const { input: rate, output, cached = rate, cacheWrite = rate, reasoning = output, tiers = {} } = price
  // Every token at the dearest it can be.
  const dearest = {
    ...price,
    input: Math.max(rate, cached, cacheWrite),
    output: Math.max(output, reasoning),
    tiers: { most: Math.max(1, ...Object.values(tiers)) },
  }
  return costOf(dearest, { input: tokens, cached: 0, cacheWrite: 0, output: longest, reasoning: 0, tier: 'most' })
}

/** What a call of a model really cost, where its answer says what it used. */
export function spentBy(prices: readonly ModelPrice[], input: JsonObject, output: Json, now: number): MicroDollars | undefined {
  const model = modelIn(input)
  const price = model === undefined ? undefined : priceAt(prices, model, now)
  const usage = price && usageIn(isObject(output) || Array.isArray(output) ? output : null)
  return price && usage && costOf(price, usage)
}
