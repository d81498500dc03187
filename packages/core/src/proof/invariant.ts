import type { SchemaJson } from '@cedar-policy/cedar-wasm/nodejs'
import { type CedarPolicy, parseCedar, type Read, tooLarge, typeErrors } from '../policy/cedar-text.ts'
import { type Diagnostic, placeOf, shortened } from '../policy/diagnostic.ts'

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

/** The invariants of a text, read and validated like policies, or everything that is wrong with them. */
export function readInvariants(text: string, schema: SchemaJson<string>): Read<{ readonly invariants: readonly Invariant[] }> {
  const large = tooLarge(text)
  if (large) return { ok: false, errors: [large] }
  const parsed = parseCedar(text)
  if (!parsed.ok) return parsed
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
  return errors.length > 0 ? { ok: false, errors: errors.map(shortened) } : { ok: true, invariants }
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
