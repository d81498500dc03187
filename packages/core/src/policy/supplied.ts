import type { CedarPolicy } from './cedar-text.ts'
import { type Diagnostic, placeOf } from './diagnostic.ts'

/** What can discharge obligations where a set is published. What is not said is not known, and anything may be asked. */
export interface Supplies {
  /** Roles of people who answer held calls, for `@approval("…")`. */
  readonly roles?: ReadonlySet<string>
  /** Kinds of personal data that the mask replaces, for `@mask("…")`. */
  readonly kinds?: ReadonlySet<string>
  /** Whether people can show a second factor, for `@mfa` and `@hold("mfa")`. */
  readonly secondFactor?: boolean
}

/** Obligations that nobody and nothing could ever discharge, each at its place: a call would wait for ever, or be denied. */
export function unsupplied(
  text: string,
  policies: readonly CedarPolicy[],
  { roles, kinds, secondFactor }: Supplies,
): readonly Diagnostic[] {
  const told = (policy: CedarPolicy, name: string, message: string, help: string): Diagnostic => {
    const at = policy.tokens.findIndex((each, index) => each.text === '@' && policy.tokens[index + 1]?.text === name)
    const place = placeOf(text, policy.tokens[at]?.start ?? 0, policy.tokens[at + 4]?.end ?? 0)
    return { code: 'annotation', message, help, policy: policy.id, ...place }
  }
  const known = (names: ReadonlySet<string>) => `Known here: ${[...names].join(', ')}.`
  return policies.flatMap((policy) => {
    const { approval: role, approval_quorum: quorum, mask, mfa, hold } = policy.annotations
    const factor = mfa !== undefined ? 'mfa' : hold === 'mfa' ? 'hold' : undefined
    const stranger = role !== undefined && role !== 'any' && roles && !roles.has(role) && { role, roles }
    const unmasked = mask !== undefined && kinds ? mask.split(',').filter((kind) => !kinds.has(kind)) : []
    const uncounted = quorum !== undefined && role === undefined
    return [
      ...(uncounted
        ? [
            told(
              policy,
              'approval_quorum',
              '`@approval_quorum` counts approvals, and nobody is asked for one.',
              'Add `@approval("approver")`.',
            ),
          ]
        : []),
      ...(stranger
        ? [told(policy, 'approval', `No one who answers held calls has the role \`${stranger.role}\`.`, known(stranger.roles))]
        : []),
      ...(factor !== undefined && secondFactor === false
        ? [told(policy, factor, 'Nobody can show a second factor here: the call would wait for ever.', 'Ask for `approval` or `confirm`.')]
        : []),
      ...(unmasked.length > 0 && kinds
        ? [
            told(
              policy,
              'mask',
              `No mask replaces personal data of the kind ${unmasked.map((kind) => `\`${kind}\``).join(', ')}.`,
              known(kinds),
            ),
          ]
        : []),
    ]
  })
}
