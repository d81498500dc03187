import type { SchemaJson, Type } from '@cedar-policy/cedar-wasm/nodejs'
import { effects } from '../policy/schema.ts'

/** The calls of one kind of principal to one tool: what is known of them before anything is asked. */
export interface Environment {
  readonly principal: string
  readonly resource: string
  /** Without an id: any tool of an effect that the schema does not name, and the effect itself. */
  readonly action: { readonly id?: string; readonly above: readonly string[]; readonly not: readonly string[] }
  readonly context: Type<string>
}

/**
 * All environments of a schema that was generated from the registered tools (`cedarSchema`), named tools first. A tool
 * that nobody has registered yet is known by its effect alone, and has no input that policies could read.
 */
export function environments(schema: SchemaJson<string>): readonly Environment[] {
  const actions = Object.entries(schema['']?.actions ?? {})
  const groups = new Set<string>(effects)
  const names = actions.map(([name]) => name)
  const found = actions.flatMap(([name, { memberOf, appliesTo }]) => {
    if (!appliesTo) return []
    const above = (memberOf ?? []).map(({ id }) => id)
    const { principalTypes, resourceTypes, context = nothing } = appliesTo
    const places = (action: Environment['action'], facts: Type<string>): readonly Environment[] =>
      resourceTypes.flatMap((resource) => principalTypes.map((principal) => ({ principal, resource, action, context: facts })))
    const isTool = !groups.has(name) || above.length > 0 || hasInput(context)
    return [
      ...(isTool ? places({ id: name, above, not: [] }, context) : []),
      ...(groups.has(name) ? places({ above: [name], not: names.filter((each) => each !== name || isTool) }, withoutInput(context)) : []),
    ]
  })
  return [...found.filter(({ action }) => action.id !== undefined), ...found.filter(({ action }) => action.id === undefined)]
}

const nothing: Type<string> = { type: 'Record', attributes: {} }

function hasInput(context: Type<string>): boolean {
  const input = 'attributes' in context ? context.attributes['input'] : undefined
  return input !== undefined && 'attributes' in input && Object.keys(Object(input.attributes)).length > 0
}

function withoutInput(context: Type<string>): Type<string> {
  if (!('attributes' in context)) return context
  return { ...context, attributes: { ...context.attributes, input: { ...nothing, required: true } } }
}
