import type { EntityType, SchemaJson, Type } from '@cedar-policy/cedar-wasm/nodejs'
import type { Effect } from '../call.ts'
import type { JsonObject } from '../json.ts'
import type { Diagnostic } from './diagnostic.ts'
import { type InputType, inputType, type RecordType } from './input-type.ts'

/** What policies must know of a registered tool. `action` is what the tool declares, by default its name. */
export interface PolicyTool {
  readonly name: string
  readonly action: string
  readonly effect: Effect
  /** JSON Schema of the input: an object. */
  readonly inputSchema: JsonObject
}

/** The actions that group the others; evaluation and plans may also name them as they are. */
export const effects: readonly Effect[] = ['read', 'write', 'delete', 'execute', 'send', 'pay']

const entities: { readonly [type: string]: readonly string[] } = {
  Tenant: [],
  Role: ['Role'],
  User: ['Role', 'Tenant'],
  Agent: ['Agent', 'Role', 'Tenant'],
  Resource: ['Resource', 'Tenant'],
}

const string: Type<string> = { type: 'String' }
const strings: Type<string> = { type: 'Set', element: string }
const long: Type<string> = { type: 'Long' }

/** The facts in every context. Only `approval` may be missing; the others have a value for "none" (`facts.ts`). */
export const contextTypes: { readonly [name: string]: Type<string> } = {
  tool: string,
  resource: string,
  session: string,
  source_ip: { type: 'Extension', name: 'ipaddr' },
  now: { type: 'Extension', name: 'datetime' },
  mfa: { type: 'Boolean' },
  confirmed: { type: 'Boolean' },
  pii_kinds: strings,
  pii_count: long,
  email_domains: strings,
  threat_severity: string,
  threat_kinds: strings,
  threat_count: long,
  taint: string,
  restores: strings,
  matched: strings,
}

const approval: Type<string> = {
  type: 'Record',
  attributes: { id: { ...string, required: true }, by: { ...string, required: true }, quorum: { ...long, required: true } },
}

type Actions = SchemaJson<string>[string]['actions']

/**
 * Cedar's schema for the registered tools: one action a tool, in the group of its effect and in the group of the action
 * that it declares, with its typed input.
 */
export function cedarSchema(tools: readonly PolicyTool[]): { readonly schema: SchemaJson<string>; readonly errors: readonly Diagnostic[] } {
  const groups = new Map<string, Effect>(effects.map((effect) => [effect, effect]))
  const errors: Diagnostic[] = []
  const actions: Actions = Object.create(null)
  for (const effect of effects) actions[effect] = action([], { type: 'Record', attributes: {} })
  actions['model.call'] = action(['execute'], { type: 'Record', attributes: {} })
  groups.set('model.call', 'execute')
  for (const tool of tools) {
    for (const name of new Set([tool.name, tool.action])) {
      const effect = groups.get(name) ?? tool.effect
      groups.set(name, effect)
      if (effect !== tool.effect) errors.push(conflict(tool, name, effect))
      actions[name] ??= action([tool.effect], { type: 'Record', attributes: {} })
    }
  }
  const above = new Map<string, string>()
  for (const tool of tools) {
    const { name, action: declared, effect, inputSchema } = tool
    const round = declared !== name && (name === effect || reaches(above, declared, name))
    if (round) errors.push(circle(tool))
    else if (declared !== name) above.set(name, declared)
    const parents = [...new Set(round ? [effect] : [declared, effect])].filter((parent) => parent !== name)
    actions[name] = action(parents, inputType(inputSchema))
  }
  const entityTypes = Object.fromEntries(
    Object.entries(entities).map(([type, memberOfTypes]): [string, EntityType<string>] => [type, { memberOfTypes: [...memberOfTypes] }]),
  )
  return { schema: { '': { entityTypes, actions } }, errors }
}

function action(parents: readonly string[], input: RecordType): Actions[string] {
  const attributes = Object.fromEntries(Object.entries(contextTypes).map(([name, type]) => [name, { ...type, required: true }]))
  const context: Type<string> = {
    type: 'Record',
    attributes: { ...attributes, input: { ...cedarType(input), required: true }, approval: { ...approval, required: false } },
  }
  return {
    memberOf: parents.map((id) => ({ id })),
    appliesTo: { principalTypes: ['User', 'Agent'], resourceTypes: ['Resource'], context },
  }
}

function cedarType(type: InputType): Type<string> {
  switch (type.type) {
    case 'Set':
      return { type: 'Set', element: cedarType(type.element) }
    case 'Decimal':
      return { type: 'Extension', name: 'decimal' }
    case 'Record': {
      const attributes = Object.entries(type.attributes).map(([name, { of, required }]) => [name, { ...cedarType(of), required }])
      return { type: 'Record', attributes: Object.fromEntries(attributes) }
    }
    case 'String':
    case 'Long':
    case 'Boolean':
      return { type: type.type }
  }
}

/** Whether following what tools declare leads from one name to another. */
function reaches(above: ReadonlyMap<string, string>, from: string, to: string): boolean {
  for (let name: string | undefined = from; name !== undefined; name = above.get(name)) if (name === to) return true
  return false
}

function circle({ name, action: declared }: PolicyTool): Diagnostic {
  const message = `The tool \`${name}\` declares the action \`${declared}\`, which stands below \`${name}\`: it would stand above itself.`
  return { code: 'action-conflict', message, help: 'Declare another action, or none: the tool is then an action by its own name.' }
}

function conflict(tool: PolicyTool, name: string, effect: Effect): Diagnostic {
  const message = `The tool \`${tool.name}\` is a \`${tool.effect}\`, but the action \`${name}\` already stands for \`${effect}\`.`
  return { code: 'action-conflict', message, help: 'Give the tool or its action another name: rules on one effect would reach the other.' }
}
