import type { Proof } from './decision.ts'

/** Every code that a `GateError` carries, once: what it means, and what to do next. */
export const gateErrorCodes = {
  unauthenticated: 'The credential is missing, forged, expired or revoked: make another.',
  'not-permitted': 'The credential is good, and has no role for this: give its key one, such as `service_agent`, or use another key.',
  'unknown-decision': 'No call of this principal has that id, or it is not in a state for this: make the call again.',
  'already-settled': 'The call has its one outcome already, or someone is settling it now: report it once.',
  'already-decided': 'The call has its one final decision already: make the call again.',
  contended: 'Policies or revocations kept changing while the call was decided: try again.',
  'no-evidence': 'The decision or outcome could not be made durable: look whether the ledger can be written to.',
  'not-released':
    'The restored input was handed out before, the tool is not trusted with it, or the allow has expired: make the call again.',
  unreachable: 'No server answers, or it cannot tell now: start it, or look whether it can be reached from here.',
} as const satisfies { readonly [code: string]: string }

export type GateErrorCode = keyof typeof gateErrorCodes

/** The gate cannot tell, or was asked for what is not there. Whoever catches it must not execute the call. */
export class GateError extends Error {
  override readonly name = 'GateError'
  readonly code: GateErrorCode

  constructor(code: GateErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }

  /** What to do next, by the code. */
  get help(): string {
    return gateErrorCodes[this.code]
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
