import { isObject, type Json, type JsonObject } from '@agentgate/core'

/**
 * How many keys of `input`, however deep, a schema dropped that made `value` of it and does not name them. A key that it names and makes
 * something else of, as transforms do, was known; `says` is asked for its JSON Schema once something is missing.
 */
export function unknownKeys(input: unknown, value: unknown, says: () => JsonObject): number {
  let root: JsonObject | undefined
  return missing(input, value, [])

  function missing(given: unknown, made: unknown, path: readonly string[]): number {
    if (given === made) return 0
    if (Array.isArray(given) && Array.isArray(made) && given.length === made.length)
      return given.reduce((sum: number, item, n) => sum + missing(item, made[n], [...path, items]), 0)
    if (!isObject(given) || !isObject(made)) return 0
    return Object.keys(given).reduce((sum, key) => {
      if (Object.hasOwn(made, key)) return sum + missing(given[key], made[key], [...path, key])
      return sum + (isNamed([...path, key]) ? 0 : 1)
    }, 0)
  }

  function isNamed(path: readonly string[]): boolean {
    const schema = (root ??= says())
    let at = ways(schema, schema)
    for (const step of path) at = at.flatMap((each) => next(each, step)).flatMap((each) => ways(each, schema))
    return at.length > 0
  }
}

/** A step to any item of a list: no key is a symbol's text. */
const items = '\0items'

function next(schema: JsonObject, step: string): JsonObject[] {
  const { properties, items: each, prefixItems } = schema
  if (step === items)
    return [each, ...(Array.isArray(prefixItems) ? (prefixItems as readonly Json[]) : [])].filter((one) =>
      isObject(one ?? null),
    ) as JsonObject[]
  const found = isObject(properties ?? null) && Object.hasOwn(properties as JsonObject, step) ? (properties as JsonObject)[step] : undefined
  // A property that may be anything is named all the same.
  return found === undefined ? [] : [isObject(found) ? found : {}]
}

/** The schema and all that it says it may be, instead or as well. */
function ways(schema: JsonObject, root: JsonObject, depth = 0): JsonObject[] {
  if (depth > 20) return []
  const { $ref, anyOf, oneOf, allOf } = schema
  const others = [anyOf, oneOf, allOf].flatMap((each) => (Array.isArray(each) ? (each as readonly Json[]) : []))
  const referred = typeof $ref === 'string' ? [at($ref, root)] : []
  return [schema, ...[...others, ...referred].filter(isObject).flatMap((each) => ways(each, root, depth + 1))]
}

/** What a reference within the schema points at: `#`, `#/$defs/name`. */
function at(reference: string, root: JsonObject): Json {
  const names = reference
    .replace(/^#\/?/, '')
    .split('/')
    .filter((name) => name !== '')
  return names.reduce<Json>(
    (found, name) => (isObject(found) ? (found[name.replaceAll('~1', '/').replaceAll('~0', '~')] ?? null) : null),
    root,
  )
}
