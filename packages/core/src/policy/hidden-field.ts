import { isObject, type Json, type JsonObject } from '../json.ts'
import { inputType } from './input-type.ts'
import type { PolicyTool } from './schema.ts'

/**
 * Whether a call of the tool may have the field `input.<path>`, and policies would not see it: the schema names it by `$ref`, in a
 * union, in parts that are combined, or lets names through that it does not list. Never `false` where such a field may come, but
 * for names within objects that the schema neither lists nor lets through in words.
 */
export function mayHide({ inputSchema }: Pick<PolicyTool, 'inputSchema'>, path: readonly string[]): boolean {
  let level: readonly Json[] = [inputSchema]
  for (const name of path) {
    const next: Json[] = []
    for (const schema of level) if (!membersOf(schema, name, inputSchema, 0, next)) return true
    level = next
  }
  return level.some((schema) => !(isObject(schema) && schema['type'] === 'null'))
}

const parts = ['allOf', 'anyOf', 'oneOf'] as const
const branches = ['if', 'then', 'else'] as const
/** What lets names through that are not listed. */
const opening = ['additionalProperties', 'unevaluatedProperties'] as const
const deepest = 16

/** Puts the schemas of a member into `found`; `false` where nobody can tell what it is. */
function membersOf(schema: Json | undefined, name: string, root: JsonObject, depth: number, found: Json[]): boolean {
  if (schema === true || depth > deepest) return false
  if (!isObject(schema)) return true
  const { properties, patternProperties, dependentSchemas, $ref: reference, $dynamicRef: dynamic } = schema
  if (dynamic !== undefined || isObject(patternProperties)) return false
  const listed = isObject(properties) && Object.hasOwn(properties, name)
  if (listed) found.push(properties[name] ?? null)
  if (!listed && opening.some((word) => schema[word] === true || isObject(schema[word]))) return false
  const inside: (Json | undefined)[] = [
    ...parts.flatMap((word) => (Array.isArray(schema[word]) ? schema[word] : [])),
    ...branches.map((word) => schema[word]),
    ...(isObject(dependentSchemas) ? Object.values(dependentSchemas) : []),
  ]
  if (reference !== undefined) {
    const target = typeof reference === 'string' ? pointed(root, reference) : undefined
    if (target === undefined) return false
    inside.push(target)
  }
  return inside.every((part) => (part === true ? true : membersOf(part, name, root, depth + 1, found)))
}

/** The part of a schema that `#/$defs/…` points at (RFC 6901). */
function pointed(root: JsonObject, reference: string): Json | undefined {
  if (!reference.startsWith('#')) return undefined
  let at: Json | undefined = root
  for (const part of reference.slice(1).split('/').slice(1)) {
    const name = decoded(part).replaceAll('~1', '/').replaceAll('~0', '~')
    at = isObject(at) && Object.hasOwn(at, name) ? at[name] : Array.isArray(at) ? at[Number(name)] : undefined
  }
  return at
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}

/** The places in an input, outermost only, that its schema gives no one type, so that no policy sees what is there. */
export function unseenIn(input: JsonObject, schema: JsonObject): readonly (readonly string[])[] {
  const found: string[][] = []
  const look = (value: JsonObject, type: ReturnType<typeof inputType>, path: readonly string[]): void => {
    for (const [name, member] of Object.entries(value)) {
      if (member === null) continue
      const known = Object.hasOwn(type.attributes, name) ? type.attributes[name] : undefined
      if (!known) found.push([...path, name])
      else if (known.of.type === 'Record' && isObject(member)) look(member, known.of, [...path, name])
    }
  }
  look(input, inputType(schema), [])
  return found
}
