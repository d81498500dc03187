import type { SchemaJson } from '@cedar-policy/cedar-wasm/nodejs'
import { type CedarPolicy, unquote } from './cedar-text.ts'

/**
 * Where tools are registered one by one, a policy may come before its tool. `named`: tools that policies name may come
 * later. `any`: others too, so that a policy which applies to no tool so far may apply to one of those.
 */
export type Awaits = 'named' | 'any'

/** The actions that policies name and the schema does not know, by the policy's id. */
export function awaitedActions(policies: readonly CedarPolicy[], schema: SchemaJson<string>): ReadonlyMap<string, readonly string[]> {
  const known = schema['']?.actions ?? {}
  return new Map(
    policies.flatMap(({ id, tokens }) => {
      const names = tokens.flatMap(({ text }, at) => (text === 'Action' ? (namedAt(tokens, at) ?? []) : []))
      const awaited = [...new Set(names)].filter((name) => !Object.hasOwn(known, name))
      return awaited.length > 0 ? [[id, awaited] as const] : []
    }),
  )
}

/** The schema with actions that no call has yet: policies may name them, and nothing is asked of their input. */
export function withAwaited(schema: SchemaJson<string>, names: readonly string[]): SchemaJson<string> {
  if (names.length === 0) return schema
  const { actions, ...rest } = schema[''] ?? { entityTypes: {}, actions: {} }
  const none = { memberOf: [], appliesTo: { principalTypes: [], resourceTypes: [] } }
  const more = Object.fromEntries(names.map((name) => [name, none]))
  return { ...schema, '': { ...rest, actions: { ...actions, ...more } } }
}

/** Whether a policy that names no awaited action, and can apply to nothing so far, may apply to what is registered later. */
export function mayApplyLater({ tokens }: CedarPolicy, awaits: Awaits): boolean {
  const at = tokens.findIndex(({ text }, index) => text === 'action' && tokens[index - 1]?.text === ',')
  const asksOneAction = tokens[at + 1]?.text === '=='
  return awaits === 'any' && !asksOneAction
}

function namedAt(tokens: CedarPolicy['tokens'], at: number): string | undefined {
  const [before, colons, name] = [tokens[at - 1], tokens[at + 1], tokens[at + 2]]
  return before?.text !== '::' && colons?.text === '::' && name?.kind === 'string' ? unquote(name.text) : undefined
}
