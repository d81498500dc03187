import { predicateNames } from '../decision.ts'
import { canonical } from './canonical.ts'
import { aBoolean, aCount, aDigest, anInteger, aText, aTime, either, exactly, listOf, mapOf, nothing, oneOf, type Shape } from './shape.ts'

/** The type of our in-toto predicate. */
export const predicateType = 'urn:agentgate:decision-certificate:1'
export const statementType = 'https://in-toto.io/Statement/v1'

/** A fact told openly, or held by a salted digest. */
export const aFact = either(exactly({ value: either(either(aBoolean, anInteger), either(aText, nothing)) }), exactly({ digest: aDigest }))
export type Fact = typeof aFact extends Shape<infer T> ? T : never

const aVerdict = oneOf('pass', 'allow', 'hold', 'deny')
const aCode = either(aText, nothing)

const aCertificate = exactly({
  decision_id: aText,
  call_id: aText,
  issued_at: aTime,
  expires_at: aTime,
  tenant: aText,
  session: aText,
  principal: aText,
  on_behalf_of: either(aText, nothing),
  roles: listOf(aText),
  mfa: aBoolean,
  tool: exactly({ name: aText, digest: aText, effect: aText, boundary: aText }),
  action: aText,
  resource: aText,
  input: aDigest,
  context: mapOf(aFact),
  epoch: aCount,
  alpha_hash: aDigest,
  gamma_hash: aDigest,
  policy_digests: listOf(aText),
  theorem_hash: either(aDigest, nothing),
  verdict: oneOf('allow', 'hold', 'deny'),
  result: oneOf('ADMISSIBLE', 'INADMISSIBLE'),
  reasons: listOf(aText),
  determining_policies: listOf(aText),
  obligations: listOf(exactly({ name: aText, value: aText, policy: aText })),
  approval: either(aText, nothing),
  attested_facts: listOf(aText),
  findings: listOf(
    exactly({ control: aText, verdict: aVerdict, code: aCode, shadow: either(exactly({ verdict: aVerdict, code: aCode }), nothing) }),
  ),
  proof: exactly({
    type: oneOf('CONSTRUCTIVE_TRACE', 'COUNTEREXAMPLE', 'UNSAT_CORE'),
    predicates: listOf(exactly({ name: oneOf(...predicateNames), holds: aBoolean, witness: listOf(aText) })),
    slice: either(exactly({ read: aCount, of: aCount }), nothing),
  }),
  solver: exactly({ name: aText, version: aText, mode: oneOf('off', 'shadow', 'enforce'), answer: aText }),
  evaluator_version: aText,
  shared: listOf(aText),
})

/**
 * What a decision's certificate claims. Names are those of the product, over every wire. `input` and each `digest` are
 * SHA-256, hex, over 32 salt bytes and the canonical value; no other member holds personal data. `theorem_hash` is of a
 * script that holds a salt too; `proof.slice` says of how many of the active policies it speaks.
 */
export type DecisionCertificate = typeof aCertificate extends Shape<infer T> ? T : never

/** An in-toto Statement v1 whose one subject is the call, by its `alpha_hash`. */
export const isStatement = exactly({
  _type: oneOf(statementType),
  subject: listOf(exactly({ name: aText, digest: exactly({ sha256: aDigest }) })),
  predicateType: oneOf(predicateType),
  predicate: aCertificate,
})
export type Statement = typeof isStatement extends Shape<infer T> ? T : never

/** α: the call, as `alpha_hash` commits to it. */
export function alphaText(certificate: Omit<DecisionCertificate, 'alpha_hash' | 'gamma_hash'>): string {
  const { call_id, tenant, session, principal, on_behalf_of, mfa, tool, action, resource, input, context } = certificate
  return canonical({ call_id, tenant, session, principal, on_behalf_of, mfa, tool, action, resource, input, context })
}

/** Γ: what the call was judged by, as `gamma_hash` commits to it. */
export function gammaText(certificate: Omit<DecisionCertificate, 'alpha_hash' | 'gamma_hash'>): string {
  const { epoch, policy_digests, roles, obligations, approval, findings, evaluator_version } = certificate
  return canonical({ epoch, policy_digests, roles, obligations, approval, findings, evaluator_version })
}

/** Whether the certificate does not contradict itself: an ADMISSIBLE one is an allow for which the six predicates say so. */
export function isConsistent({ verdict, result, proof, solver, issued_at, expires_at }: DecisionCertificate): boolean {
  if ((result === 'ADMISSIBLE') !== (verdict === 'allow') || issued_at > expires_at) return false
  const inOrder = proof.predicates.every(({ name }, index) => name === predicateNames[index])
  const complete = proof.predicates.length === predicateNames.length
  const admissible = complete && proof.predicates.every(({ name, holds }) => holds === (name !== 'DenyExists'))
  if (verdict === 'allow') return inOrder && admissible
  return inOrder && (complete || proof.predicates.length === 0) && (solver.mode === 'off' || !admissible)
}
