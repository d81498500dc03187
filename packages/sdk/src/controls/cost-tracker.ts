import { budget as budgetControl, type MaskedCall, type Scope } from '@agentgate/core'
import { type Duration, milliseconds } from '../duration.ts'
import { microDollars } from '../money.ts'
import { type AgentControl, isCounted } from './control.ts'

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
}

/** Reserves what a call costs before it runs and settles it after: concurrent calls never overspend. */
export function costTracker(options: CostTrackerOptions): AgentControl {
  const { budget, maxBudget = budget, defaultCost = 0, maxPerCall, alertThreshold, period, scope } = options
  if (maxBudget === undefined) throw new TypeError('costTracker needs a `budget` in US dollars')
  const otherwise = microDollars(defaultCost, 'defaultCost')
  const settings = {
    budget: microDollars(maxBudget, 'budget'),
    price: (call: MaskedCall) => (isCounted(call) ? (call.tool.cost ?? otherwise) : 0),
    ...(maxPerCall !== undefined && { maxPerCall: microDollars(maxPerCall, 'maxPerCall') }),
    ...(alertThreshold !== undefined && { alertThreshold }),
    ...(period !== undefined && { period: milliseconds(period, 'period') }),
    ...(scope !== undefined && { scope }),
  }
  return ({ counter }, n) => ({ controls: [budgetControl({ name: `budget-${n}`, counter, ...settings })] })
}
