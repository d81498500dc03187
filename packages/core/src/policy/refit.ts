import type { SchemaJson } from '@cedar-policy/cedar-wasm/nodejs'
import { type CedarPolicy, policiesIn, unquote } from './cedar-text.ts'
import { matchedFields } from './matched-fields.ts'
import { cedarSchema, type PolicyTool } from './schema.ts'
import { typeErrors } from './type-errors.ts'

/**
 * Whether policies of a published text that fit the tools `before` may not fit those of `after`. Only policies that may meet
 * an action that is another are validated, and only on such actions. Says yes where it cannot tell.
 */
export function mayMisfit(text: string, before: readonly PolicyTool[], after: readonly PolicyTool[]): boolean {
  const [was, is] = [cedarSchema(before), cedarSchema(after)]
  if (was.errors.length > 0 || is.errors.length > 0) return true
  const [old, fresh] = [actionsOf(was.schema), actionsOf(is.schema)]
  if (Object.keys(old).some((name) => !Object.hasOwn(fresh, name))) return true
  const changed = new Set(Object.keys(fresh).filter((name) => meaning(old, name) !== meaning(fresh, name)))
  const met = new Set([...changed].flatMap((name) => [...upFrom(old, name), ...upFrom(fresh, name)]))
  const policies = [...policiesIn(text)]
  if (matchedFields(text, policies, after).errors.length > 0) return true
  const touched = policies.filter((policy) => mayMeet(policy, changed, met))
  if (touched.length === 0) return false
  // What is added keeps nothing from applying where it applied.
  const added = [...changed].every((name) => !Object.hasOwn(old, name))
  const texts = touched.map((policy) => policy.text).join('\n')
  return typeErrors(texts, touched, only(is.schema, changed), () => added).length > 0
}

type Actions = SchemaJson<string>[string]['actions']

function actionsOf(schema: SchemaJson<string>): Actions {
  return schema['']?.actions ?? {}
}

/** An action and all that it is in. */
function upFrom(actions: Actions, name: string): ReadonlySet<string> {
  const found = new Set([name])
  for (const each of found) for (const { id } of actions[each]?.memberOf ?? []) found.add(id)
  return found
}

function meaning(actions: Actions, name: string): string {
  return JSON.stringify(
    [...upFrom(actions, name)].map((each) => [each, actions[each]?.memberOf, each === name && actions[each]?.appliesTo]),
  )
}

/** Whether the scope lets in one of the `changed` actions, which are in those of `met`. */
function mayMeet({ tokens }: CedarPolicy, changed: ReadonlySet<string>, met: ReadonlySet<string>): boolean {
  const at = tokens.findIndex(({ text }, index) => text === 'action' && tokens[index - 1]?.text === ',')
  const end = tokens.findIndex(({ text }, index) => index > at && text === 'resource' && tokens[index - 1]?.text === ',')
  const asks = tokens[at + 1]?.text
  if (at < 0 || end < 0 || (asks !== '==' && asks !== 'in')) return true
  const among = asks === '==' ? changed : met
  return tokens.slice(at, end).some(({ kind, text }) => kind === 'string' && among.has(unquote(text)))
}

/** The schema with calls of these actions only: the others are still named, and still groups. */
function only(schema: SchemaJson<string>, names: ReadonlySet<string>): SchemaJson<string> {
  const { actions, ...rest } = schema[''] ?? { entityTypes: {}, actions: {} }
  const none = { principalTypes: [], resourceTypes: [] }
  const kept = Object.entries(actions).map(([name, action]) => [name, names.has(name) ? action : { ...action, appliesTo: none }])
  return { ...schema, '': { ...rest, actions: Object.fromEntries(kept) as Actions } }
}
