import type { Draft, Proof } from '../decision.ts'
import type { JsonObject } from '../json.ts'
import { type Basis, type Judged, type ReadPolicies, sharedParts, type Theorem, theoremOf } from './theorem.ts'
import type { Z3 } from './z3.ts'

/** What a solver says of a decision. */
export type Proved =
  | { readonly found: 'proved'; readonly proof: Omit<Proof, 'solver'>; readonly answer: 'simplified' | 'unsat' }
  /** The solver, and not the evaluator, is right until somebody has looked: the two disagree. */
  | { readonly found: 'drift'; readonly demanded: Draft['verdict'] | 'unknown'; readonly hash: string }
  /** Nobody can tell. */
  | { readonly found: 'unknown'; readonly why: string }

/** One in so many theorems is also checked in full, as written; and each that simplifying does not settle. */
const sampled = 100

/**
 * Proves a decision: by simplifying its theorem with the facts put in, which is as good as a proof when nothing is left to
 * find, and for some in full.
 */
export function decideTheorem(z3: Pick<Z3, 'run' | 'simplify'>, judged: Judged, basis: Basis, policies: ReadPolicies): Proved {
  const theorem = theoremOf(judged, basis, policies)
  const quick = z3.simplify(theorem.quick)
  const full = quick === 'false' && Number.parseInt(basis.salt.slice(0, 8), 16) % sampled !== 0 ? undefined : z3.run(theorem.script).answer
  if (quick === 'false' && full === undefined) return { found: 'proved', answer: 'simplified', proof: proofOf(judged, basis, theorem) }
  if (quick !== 'true' && full === 'unsat') return { found: 'proved', answer: 'unsat', proof: proofOf(judged, basis, theorem) }
  if (theorem.gaps.length > 0) return { found: 'unknown', why: `it depends on what is not encoded: ${theorem.gaps.slice(0, 3).join('; ')}` }
  if (full === 'sat' || full === 'unsat') return { found: 'drift', demanded: theorem.demanded ?? 'unknown', hash: theorem.hash }
  return { found: 'unknown', why: 'the solver gave no answer' }
}

function proofOf({ verdict }: Judged, basis: Basis, { predicates, hash, slice }: Theorem): Omit<Proof, 'solver'> {
  const holds = (name: string) => predicates.some((each) => each.name === name && each.holds)
  const refuted = verdict === 'deny' && (holds('DenyExists') || holds('ObligationsMet'))
  return {
    type: verdict === 'allow' ? 'CONSTRUCTIVE_TRACE' : refuted ? 'COUNTEREXAMPLE' : 'UNSAT_CORE',
    predicates,
    theorem: { hash, slice, shared: sharedParts, basis: basis as unknown as JsonObject },
  }
}
