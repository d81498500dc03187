import type { CedarValueJson } from '@cedar-policy/cedar-wasm/nodejs'
import { extension } from './extension.ts'
import { same } from './sameness.ts'
import { type Field, type Symbolic, unknown } from './symbolic.ts'
import type { World } from './world.ts'

/** A value that is written out, of Cedar's JSON form; integers may be bigints. */
export function literalValue(world: Pick<World, 'encoding' | 'sets'>, json: CedarValueJson | bigint): Symbolic {
  const { encoding, sets } = world
  const { t } = encoding
  if (typeof json === 'string') return { kind: 'String', term: t.string(json) }
  if (typeof json === 'boolean') return { kind: 'Boolean', term: t.bool(json) }
  if (typeof json === 'number' || typeof json === 'bigint') return { kind: 'Long', term: t.int(json) }
  if (Array.isArray(json)) {
    const items = json.map((item) => literalValue(world, item))
    return sets.listed(items, (a, b) => same(encoding, sets, a, b))
  }
  const object: unknown = json
  if (!isRecord(object)) return unread()
  const { __entity: entity, __extn: call } = object
  const named: unknown = entity
  if (isRecord(named)) {
    const { type, id } = named
    return typeof type === 'string' && typeof id === 'string' ? { kind: 'Entity', type, id: t.string(id) } : unread()
  }
  const called: unknown = call
  if (isRecord(called)) {
    const { fn, arg, args } = called
    const given = Array.isArray(args) ? args : arg === undefined ? [] : [arg]
    const values = given.map((each) => literalValue(world, each))
    const { value, ok } = extension(encoding, typeof fn === 'string' ? fn : '', values)
    return ok.literal === true ? value : unread()
  }
  const fields = Object.entries(object).map(([name, member]): [string, Field] => [
    name,
    { present: t.bool(true), value: () => literalValue(world, member) },
  ])
  return { kind: 'Record', fields: new Map(fields) }

  function unread(): Symbolic {
    return unknown('a value that cannot be read')
  }
}

function isRecord(value: unknown): value is { readonly [name: string]: CedarValueJson } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
