import { aDigest, aText, aTime, either, exactly, nothing, oneOf, type Shape } from './shape.ts'

export const outcomeTypes = { outcome: 'urn:agentgate:outcome:1', amendment: 'urn:agentgate:amendment:1' } as const

/** What became of a call, linked to it and its decision by id. `output` is a salted digest of what came back, masked. */
export const isOutcomeStatement = exactly({
  _type: oneOf(outcomeTypes.outcome, outcomeTypes.amendment),
  tenant: aText,
  call_id: aText,
  decision_id: aText,
  at: aTime,
  status: oneOf('succeeded', 'failed', 'refused', 'withheld', 'cut', 'lost'),
  reason: either(aText, nothing),
  output: either(aDigest, nothing),
})
export type OutcomeStatement = typeof isOutcomeStatement extends Shape<infer T> ? T : never
