import type { MaskedCall } from '../call.ts'
import { type Control, refusal } from '../control.ts'
import type { Json } from '../json.ts'
import type { Counter } from './counter.ts'
import { keyOf, type Scope, settleReservation } from './rate.ts'

/** Integer millionths of a US dollar. */
export type MicroDollars = number

export interface BudgetOptions {
  readonly name?: string
  /** The namespace of what is spent, by default its name: budgets of the same one share it. */
  readonly counts?: string
  readonly counter: Counter
  readonly budget: MicroDollars
  /** Milliseconds after which what was spent no longer counts; absent: never. */
  readonly period?: number
  readonly scope?: Scope | readonly Scope[]
  /** What a call is expected to cost; by default what its tool declares, else nothing. */
  readonly price?: (call: MaskedCall) => MicroDollars
  /** What it really cost, by what it answered: what was reserved for it unless that says so. */
  readonly settled?: (call: MaskedCall, output: Json) => MicroDollars | undefined
  readonly maxPerCall?: MicroDollars
  /** The part of the budget (0 to 1) from which on findings carry `budget_alert`. */
  readonly alertThreshold?: number
}

/** Keeps what is spent within a budget: reserves the price of a call before it runs, so that concurrent calls never overspend. */
export function budget(options: BudgetOptions): Control {
  const {
    name = 'budget',
    counts = name,
    counter,
    budget: max,
    period,
    scope = 'global',
    price = ({ tool }) => tool.cost ?? 0,
    settled = () => undefined,
    maxPerCall,
    alertThreshold = 1,
  } = options
  return {
    name,
    stage: 'reserve',
    async evaluate(call, { now }) {
      const amount = price(call)
      if (!Number.isSafeInteger(amount) || amount < 0) throw new RangeError(`the price ${amount} is not a whole number of micro-dollars`)
      if (maxPerCall !== undefined && amount > maxPerCall) {
        return refusal('budget-exceeded', `The call would cost ${dollars(amount)}: more than the ${dollars(maxPerCall)} that one call may.`)
      }
      if (amount === 0) return { verdict: 'pass' }
      const id = `${name}/${crypto.randomUUID()}`
      const limit = period === undefined ? { max } : { max, window: period }
      const reserved = await counter.reserve({ id, key: `${counts}/${keyOf(call, scope)}`, amount }, limit, now)
      if (reserved.ok)
        return { verdict: 'pass', held: { id, amount }, facts: { cost: amount, budget_alert: reserved.used >= alertThreshold * max } }
      const wait = reserved.wait === undefined ? {} : { retryAfterMs: reserved.wait }
      const left = `${dollars(max - reserved.used)} of ${dollars(max)} is left`
      const message = `The call would cost ${dollars(amount)}, but ${left}: raise the budget or wait for its period.`
      return { ...refusal('budget-exceeded', message, wait), facts: { spent: reserved.used, budget: max } }
    },
    settle: async (outcome, held, call) => {
      const spent = outcome.status === 'succeeded' ? settled(call, outcome.output) : undefined
      await settleReservation(counter, outcome.status === 'refused', held, spent)
      return outcome
    },
  }
}

/** `$0.01`: at least cents, at most micro-dollars. */
export function dollars(amount: MicroDollars): string {
  const [whole, fraction = ''] = (amount / 1e6).toFixed(6).split('.')
  return `$${whole}.${fraction.replace(/0{1,4}$/, '')}`
}
