import type { Decision, Outcome } from '../decision.ts'
import type { Opened } from './certificate.ts'
import { canonical } from './canonical.ts'
import { salted } from './digest.ts'
import { type OutcomeStatement, outcomeTypes } from './outcome-statement.ts'

/**
 * The statement of what became of a call, as the ledger's leaf: unsigned canonical JSON, which the checkpoint covers. The
 * masked output, or the masked text of a failure, is held by a salted digest.
 */
export function conclude(
  kind: 'outcome' | 'amendment',
  { id, call }: Decision,
  outcome: Outcome,
  at: number,
): { readonly body: string; readonly opened: Opened } {
  const value = outcome.status === 'succeeded' ? outcome.output : outcome.status === 'failed' ? outcome.error : undefined
  const output = value === undefined ? undefined : salted(value)
  const statement: OutcomeStatement = {
    _type: outcomeTypes[kind],
    tenant: call.tenant,
    call_id: call.id,
    decision_id: id,
    at: new Date(at).toISOString(),
    status: outcome.status,
    reason: 'reason' in outcome ? outcome.reason.code : null,
    output: output?.digest ?? null,
  }
  return { body: canonical(statement), opened: output ? { output: output.opening } : {} }
}
