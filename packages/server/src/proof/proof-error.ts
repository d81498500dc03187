import { Unproved } from '@agentgate/core'

export type ProofErrorCode =
  /** The solver finds that policies and facts demand another verdict than the evaluator's. */
  | 'solver-drift'
  /** The solver cannot tell. */
  | 'solver-unknown'
  /** The solver is not there, does not answer in time, or is asked too much at once. */
  | 'solver-unavailable'

/** What a certificate says that the solver said. */
const answers = { 'solver-drift': 'sat', 'solver-unknown': 'unknown', 'solver-unavailable': 'none' } as const satisfies Record<
  ProofErrorCode,
  string
>

/** A decision was not proved. Where proofs are enforced, its call is denied. */
export class ProofError extends Unproved {
  override readonly name = 'ProofError'
  readonly code: ProofErrorCode

  constructor(code: ProofErrorCode, message: string, options?: ErrorOptions) {
    super({ name: 'z3', version: '', mode: 'enforce', answer: answers[code] }, message, options)
    this.code = code
  }
}
