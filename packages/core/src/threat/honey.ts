import type { Call, TenantId } from '../call.ts'
import { type Detect, refusal } from '../control.ts'
import type { HoneyToken } from './honey-tokens.ts'
import type { HoneyValues } from './honey-values.ts'
import { inSlices, type Judging, stepsWithin } from './steps.ts'
import { texts } from './texts.ts'

export interface HoneyOptions {
  readonly values: HoneyValues
  /** The tokens of a tenant that are looked for. Rejects when it cannot tell: the gate then denies. */
  readonly planted: (tenant: TenantId) => Promise<readonly HoneyToken[]>
  /** Hears of each call that carries some, before it is decided. */
  readonly touched: (call: Call, tokens: readonly HoneyToken[]) => void
}

/**
 * Looks for honey tokens in every string of the input, keys included, and in the resource. Refuses a call that carries one of level `block`;
 * all others pass, and nothing about them is published: neither policies nor whoever asked get to know.
 */
export function honey({ values, planted, touched }: HoneyOptions): Detect {
  return {
    name: 'honey-token',
    async evaluate(call, { signal }) {
      const tokens = await planted(call.tenant)
      if (tokens.length === 0) return { verdict: 'pass' }
      const found = await inSlices(carried(call, tokens), signal)
      if (found.length > 0) touched(call, found)
      if (!found.some(({ level }) => level === 'block')) return { verdict: 'pass' }
      return refusal('honey-token', 'The call carries a value that nothing has a use for: an administrator was told.')
    },
  }

  function* carried({ input, resource }: Call, tokens: readonly HoneyToken[]): Judging<readonly HoneyToken[]> {
    const steps = stepsWithin()
    const found = new Set<HoneyToken>()
    for (const { text } of texts(input)) for (const token of yield* values.finding(text, tokens, steps)) found.add(token)
    for (const token of yield* values.finding(resource, tokens, steps)) found.add(token)
    return [...found]
  }
}
