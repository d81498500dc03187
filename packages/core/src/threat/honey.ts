import type { Call, TenantId } from '../call.ts'
import { type Detect, refusal } from '../control.ts'
import type { Finding } from '../decision.ts'
import { freeze, type Json } from '../json.ts'
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
 * Looks for honey tokens in every string of the input, keys included, in the resource and in the name of the tool; also where a call is
 * refused as not understood: a planted tool is one that nobody registered. Refuses a call that carries one of level `block`; all others pass, and nothing about them is published: neither policies nor whoever asked get to know.
 */
export function honey({ values, planted, touched }: HoneyOptions): Detect {
  return {
    name: 'honey-token',
    evaluate: async (call, { signal }) => look(call, [call.tool.name, call.input, call.resource], signal),
    overhear: async ({ action, input }, call, { signal }) => look(call, [action, asJson(input)], signal),
  }

  async function look(call: Call, parts: readonly Json[], signal: AbortSignal): Promise<Finding> {
    const tokens = await planted(call.tenant)
    if (tokens.length === 0) return { verdict: 'pass' }
    const found = await inSlices(carried(parts, tokens), signal)
    if (found.length > 0) touched(call, found)
    if (!found.some(({ level }) => level === 'block')) return { verdict: 'pass' }
    return refusal('honey-token', 'The call carries a value that nothing has a use for: an administrator was told.')
  }

  function* carried(parts: readonly Json[], tokens: readonly HoneyToken[]): Judging<readonly HoneyToken[]> {
    const steps = stepsWithin()
    const found = new Set<HoneyToken>()
    for (const part of parts)
      for (const { text } of texts(part)) for (const token of yield* values.finding(text, tokens, steps)) found.add(token)
    return [...found]
  }
}

/** What of an input is JSON, or nothing of it. */
function asJson(input: unknown): Json {
  try {
    return freeze(input)
  } catch {
    return null
  }
}
