import type { Decision, Gate } from '@agentgate/core'

/**
 * A gate that waits while a call is held: `answered` resolves when a person has answered or the time is up, and the call
 * is decided again, with the answer among its facts.
 */
export function waiting(gate: Gate, answered: (approval: string, held: Decision, signal?: AbortSignal) => Promise<void>): Gate {
  return {
    ...gate,
    async decide(request, signal) {
      let decision = await gate.decide(request, signal)
      while (decision.verdict === 'hold' && decision.approval !== undefined) {
        await answered(decision.approval, decision, signal)
        decision = await gate.decide({ resume: decision.call.id }, signal)
      }
      return decision
    },
  }
}
