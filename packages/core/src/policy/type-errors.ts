import type { SchemaJson, ValidationError } from '@cedar-policy/cedar-wasm/nodejs'
import { type CedarPolicy, deepError, diagnoses, most, policyJson } from './cedar-text.ts'
import { askCedar } from './cedar-wasm.ts'
import { type Diagnostic, placeOf, shortened } from './diagnostic.ts'
import { misspellings } from './misspelling.ts'

/**
 * Strict validation against a schema. A policy that can never apply is an error, unless it is `excused`: it is most often a
 * guarded misspelling, and then told at its place.
 */
export function typeErrors(
  text: string,
  policies: readonly CedarPolicy[],
  schema: SchemaJson<string>,
  excused: (policy: CedarPolicy) => boolean = () => false,
): readonly Diagnostic[] {
  const answer = askCedar((cedar) => cedar.validate({ schema, policies: { staticPolicies: text }, validationSettings: { mode: 'strict' } }))
  if (!answer) return [deepError]
  if (answer.type === 'failure') return diagnoses(text, answer.errors, 'type')
  const policyAt = (policyId: string) => policies[Number(policyId.slice('policy'.length))]
  const errors = oncePerPlace(answer.validationErrors)
    .slice(0, most)
    .flatMap(({ policyId, error }) => {
      const id = policyAt(policyId)?.id ?? policyId
      return diagnoses(text, [error], 'type').map((each) => ({ ...each, message: each.message.replaceAll(policyId, id), policy: id }))
    })
  const impossible = answer.validationWarnings.flatMap(({ policyId, error }) => {
    const policy = error.message.includes('policy is impossible') ? policyAt(policyId) : undefined
    return policy && !excused(policy) ? [policy] : []
  })
  return [...errors, ...impossible.slice(0, most - errors.length).flatMap((each) => impossibility(text, each, schema))]
}

/** Cedar tells what is missing for each action that a policy applies to: here once, with how many they are. */
function oncePerPlace(errors: readonly ValidationError[]): readonly ValidationError[] {
  const found = new Map<string, { first: ValidationError; readonly actions: string[] }>()
  for (const each of errors) {
    const { policyId, error } = each
    const action = ofAction.exec(error.message)?.[0] ?? ''
    const key = JSON.stringify([policyId, error.message.replace(ofAction, ''), error.sourceLocations])
    const known = found.get(key)
    if (!known) found.set(key, { first: each, actions: [action] })
    else {
      known.actions.push(action)
      if (error.help !== null && known.first.error.help === null) known.first = each
    }
  }
  return [...found.values()].map(({ first, actions }) => {
    if (actions.length === 1) return first
    const all = ` for ${actions.length} of the actions that it applies to`
    return { ...first, error: { ...first.error, message: first.error.message.replace(ofAction, all) } }
  })
}

const ofAction = / for Action::"(?:[^"\\]|\\.)*"/u

/** Why a policy can never apply, at the place of what makes it so where that is known. */
function impossibility(text: string, policy: CedarPolicy, schema: SchemaJson<string>): readonly Diagnostic[] {
  const { id, tokens } = policy
  const wrong = misspellings(tokens, policyJson(policy.text).action, schema).slice(0, 5)
  if (wrong.length === 0) {
    const message = `The policy \`${id}\` is impossible: it can never apply to any call.`
    return [{ code: 'type', message, policy: id, ...placeOf(text, policy.start, tokens.at(-1)?.end ?? 0) }]
  }
  return wrong.map(({ token, path, meant }) =>
    shortened({
      code: 'type',
      message: `The policy \`${id}\` is impossible: nothing that it applies to has \`${path}\`.`,
      ...(meant !== undefined && { help: `Did you mean \`${meant}\`?` }),
      policy: id,
      ...placeOf(text, token.start, token.end),
    }),
  )
}
