import type { Proof } from './decision.ts'

export type GateErrorCode =
  /** The credential is missing, forged, expired or revoked. */
  | 'unauthenticated'
  /** No call of this principal has that id. Another principal's call is unknown too. */
  | 'unknown-decision'
  /** The call has its one outcome already, or someone is settling it now. */
  | 'already-settled'
  /** The call has its one final decision already. */
  | 'already-decided'
  /** Policies or revocations kept changing while the call was decided. */
  | 'contended'
  /** The decision or outcome could not be made durable. */
  | 'no-evidence'
  /** The restored input was handed out before, the tool is not trusted with it, or the allow has expired. */
  | 'not-released'
  /** No server answers, or it cannot tell now: nobody knows whether the call may run. */
  | 'unreachable'

/** The gate cannot tell, or was asked for what is not there. Whoever catches it must not execute the call. */
export class GateError extends Error {
  override readonly name = 'GateError'
  readonly code: GateErrorCode

  constructor(code: GateErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

/** A decision was not proved, although a solver was asked or should have been: the gate denies, and says in evidence who did not prove it. */
export class Unproved extends Error {
  override readonly name: string = 'Unproved'
  readonly solver: Proof['solver']

  constructor(solver: Proof['solver'], message: string, options?: ErrorOptions) {
    super(message, options)
    this.solver = solver
  }
}
