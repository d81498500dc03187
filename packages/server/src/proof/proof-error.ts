export type ProofErrorCode =
  /** The solver finds that policies and facts demand another verdict than the evaluator's. */
  | 'solver-drift'
  /** The solver cannot tell. */
  | 'solver-unknown'
  /** The solver is not there, does not answer in time, or is asked too much at once. */
  | 'solver-unavailable'

/** A decision was not proved. Where proofs are enforced, its call is denied. */
export class ProofError extends Error {
  override readonly name = 'ProofError'
  readonly code: ProofErrorCode

  constructor(code: ProofErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
