import { createHash, type Hash } from 'node:crypto'
import { cedarRequest, UnfitError } from '../policy/facts.ts'
import { boundWork } from '../policy/matched.ts'
import { type Form, formOf, type Reading, type Told } from './form.ts'
import { ascii } from './form-text.ts'
import { type Basis, type Judged, type ReadPolicies, wereAsked } from './judgement.ts'
import { meaning } from './meaning.ts'
import { ownReading } from './own-reading.ts'
import { slice } from './slice.ts'
import { smtLiteral } from './smt-text.ts'
import { structures } from './structure.ts'

/** One decision, as a question to a solver: the script is unsatisfiable exactly when the decision is what policies and facts demand. */
export interface Theorem extends Told {
  readonly form: Form
  /** How many policies it is about, of how many that are active. */
  readonly slice: { readonly read: number; readonly of: number }
  /** What the policies mean, then the facts, then the denial of the theorem. */
  readonly script: string
  /** SHA-256, hex, of the script. */
  readonly hash: string
}

/** What is used of the code besides this folder, to be replaced by faulty parts in tests. */
export interface Parts {
  readonly facts: typeof cedarRequest
  readonly slice: typeof slice
  readonly meaning: typeof meaning
}

export const usualParts: Parts = { facts: cedarRequest, slice, meaning }

/** What the solver shares with the evaluator, by name: a fault there could deceive both. */
export const sharedParts: readonly string[] = [
  'parser: cedar-wasm policyToJson, policy/cedar-text, policy/exact-integers',
  'facts: policy/facts, policy/matched',
]

/** Writes theorems, and keeps the forms of some: decisions of one structure have one form, with other values in it. */
export interface Theorems {
  readonly of: (judged: Judged, basis: Basis, policies: ReadPolicies) => Theorem
  /** Forgets what is kept when the forms have more than so many characters; says whether it did. */
  readonly tidy: (most: number) => boolean
}

export function theorems(parts: Partial<Parts> = {}): Theorems {
  const { facts, slice: sliceOf, meaning: means } = { ...usualParts, ...parts }
  const forms = structures<Reading, Form>(({ meanings }) => meanings.length)
  return {
    of(judged, basis, policies) {
      const reading: Reading = { judged, basis, ...(wereAsked(judged) && placed(judged, basis, policies)) }
      const form = forms.of(reading, (ask) => formOf(ask, means))
      return theorem(form, form.told(reading), policies.policies.length, judged.decision, basis.salt)
    },
    tidy(most) {
      if (forms.weight() <= most) return false
      forms.clear()
      return true
    },
  }

  /** Nothing when the call has no exact form in Cedar. */
  function placed({ call }: Judged, basis: Basis, { policies, matches }: ReadPolicies): Pick<Reading, 'placed'> {
    const tool = basis.tool ?? undefined
    try {
      boundWork(call, matches)
      const matched = matches.filter(({ holds }) => holds(call)).map(({ name }) => name)
      const request = facts(call, tool, matched)
      return { placed: { request, own: ownReading(call, tool, matched), slice: sliceOf(policies, request) } }
    } catch (error) {
      if (error instanceof UnfitError) return {}
      throw error
    }
  }
}

/** The theorem of one decision, written from nothing. */
export function theoremOf(judged: Judged, basis: Basis, policies: ReadPolicies, parts?: Partial<Parts>): Theorem {
  return theorems(parts).of(judged, basis, policies)
}

const beginnings = new WeakMap<Form, Hash>()

/** SHA-256 of what the scripts of one form begin with, to go on from. */
function begun(form: Form): Hash {
  const known = beginnings.get(form) ?? createHash('sha256').update(opening).update(form.meanings)
  beginnings.set(form, known)
  return known.copy()
}

/** What every script begins with. */
const opening = [
  '; AgentGate: the theorem of a decision.',
  '; Unsatisfiable: the verdict, and the six predicates as they are claimed, are what policies and facts demand.',
  '(set-info :smt-lib-version 2.6)',
  '(set-logic ALL)',
  '',
].join('\n')

function theorem(form: Form, told: Told, active: number, decision: string, salt: string): Theorem {
  const facts = [
    `; The facts of decision ${ascii(decision)}.`,
    `; salt ${salt}`,
    ...form.symbols.map(({ name }, at) => `(assert (= ${name} ${smtLiteral(told.values[at] ?? false)}))`),
    '; The theorem, denied.',
    '(assert (not theorem))',
    '(check-sat)',
    '',
  ].join('\n')
  const hash = begun(form).update(facts).digest('hex')
  return { ...told, form, slice: { read: form.policies, of: active }, script: `${opening}${form.meanings}${facts}`, hash }
}
