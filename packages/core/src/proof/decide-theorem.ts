import type { Draft, Proof } from '../decision.ts'
import type { JsonObject } from '../json.ts'
import type { Form } from './form.ts'
import type { Basis, Judged, ReadPolicies } from './judgement.ts'
import type { Prepared, Shelf } from './shelf.ts'
import { type Parts, sharedParts, type Theorem, theorems } from './theorem.ts'
import type { Z3 } from './z3.ts'

/** What a solver says of a decision. */
export type Proved =
  | {
      readonly found: 'proved'
      readonly proof: Omit<Proof, 'solver'>
      readonly answer: 'simplified' | 'unsat'
      /** The script, of the few that are also to be checked as written. */
      readonly sample?: string
    }
  /** The solver, and not the evaluator, is right until somebody has looked: the two disagree. */
  | { readonly found: 'drift'; readonly demanded: Draft['verdict'] | 'unknown'; readonly hash: string }
  /** Nobody can tell. */
  | { readonly found: 'unknown'; readonly why: string }

export interface Deciding {
  /** Checks the theorem as written, and does not simplify it. */
  readonly full?: boolean
  /** One in so many theorems that were simplified is to be checked in full. */
  readonly sampled: number
  /** Milliseconds for checking a theorem as written. */
  readonly limit: number
}

/** Characters of the forms of theorems that are kept, each with what Z3 made of it: some hundreds of usual ones. */
const most = 4_000_000

/**
 * Proves decisions in one instance of Z3: each by putting its facts into the theorem of its form and simplifying, which is
 * as good as a proof when nothing is left to find; what that does not settle is checked in full, as written.
 */
export function theoremDecider(
  z3: Pick<Z3, 'run' | 'shelf'>,
  parts?: Partial<Parts>,
): (judged: Judged, basis: Basis, policies: ReadPolicies, options: Deciding) => Proved {
  const { of, tidy } = theorems(parts)
  const prepared = new Map<Form, Prepared>()
  let shelf: Shelf | undefined

  return (judged, basis, policies, { full = false, sampled, limit }) => {
    if (tidy(most)) clear()
    const theorem = of(judged, basis, policies)
    const quick = full ? 'open' : simplified(theorem)
    const proof = () => proofOf(judged, basis, theorem)
    if (quick === 'false') {
      const sample = Number.parseInt(basis.salt.slice(0, 8), 16) % sampled === 0
      return { found: 'proved', answer: 'simplified', proof: proof(), ...(sample && { sample: theorem.script }) }
    }
    const { answer } = z3.run(`(set-option :timeout ${Math.ceil(limit)})\n${theorem.script}`)
    if (quick !== 'true' && answer === 'unsat') return { found: 'proved', answer, proof: proof() }
    const { gaps } = theorem.form
    if (gaps.length > 0) return { found: 'unknown', why: `it depends on what is not encoded: ${gaps.slice(0, 3).join('; ')}` }
    if (answer === 'sat' || answer === 'unsat') return { found: 'drift', demanded: theorem.demanded ?? 'unknown', hash: theorem.hash }
    return { found: 'unknown', why: 'the solver gave no answer' }
  }

  function simplified({ form, values }: Theorem): ReturnType<Prepared['simplify']> {
    shelf ??= z3.shelf()
    const statement = prepared.get(form) ?? shelf.prepare(`${form.meanings}(assert (not theorem))`, form.symbols)
    prepared.set(form, statement)
    return statement.simplify(values)
  }

  function clear(): void {
    prepared.clear()
    shelf?.close()
    shelf = undefined
  }
}

function proofOf({ verdict }: Judged, basis: Basis, { predicates, hash, slice, form }: Theorem): Omit<Proof, 'solver'> {
  const holds = (name: string) => predicates.some((each) => each.name === name && each.holds)
  const refuted = verdict === 'deny' && (holds('DenyExists') || holds('ObligationsMet'))
  return {
    type: verdict === 'allow' ? 'CONSTRUCTIVE_TRACE' : refuted ? 'COUNTEREXAMPLE' : 'UNSAT_CORE',
    predicates,
    theorem: { hash, slice, attested: form.attested, shared: sharedParts, basis: basis as unknown as JsonObject },
  }
}
