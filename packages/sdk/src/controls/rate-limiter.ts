import { type MaskedCall, rate, type Scope } from '@agentgate/core'
import { type Duration, milliseconds } from '../duration.ts'
import { type AgentControl, isCounted, named } from './control.ts'

export interface RateLimiterOptions {
  readonly maxCalls: number
  /** An exact sliding window. */
  readonly window: Duration
  /** What is counted together; several together make one key. */
  readonly scope?: Scope | readonly Scope[]
  /** Globs of the tools it counts; by default all. */
  readonly tools?: readonly string[]
}

/** At most so many calls in any window; refused calls are not charged, and `retryAfter` is exact. */
export function rateLimiter({ maxCalls, window, scope = 'global', tools }: RateLimiterOptions): AgentControl {
  if (!Number.isSafeInteger(maxCalls) || maxCalls < 1) throw new RangeError(`\`maxCalls\` is ${maxCalls}: give a whole number above zero`)
  const span = milliseconds(window, 'window')
  const fits = named(tools ?? ['*'])
  const applies = (call: MaskedCall) => isCounted(call) && fits(call.tool.name)
  return ({ counter, countsOf }, n) => {
    const counts = countsOf(['rate', maxCalls, span, [scope].flat(), tools ?? ['*']])
    return { controls: [rate({ name: `rate-${n}`, counts, counter, maxCalls, window: span, scope, applies })] }
  }
}
