import type { Draft, Found, Predicate, Proof } from '../decision.ts'

/**
 * States the six predicates of admissibility from the findings, without a solver: `solver.mode` is `off` and says so.
 * It proves nothing; it names what the verdict rests on, so that the certificate's shape is final.
 */
export async function stateOnly({ verdict, findings, policy, call }: Draft): Promise<Proof> {
  const denials = findings.filter((found) => found.verdict === 'deny')
  const denied = (code: string) => denials.some(({ reason }) => reason?.code === code)
  const permits = findings.filter((found) => found.verdict === 'allow')
  const forbidden = denied('policy-forbid') || denied('policy-error')
  const undischarged = findings.filter(blocks)
  const predicates: Predicate[] = [
    { name: 'AuthValid', holds: true, witness: [call.principal.id] },
    { name: 'LineageValid', holds: true, witness: [] },
    { name: 'PermitExists', holds: permits.length > 0, witness: permits.length > 0 ? policy.determining : [] },
    { name: 'DenyExists', holds: forbidden, witness: forbidden ? policy.determining : [] },
    { name: 'ObligationsMet', holds: undischarged.length === 0, witness: undischarged.map(({ control }) => control) },
    { name: 'ContextBound', holds: true, witness: policy.digests },
  ]
  const type = verdict === 'allow' ? 'CONSTRUCTIVE_TRACE' : forbidden || permits.length === 0 ? 'COUNTEREXAMPLE' : 'UNSAT_CORE'
  return { type, predicates, solver: { name: 'none', version: '', mode: 'off', answer: 'not-asked' } }
}

function blocks({ verdict, reason }: Found): boolean {
  return verdict === 'hold' || (verdict === 'deny' && reason?.code !== 'policy-forbid' && reason?.code !== 'no-permit')
}
