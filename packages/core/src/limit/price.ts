import type { MicroDollars } from './budget.ts'
import type { Usage } from './usage.ts'

/**
 * What a model costs from a day on, in US dollars for a million tokens: at most six decimals. `reasoning` costs like `output`, and
 * `cached` and `cacheWrite` like `input`, unless told.
 */
export interface ModelPrice {
  /** As calls name it, without the date or `-latest` at its end: `gpt-5-mini`. */
  readonly model: string
  /** The first day, `2026-01-31`, in UTC. Of several rows of a model, the latest that has begun counts. */
  readonly from: string
  readonly input: number
  readonly output: number
  /** Input tokens that the provider had in its cache. */
  readonly cached?: number
  /** Input tokens that it put there. */
  readonly cacheWrite?: number
  readonly reasoning?: number
  /** By what the answer says of its `service_tier`: `{ batch: 0.5 }` is half. A tier that is not here costs as without one. */
  readonly tiers?: { readonly [tier: string]: number }
  /** The most tokens that one answer may have: what is reserved for calls that do not limit it themselves. */
  readonly maxOutput: number
}

const scale = 1_000_000n

/** Throws a `RangeError`, naming the row, for what is no price. */
export function checkPrices(prices: readonly ModelPrice[]): void {
  for (const row of prices) {
    const { model, from, input, output, cached = 0, cacheWrite = 0, reasoning = 0, tiers = {}, maxOutput } = row
    const rates = { input, output, cached, cacheWrite, reasoning, ...tiers }
    for (const [name, rate] of Object.entries(rates)) {
      const whole = Math.round(rate * 1e6)
      if (!Number.isSafeInteger(whole) || whole < 0 || Math.abs(rate * 1e6 - whole) > 1e-3)
        throw new RangeError(`The price of \`${model}\` says \`${name}\` is ${rate}: give zero or more, with at most six decimals`)
    }
    if (!/^\d{4}-\d\d-\d\d$/.test(from) || Number.isNaN(Date.parse(from)))
      throw new RangeError(`The price of \`${model}\` is from \`${from}\`: give a day, such as \`2026-01-31\``)
    if (!Number.isSafeInteger(maxOutput) || maxOutput < 1)
      throw new RangeError(`The price of \`${model}\` says \`maxOutput\` is ${maxOutput}: give a whole number of tokens`)
  }
}

/** The price of a model at an instant, if there is one: of this very model, not of one whose name begins like it. */
export function priceAt(prices: readonly ModelPrice[], model: string, now: number): ModelPrice | undefined {
  const name = model.replace(/-(?:\d{4}-\d\d-\d\d|\d{8}|latest)$/, '')
  return prices
    .filter((row) => (row.model === model || row.model === name) && Date.parse(row.from) <= now)
    .reduce<ModelPrice | undefined>((best, row) => (best && best.from > row.from ? best : row), undefined)
}

/** What was used costs, exactly, rounded up to a whole micro-dollar once. */
export function costOf(price: ModelPrice, usage: Usage): MicroDollars {
  const { input, output, cached = input, cacheWrite = input, reasoning = output, tiers = {} } = price
  const parts = [
    [usage.input, input],
    [usage.cached, cached],
    [usage.cacheWrite, cacheWrite],
    [usage.output, output],
    [usage.reasoning, reasoning],
  ] as const
  // US dollars for a million tokens are micro-dollars for one.
  const sum = parts.reduce((all, [tokens, rate]) => all + BigInt(tokens) * whole(rate), 0n)
  const tier = usage.tier === undefined || !Object.hasOwn(tiers, usage.tier) ? scale : whole(tiers[usage.tier] ?? 1)
  return Number((sum * tier + scale * scale - 1n) / (scale * scale))
}

function whole(rate: number): bigint {
  return BigInt(Math.round(rate * 1e6))
}
