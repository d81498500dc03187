import type { Field } from './condition.ts'
import { quote } from './cedar-text.ts'
import { type InputType, inputType, type RecordType } from './input-type.ts'
import type { PolicyTool } from './schema.ts'

const string: InputType = { type: 'String' }
const strings: InputType = { type: 'Set', element: string }

/** A fact that is always in the context; `none` is the test that tells it from its value for "none". */
function fact(name: string, type: Field['type'], some?: string): Field {
  return { name, type, cedar: `context.${name}`, present: some === undefined ? [] : [`context.${name}${some}`] }
}

/** The fields of a call that conditions may name, besides `input`. */
const fields: ReadonlyMap<string, Field> = new Map(
  [
    fact('tool', string),
    fact('resource', string),
    fact('session', string),
    fact('mfa', { type: 'Boolean' }),
    fact('pii_count', { type: 'Long' }),
    fact('threat_count', { type: 'Long' }),
    fact('now', { type: 'Datetime' }),
    fact('source_ip', { type: 'Ip' }, ' != ip("::")'),
    fact('taint', string, ' != "none"'),
    fact('threat_severity', string, ' != "none"'),
    fact('pii_kinds', strings),
    fact('threat_kinds', strings),
    fact('email_domains', strings),
    fact('restores', strings),
    { name: 'approval', type: { type: 'Presence' }, cedar: 'context', present: ['context has approval'] } satisfies Field,
    {
      name: 'action',
      type: { type: 'Membership' },
      cedar: 'action',
      present: [],
      entity: (name: string) => `Action::${quote(name)}`,
    } satisfies Field,
    {
      name: 'role',
      type: { type: 'Membership' },
      cedar: 'principal',
      present: [],
      entity: (name: string) => `Role::${quote(name)}`,
    } satisfies Field,
  ].map((field) => [field.name, field]),
)

export const fieldNames: readonly string[] = [...fields.keys(), 'input.<name>']

/** A field by its name, of any call. */
export function fieldOf(name: string): Field | undefined {
  return fields.get(name)
}

/** The field `input.<path>` of one tool's calls, if its schema has it. */
export function inputField(name: string, tool: PolicyTool): Field | undefined {
  let type: InputType = inputType(tool.inputSchema)
  let cedar = 'context.input'
  const present: string[] = []
  for (const part of name.split('.').slice(1)) {
    const member: RecordType['attributes'][string] | undefined =
      type.type === 'Record' && Object.hasOwn(type.attributes, part) ? type.attributes[part] : undefined
    if (!member) return undefined
    if (!member.required) present.push(`${cedar} has ${quote(part)}`)
    cedar = /^[a-zA-Z_]\w*$/u.test(part) && !keywords.has(part) ? `${cedar}.${part}` : `${cedar}[${quote(part)}]`
    type = member.of
  }
  return { name, type, cedar, present }
}

const keywords: ReadonlySet<string> = new Set(['true', 'false', 'if', 'then', 'else', 'in', 'is', 'like', 'has', '__cedar'])
