import type { SchemaJson } from '@cedar-policy/cedar-wasm/nodejs'
import { type CedarPolicy, parseCedar, tooLarge } from '../policy/cedar-text.ts'
import { type Diagnostic, placeOf, shortened } from '../policy/diagnostic.ts'
import { typeErrors } from '../policy/type-errors.ts'

/**
 * What must hold of a policy set for every call, written as a Cedar policy: with `forbid`, no call that it matches may
 * ever be allowed; with `permit`, every call that it matches must be. A call on which it cannot be evaluated it does not
 * match. Never takes part in deciding.
 */
export interface Invariant {
  /** Its `@id`, or `invariant<n>` by its place in the text. */
  readonly id: string
  /** What it says, in a sentence for people. */
  readonly says: string
  readonly policy: CedarPolicy
}

/** An invariant that says nothing of any call, and why. `*` is the id of all of a text that cannot be read. */
export interface Unfit {
  readonly id: string
  readonly says: string
  readonly why: string
}

export type ReadInvariants =
  | { readonly ok: true; readonly invariants: readonly Invariant[] }
  | {
      readonly ok: false
      readonly errors: readonly Diagnostic[]
      /** Those that nothing is wrong with. */
      readonly fitting: readonly Invariant[]
      /** The others, each once. */
      readonly unfit: readonly Unfit[]
    }

/** The invariants of a text, read and validated like policies, or everything that is wrong with them. */
export function readInvariants(text: string, schema: SchemaJson<string>): ReadInvariants {
  const large = tooLarge(text)
  const parsed = large ? { ok: false as const, errors: [large] } : parseCedar(text)
  if (!parsed.ok)
    return { ok: false, errors: parsed.errors, fitting: [], unfit: [{ id: '*', says: 'all of its invariants', why: whyOf(parsed.errors) }] }
  const invariants = parsed.policies.map((policy, index): Invariant => {
    const { id, invariant = '' } = policy.annotations
    return { id: id ?? `invariant${index}`, says: invariant, policy }
  })
  const ids = invariants.map(({ id }) => id)
  const errors = [
    ...invariants.flatMap(({ policy }) => annotationErrors(text, policy)),
    ...invariants.flatMap(({ id, policy }, index) =>
      ids.indexOf(id) < index
        ? [fault(text, policy, 'duplicate-id', `Two invariants have the id \`${id}\`: give each its own \`@id\`.`)]
        : [],
    ),
    ...typeErrors(text, parsed.policies, schema),
  ]
  return errors.length > 0 ? { ok: false, errors: errors.map(shortened), ...sorted(invariants, errors, schema) } : { ok: true, invariants }
}

/** Which invariants errors are about. As only so many errors are told at once, what seems to fit is validated again. */
function sorted(invariants: readonly Invariant[], found: readonly Diagnostic[], schema: SchemaJson<string>) {
  const unfit: Unfit[] = []
  let fitting = invariants
  for (let errors = found; errors.length > 0; ) {
    const about = (one: Invariant) => errors.filter(({ policy }) => policy === undefined || policy === one.policy.id)
    const wrong = new Set(fitting.filter((each) => about(each).length > 0))
    // Nobody is named: it is not known what is wrong with any of them.
    const out = wrong.size > 0 ? wrong : new Set(fitting)
    unfit.push(...[...out].map((each) => ({ id: each.id, says: each.says, why: whyOf(about(each)) })))
    fitting = fitting.filter((each) => !out.has(each))
    const policies = fitting.map(({ policy }) => policy)
    errors = typeErrors(policies.map(({ text }) => text).join('\n'), policies, schema)
  }
  return { fitting, unfit }
}

function whyOf([first]: readonly Diagnostic[]): string {
  return first?.message ?? 'it cannot be read'
}

function annotationErrors(text: string, policy: CedarPolicy): readonly Diagnostic[] {
  const { invariant = '', ...others } = policy.annotations
  const stray = Object.keys(others).find((name) => name !== 'id')
  if (stray !== undefined)
    return [fault(text, policy, 'annotation', `\`@${stray}\` means nothing on an invariant: it has \`@invariant\` and \`@id\`.`)]
  const fine = invariant.trim() !== '' && invariant.length <= 1_000
  return fine
    ? []
    : [
        fault(
          text,
          policy,
          'annotation',
          'An invariant says what must hold, in 1 to 1,000 characters: `@invariant("no deletion without approval")`.',
        ),
      ]
}

function fault(text: string, { id, tokens }: CedarPolicy, code: Diagnostic['code'], message: string): Diagnostic {
  return { code, message, policy: id, ...placeOf(text, tokens[0]?.start ?? 0, tokens[4]?.end ?? 0) }
}
