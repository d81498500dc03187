import type { MaskedCall } from '../call.ts'
import { isObject, type Json, type JsonObject } from '../json.ts'
import type { PolicyTool } from '../policy/schema.ts'
import { pathsAbove, shortestPath } from './own-path.ts'
import { readAddress, readDecimal, type WrittenAddress } from './written.ts'

/**
 * What a call says, read from the call itself. The fact builder is shared with the evaluator, and a mistake in it would
 * deceive both: so each fact that a theorem uses is also read here, by nothing but this file, and the theorem claims that
 * the two are the same. What the product says a fact is when nothing is known ("none") is said here once more.
 */
export interface OwnReading {
  readonly principal: { readonly type: string; readonly id: string }
  readonly action: string
  readonly resource: string
  /** What is above one of the three, by type, in the order of the call. */
  readonly above: (one: 'principal' | 'action' | 'resource', type: string) => readonly string[]
  /** The member of the context at a path; items of lists by their number. `undefined`: the call has none. */
  readonly context: (path: readonly string[]) => Json | undefined
}

export function ownReading(call: MaskedCall, tool: PolicyTool | undefined, matched: readonly string[]): OwnReading {
  const { principal, context } = call
  const resource = shortestPath(call.resource)
  const split = principal.id.indexOf('::')
  const action = tool?.name ?? call.tool.name
  const told = {
    tool: call.tool.name,
    resource,
    session: call.session,
    mfa: principal.mfa,
    confirmed: context['confirmed'] === true,
    now: context['now'],
    source_ip: context['source_ip'] ?? '::',
    ...Object.fromEntries(lists.map((name) => [name, context[name] ?? []])),
    ...Object.fromEntries(counts.map((name) => [name, context[name] ?? 0])),
    ...Object.fromEntries(levels.map((name) => [name, context[name] ?? 'none'])),
    matched,
    approval: approvalIn(context['approval']),
    input: tool ? declared(call.input, { ...tool.inputSchema, type: 'object' }, 0) : anything(call.input),
  }
  return {
    principal: { type: principal.id.slice(0, Math.max(split, 0)), id: principal.id.slice(split + 2) },
    action,
    resource,
    above(one, type) {
      if (type === 'Tenant') return one === 'action' ? [] : [call.tenant]
      if (one === 'principal') return type === 'Role' ? distinct(principal.roles) : []
      if (one === 'resource') return type === 'Resource' ? pathsAbove(resource) : []
      return type === 'Action' ? distinct([call.action, call.tool.effect]).filter((name) => name !== action) : []
    },
    context: ([name = '', ...rest]) => member((told as { readonly [name: string]: Json | undefined })[name], rest),
  }
}

const lists = ['pii_kinds', 'email_domains', 'threat_kinds', 'restores'] as const
const counts = ['pii_count', 'threat_count'] as const
const levels = ['threat_severity', 'taint'] as const

function distinct(names: readonly string[]): readonly string[] {
  return names.filter((name, at) => names.indexOf(name) === at)
}

function member(value: Json | undefined, [name, ...rest]: readonly string[]): Json | undefined {
  if (name === undefined || value === undefined) return value
  if (Array.isArray(value)) return member(value[Number(name)], rest)
  return isObject(value) && Object.hasOwn(value, name) ? member(value[name], rest) : undefined
}

/** An approval as policies see it: one that does not say how many gave it counts one. */
function approvalIn(fact: Json | undefined): JsonObject | undefined {
  return isObject(fact) ? { id: fact['id'] ?? '', by: fact['by'] ?? '', quorum: fact['quorum'] ?? 1 } : undefined
}

/**
 * The part of a value that a JSON Schema gives one type to. A masked text where no text belongs is no such part: the facts
 * could not be read then, and the call is denied before it gets here.
 */
function declared(value: Json | undefined, schema: Json | undefined, depth: number): Json | undefined {
  const known = kindOf(schema, depth)
  if (!known || value === undefined || value === null) return undefined
  switch (known.kind) {
    case 'string':
    case 'boolean':
      return typeof value === known.kind ? value : undefined
    case 'integer':
      return typeof value === 'number' || (typeof value === 'string' && /^-?[0-9]{16,19}$/.test(value)) ? value : undefined
    case 'number':
      return typeof value === 'number' ? value : undefined
    case 'array': {
      const items = kindOf(known.schema['items'], depth + 1)
      if (!Array.isArray(value) || !items || items.nullable) return undefined
      return value.map((item: Json) => declared(item, items.schema, depth + 1) ?? null)
    }
    case 'object': {
      const properties = known.schema['properties']
      if (!isObject(value)) return undefined
      const members = Object.entries(isObject(properties) ? properties : {}).flatMap(([name, each]) => {
        const found = unsayable.has(name) || !Object.hasOwn(value, name) ? undefined : declared(value[name], each, depth + 1)
        return found === undefined ? [] : [[name, found] as const]
      })
      return Object.fromEntries(members)
    }
    default:
      return undefined
  }
}

/** Cedar's JSON form has no attributes of these names. */
const unsayable: ReadonlySet<string> = new Set(['__entity', '__extn', '__expr'])

interface Kind {
  readonly kind: string
  readonly nullable: boolean
  readonly schema: JsonObject
}

/** The one type that a schema allows, besides null. */
function kindOf(schema: Json | undefined, depth: number): Kind | undefined {
  if (!isObject(schema) || depth > 16) return undefined
  const choices = schema['anyOf'] ?? schema['oneOf']
  if (Array.isArray(choices)) {
    const some = choices.filter((each: Json) => !isObject(each) || each['type'] !== 'null')
    const found = some.length === 1 ? kindOf(some[0], depth + 1) : undefined
    return found && { ...found, nullable: found.nullable || some.length < choices.length }
  }
  const said = schema['type']
  const types: readonly (Json | undefined)[] = Array.isArray(said) ? said : [said ?? (areTexts(schema) ? 'string' : undefined)]
  const [kind, ...more] = types.filter((type) => type !== 'null')
  return typeof kind === 'string' && more.length === 0 ? { kind, nullable: types.length > 1, schema } : undefined
}

function areTexts(schema: JsonObject): boolean {
  const values = schema['enum'] ?? (Object.hasOwn(schema, 'const') ? [schema['const'] ?? null] : [])
  return Array.isArray(values) && values.length > 0 && values.every((value: Json) => typeof value === 'string')
}

/** The input of a tool whose schema nobody knows: all of it but what is null. */
function anything(value: Json): Json | undefined {
  if (value === null) return undefined
  if (Array.isArray(value)) return value.map((item: Json) => anything(item) ?? null)
  if (!isObject(value)) return value
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, item]) => {
      const found = anything(item)
      return found === undefined ? [] : [[name, found] as const]
    }),
  )
}

/** Ten-thousandths of a JSON number. */
export function tenThousandths(value: number): bigint | undefined {
  return readDecimal(Number.isInteger(value) ? `${value}.0` : `${value}`)
}

/** An address as a connection has it: one that wraps IPv4 is that IPv4, and zones do not count. */
export function addressOf(text: string): WrittenAddress | undefined {
  const [bare = ''] = text.split('%')
  const dotted = /:(\d+\.\d+\.\d+\.\d+)$/u.exec(bare)?.[1]
  const inner = dotted === undefined ? undefined : readAddress(dotted)
  const hexed =
    inner && dotted ? `${bare.slice(0, -dotted.length)}${(inner.bits >> 16n).toString(16)}:${(inner.bits & 0xffffn).toString(16)}` : bare
  const read = readAddress(hexed)
  if (!read?.v6 || read.bits >> 32n !== 0xffffn) return read
  return { v6: false, bits: read.bits & 0xffff_ffffn, prefix: 32 }
}
