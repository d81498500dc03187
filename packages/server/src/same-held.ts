import { type CallId, canonical, type FreshRequest, GateError, type Principal } from '@agentgate/core'
import type { House } from './house.ts'
import { newestOf } from './records.ts'

/** How little content may be trusted, by what it is labelled. */
const ranks: readonly unknown[] = ['none', 'user', 'untrusted']

/**
 * Which of these calls is still held, is this principal's own, and asks for the same in everything: tool, input, session, and content
 * that is trusted no more. An agent that was restarted goes on with what people were asked before.
 */
export async function sameHeld(
  { calls, mask }: Pick<House, 'calls' | 'mask'>,
  principal: Principal,
  { action, input, session, labels = [] }: FreshRequest,
  ids: readonly string[],
): Promise<CallId | undefined> {
  for (const id of ids) {
    const record = await newestOf({ calls }, principal.tenant, id as CallId)
    if (!record || record.kept === undefined || record.decision.verdict !== 'hold') continue
    const { call } = record.decision
    const inNone = call.session === (call.id as string)
    const own = call.principal.id === principal.id && call.principal.onBehalfOf === principal.onBehalfOf
    if (!own || call.tool.name !== action || (inNone ? session !== undefined : session !== call.session)) continue
    const trusted = ranks.indexOf(call.context['taint'])
    if (labels.some((label) => ranks.indexOf(label) > trusted)) continue
    const kept = await mask.recallInput(call, record.kept)
    if (kept && canonical(kept) === written(input)) return call.id
  }
  return undefined
}

/** Whether a call has its final decision: between looking and deciding, another went on with it. */
export function isDecided(error: unknown): boolean {
  return error instanceof GateError && error.code === 'already-decided'
}

/** `undefined` for what is no JSON: it is nothing that was held. */
function written(input: unknown): string | undefined {
  try {
    return canonical(input as Parameters<typeof canonical>[0])
  } catch {
    return undefined
  }
}
