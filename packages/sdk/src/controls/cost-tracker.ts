import {
  budget as budgetControl,
  checkPrices,
  isObject,
  type MaskedCall,
  type ModelPrice,
  priceAt,
  refusal,
  type Scope,
} from '@agentgate/core'
import { type Duration, milliseconds } from '../duration.ts'
import { microDollars } from '../money.ts'
import { type AgentControl, isCounted } from './control.ts'
import { modelIn, mostOf, spentBy } from './model-cost.ts'

export interface CostTrackerOptions {
  /** US dollars that may be spent. */
  readonly budget?: number
  /** An alias of `budget`. */
  readonly maxBudget?: number
  /** US dollars for a call whose tool declares no `cost`. */
  readonly defaultCost?: number
  readonly maxPerCall?: number
  /** The part of the budget (0 to 1) from which on findings carry `budget_alert`. */
  readonly alertThreshold?: number
  /** After how long what was spent no longer counts; absent: never. */
  readonly period?: Duration
  readonly scope?: Scope | readonly Scope[]
  /**
   * What models cost. A call that names a model of these (`model`, beside `messages`, `input` or `prompt`) reserves the most that
   * it can cost, and costs what its answer says it used; where the answer does not say, what was reserved. A model without a
   * price is refused, unless its tool declares a `cost` or there is a `defaultCost`.
   */
  readonly pricing?: readonly ModelPrice[]
}

/** Reserves what a call costs before it runs and settles it after: concurrent calls never overspend. */
export function costTracker(options: CostTrackerOptions): AgentControl {
  const { budget, maxBudget = budget, defaultCost, maxPerCall, alertThreshold, period, scope, pricing = [] } = options
  if (maxBudget === undefined) throw new TypeError('costTracker needs a `budget` in US dollars')
  if (alertThreshold !== undefined && !(alertThreshold >= 0 && alertThreshold <= 1))
    throw new RangeError(`\`alertThreshold\` is ${alertThreshold}: give a part of the budget, 0 to 1`)
  checkPrices(pricing)
  const otherwise = microDollars(defaultCost ?? 0, 'defaultCost')
  const settings = {
    budget: microDollars(maxBudget, 'budget'),
    ...(maxPerCall !== undefined && { maxPerCall: microDollars(maxPerCall, 'maxPerCall') }),
    ...(alertThreshold !== undefined && { alertThreshold }),
    ...(period !== undefined && { period: milliseconds(period, 'period') }),
    ...(scope !== undefined && { scope }),
  }
  /** What it costs is looked up once: prices may change between its two halves. */
  const decidedAt = ({ context }: MaskedCall) => (typeof context['now'] === 'number' ? context['now'] : 0)
  const priced = (call: MaskedCall) => {
    const model = modelIn(call.input)
    return model === undefined ? undefined : priceAt(pricing, model, decidedAt(call))
  }
  const price = (call: MaskedCall) => {
    if (!isCounted(call)) return 0
    const found = priced(call)
    return found ? mostOf(found, call.input) : (call.tool.cost ?? otherwise)
  }
  const isUnpriced = (call: MaskedCall) =>
    pricing.length > 0 && modelIn(call.input) !== undefined && !priced(call) && call.tool.cost === undefined && defaultCost === undefined

  return ({ counter, countsOf }, n) => {
    const name = `budget-${n}`
    const counts = countsOf(['budget', settings.budget, settings.period ?? null, [scope ?? 'global'].flat()])
    const settled = (call: MaskedCall, output: Parameters<typeof spentBy>[2]) => spentBy(pricing, call.input, output, decidedAt(call))
    const control = budgetControl({ name, counts, counter, ...settings, price, settled })
    return {
      controls: [
        {
          ...control,
          evaluate: async (call, asking) =>
            isCounted(call) && isUnpriced(call)
              ? refusal('price-unknown', `\`${call.tool.name}\` is asked for a model that has no price: add one to \`pricing\`.`)
              : control.evaluate(call, asking),
        },
      ],
      spent: ({ call, findings }, outcome) => {
        const facts = findings.find(({ control }) => control === name)?.facts
        const reserved = isObject(facts ?? null) ? facts?.['cost'] : undefined
        if (typeof reserved !== 'number') return undefined
        return (outcome.status === 'succeeded' ? settled(call, outcome.output) : undefined) ?? reserved
      },
    }
  }
}
