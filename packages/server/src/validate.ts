import { isObject, type Json, type JsonObject, longOf, type RegisteredTool, type Validate } from '@agentgate/core'
import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js'
import { RE2JS } from 're2js'

/** How many compiled schemas are kept. A digest never means another schema. */
const most = 500

/** Reads input by the JSON Schema (2020-12) that its tool registered. Keys that the schema does not name are refused. */
export function validateBySchema(): Validate {
  const compiled = new Map<string, ValidateFunction>()

  return async (tool, input) => {
    const validate = compiledFor(tool)
    if (isObject(input) && fits(validate, input)) return { input }
    const declared = namesIn(tool.declaration.input)
    return { issues: (validate.errors ?? []).slice(0, 5).map((error) => issueOf(error, declared)) }
  }

  function compiledFor({ declaration, facts }: RegisteredTool): ValidateFunction {
    const known = compiled.get(facts.digest)
    if (known) return known
    const fresh = compileSchema(declaration.input)
    for (const oldest of compiled.keys()) if (compiled.size >= most) compiled.delete(oldest)
    compiled.set(facts.digest, fresh)
    return fresh
  }
}

/**
 * Whether an input fits. Integers beyond 2^53 are carried as the text of their digits: where the schema asks for an integer, such
 * a text is looked at as the number next to it. A schema whose answer could change by that rounding takes none of them.
 */
function fits(validate: ValidateFunction, input: JsonObject): boolean {
  if (validate(input)) return true
  if (roundingMatters(validate.schema)) return false
  let seen: Json = input
  for (let tries = 0; tries < mostLongs; tries++) {
    const asked = validate.errors?.find(({ keyword, params }) => keyword === 'type' && [params['type']].flat().includes('integer'))
    const near: Json | undefined = asked && numberAt(seen, asked.instancePath.split('/').slice(1).map(unescaped))
    if (near === undefined) return false
    seen = near
    if (validate(seen)) return true
  }
  return false
}

/** The most integers beyond 2^53 in one input: the input is looked at once for each. */
const mostLongs = 32

/** Whether a schema has a divisor, or a bound among the integers that are rounded. */
function roundingMatters(schema: unknown): boolean {
  if (typeof schema !== 'object' || schema === null) return false
  return Object.entries(schema).some(([name, part]: [string, unknown]) => {
    if (typeof part !== 'number') return roundingMatters(part)
    return name === 'multipleOf' || (!Number.isSafeInteger(Math.trunc(part)) && Math.abs(part) < 2 ** 63)
  })
}

/** The value with the text at that path as a number, if it carries an integer; `undefined` otherwise. */
function numberAt(value: Json | undefined, [name, ...rest]: readonly string[]): Json | undefined {
  if (name === undefined) return typeof value === 'string' && longOf(value) !== undefined ? Number(value) : undefined
  const member = Array.isArray(value) ? (value[Number(name)] as Json) : isObject(value) ? value[name] : undefined
  const near = numberAt(member, rest)
  if (near === undefined) return undefined
  return Array.isArray(value) ? value.with(Number(name), near) : { ...(value as JsonObject), [name]: near }
}

/** A reference token of a JSON Pointer (RFC 6901), as Ajv writes it. */
function unescaped(token: string): string {
  return token.replaceAll('~1', '/').replaceAll('~0', '~')
}

/** Compiles a tool's schema. Throws an error that says why for one that is no JSON Schema of an object. */
export function compileSchema(schema: JsonObject): ValidateFunction {
  if (schema['type'] !== 'object') throw new TypeError('The schema of a tool describes an object: give it `"type": "object"`.')
  // One instance a schema: `$id`s of one tenant never reach another's. Bounded work is the caller's: bodies are at most 2 MiB.
  const ajv = new Ajv2020({ strict: false, allErrors: false, validateFormats: false, code: { regExp: linear } })
  return ajv.compile({ ...closed(schema) })
}

/** The schema with unknown keys refused at the top, unless it says itself what else there may be. */
function closed(schema: JsonObject): JsonObject {
  const says = 'additionalProperties' in schema || 'unevaluatedProperties' in schema
  return says ? schema : { ...schema, unevaluatedProperties: false }
}

/** Patterns in linear time, whoever wrote them. Throws for what RE2 has not: lookaround and back references. */
const linear = Object.assign(
  (pattern: string) => {
    const compiled = RE2JS.compile(pattern)
    // Ajv tells patterns apart by their text.
    return { test: (text: string) => compiled.matcher(text).find(), toString: () => `linear ${pattern}` }
  },
  { code: 'linear' },
)

/** A path and the constraint that was broken: never a value, nor a key that the schema does not name. */
function issueOf({ instancePath, keyword, params, message }: ErrorObject, declared: ReadonlySet<string>): string {
  const shown = instancePath.split('/').map((part) => (part === '' || /^\d{1,6}$/.test(part) || declared.has(part) ? part : '*'))
  const path = `\`${shown.join('/') || '/'}\``
  const extra = params['additionalProperty'] ?? params['unevaluatedProperty']
  if (extra !== undefined) return `${path} must not have keys that the schema does not name`
  return `${path} ${keyword === 'enum' || keyword === 'const' ? 'is not one of the allowed values' : (message ?? keyword)}`
}

/** Every property name that a schema declares, at any depth. */
function namesIn(schema: Json, names = new Set<string>()): ReadonlySet<string> {
  if (Array.isArray(schema)) for (const part of schema) namesIn(part, names)
  if (!isObject(schema)) return names
  const { properties } = schema
  if (isObject(properties)) for (const name of Object.keys(properties)) names.add(name)
  for (const part of Object.values(schema)) namesIn(part, names)
  return names
}
