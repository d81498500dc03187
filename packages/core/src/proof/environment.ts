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
  const grouped = new Set<string>(effects)
  const named = actions.filter(([name]) => !grouped.has(name))
  const groups = actions.filter(([name]) => grouped.has(name))
  const names = actions.map(([name]) => name)
  return [...named, ...groups].flatMap(([name, { memberOf, appliesTo }]): Environment[] => {
    if (!appliesTo) return []
    const above = (memberOf ?? []).map(({ id }) => id)
    const action = grouped.has(name) ? { above: [name], not: names.filter((each) => each !== name) } : { id: name, above, not: [] }
    const context = appliesTo.context ?? { type: 'Record', attributes: {} }
    const { principalTypes, resourceTypes } = appliesTo
    return resourceTypes.flatMap((resource) => principalTypes.map((principal) => ({ principal, resource, action, context })))
  })
}
