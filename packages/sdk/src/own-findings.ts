import type { WireOwnFinding, WireReason } from '@agentgate/api'
import type { OwnFinding, Reason } from '@agentgate/core'

/** What an agent's own controls found, as a server takes it. */
export function wireOwnFindings(found: readonly OwnFinding[]): WireOwnFinding[] {
  return found.map((each) => ({
    control: each.control.slice('agent/'.length),
    verdict: each.verdict,
    ...('reason' in each && { reason: wireReason(each.reason) }),
    ...(each.facts && { facts: told(each.facts) }),
    ...(each.shadow && { shadow: { verdict: each.shadow.verdict, ...(each.shadow.reason && { reason: wireReason(each.shadow.reason) }) } }),
  }))
}

function wireReason({ code, message, kind, retryAfterMs }: Reason): WireReason {
  return {
    code,
    message: message.slice(0, 1_000),
    ...(kind !== undefined && { kind }),
    ...(retryAfterMs !== undefined && { retry_after_ms: retryAfterMs }),
  }
}

/** Those of budgets and prompt guards: others might say something of a person. */
function told({ cost, spent, budget, budget_alert, prompt_score }: NonNullable<OwnFinding['facts']>): NonNullable<WireOwnFinding['facts']> {
  return {
    ...(typeof cost === 'number' && { cost }),
    ...(typeof spent === 'number' && { spent }),
    ...(typeof budget === 'number' && { budget }),
    ...(typeof budget_alert === 'boolean' && { budget_alert }),
    ...(typeof prompt_score === 'number' && { prompt_score }),
  }
}
