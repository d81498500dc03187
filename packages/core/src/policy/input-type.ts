import { isObject, type Json, type JsonObject } from '../json.ts'

/** The type that policies see of a JSON value. What has no such type (unions, free-form parts) is not in `context.input`. */
export type InputType =
  | { readonly type: 'String' | 'Long' | 'Boolean' | 'Decimal' }
  | { readonly type: 'Set'; readonly element: InputType }
  | RecordType

export interface RecordType {
  readonly type: 'Record'
  readonly attributes: { readonly [name: string]: { readonly of: InputType; readonly required: boolean } }
}

const scalars: { readonly [type: string]: InputType } = {
  string: { type: 'String' },
  integer: { type: 'Long' },
  number: { type: 'Decimal' },
  boolean: { type: 'Boolean' },
}

/** Cedar's JSON form reads these names as entities and extension values: no attribute may have them. */
export const reserved: ReadonlySet<string> = new Set(['__entity', '__extn', '__expr'])

/** The type of a tool's input by its JSON Schema. */
export function inputType(schema: JsonObject): RecordType {
  const type = typeOf({ ...schema, type: 'object' }, 0)
  return type?.of.type === 'Record' ? type.of : { type: 'Record', attributes: {} }
}

function typeOf(schema: Json | undefined, depth: number): { of: InputType; nullable: boolean } | undefined {
  if (!isObject(schema) || depth > 16) return undefined
  const union = schema['anyOf'] ?? schema['oneOf']
  if (Array.isArray(union)) {
    const rest = union.filter((each: Json) => !(isObject(each) && each['type'] === 'null'))
    const only = rest.length === 1 ? typeOf(rest[0], depth + 1) : undefined
    return only && { ...only, nullable: rest.length < union.length }
  }
  const named = Array.isArray(schema['type']) ? schema['type'] : [schema['type'] ?? literal(schema)]
  const types = named.filter((each: Json | undefined) => each !== 'null')
  const nullable = types.length < named.length
  const [name] = types
  if (types.length !== 1 || typeof name !== 'string') return undefined
  const scalar = Object.hasOwn(scalars, name) ? scalars[name] : undefined
  if (scalar) return { of: scalar, nullable }
  if (name === 'array') {
    const element = typeOf(schema['items'], depth + 1)
    return element && !element.nullable ? { of: { type: 'Set', element: element.of }, nullable } : undefined
  }
  return name === 'object' ? { of: recordOf(schema, depth), nullable } : undefined
}

function recordOf(schema: JsonObject, depth: number): RecordType {
  const required = Array.isArray(schema['required']) ? schema['required'] : []
  const members = isObject(schema['properties']) ? Object.entries(schema['properties']) : []
  const attributes = members.flatMap(([name, member]) => {
    const type = reserved.has(name) ? undefined : typeOf(member, depth + 1)
    return type ? [[name, { of: type.of, required: required.includes(name) && !type.nullable }] as const] : []
  })
  return { type: 'Record', attributes: Object.fromEntries(attributes) }
}

/** `enum` and `const` of strings only are strings. */
function literal(schema: JsonObject): string | undefined {
  const values = Array.isArray(schema['enum']) ? schema['enum'] : 'const' in schema ? [schema['const']] : []
  return values.length > 0 && values.every((value: Json | undefined) => typeof value === 'string') ? 'string' : undefined
}
