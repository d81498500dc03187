import type { Decision } from '@agentgate/core'
import type { AgentControl, Verification } from './control.ts'

export interface FormalVerificationOptions extends Verification {
  /** Hears of each decision once it is on record, its certificate having the same id: `agent.evidence(id)` writes it out. */
  readonly onCertificate?: (decision: Decision) => void | Promise<void>
}

/** Proves each decision with Z3 before it counts, as the agent's own `formalVerification: true` does: install `z3-solver` beside this package. */
export function formalVerification(options: FormalVerificationOptions = {}): AgentControl {
  const { onCertificate, ...verification } = options
  return () => ({ verification, ...(onCertificate && { observe: { decided: onCertificate } }) })
}
