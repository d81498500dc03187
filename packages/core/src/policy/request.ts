import type { CedarValueJson, EntityJson, EntityUidJson } from '@cedar-policy/cedar-wasm/nodejs'
import { Entities, type Entity } from './entities.ts'
import { extensions } from './extension.ts'
import { EvaluationFailure } from './failure.ts'
import { type CedarRequest, UnfitError } from './facts.ts'
import { long } from './long.ts'
import { EntityRef, RecordValue, SetValue, type Value } from './value.ts'

/** What a policy is evaluated on. */
export interface Request {
  readonly principal: EntityRef
  readonly action: EntityRef
  readonly resource: EntityRef
  readonly context: RecordValue
  readonly entities: Entities
}

/** Reads a request in Cedar's JSON form. Throws an `UnfitError` for what has no value in Cedar. Integers may be bigints. */
export function readRequest({ principal, action, resource, context, entities }: CedarRequest): Request {
  return {
    principal: new EntityRef(principal.type, principal.id),
    action: new EntityRef(action.type, action.id),
    resource: new EntityRef(resource.type, resource.id),
    context: readRecord(context),
    entities: readEntities(entities),
  }
}

/** Reads entities in Cedar's JSON form; each may be there once. */
export function readEntities(entities: readonly EntityJson[]): Entities {
  const found = new Map<string, Entity>()
  for (const { uid, attrs, parents, tags } of entities) {
    const { key } = readRef(uid)
    if (found.has(key)) throw new UnfitError(`the entity \`${key}\` is there twice`)
    found.set(key, { attributes: readRecord(attrs), parents: parents.map(readRef), tags: tags ? readRecord(tags).fields : none })
  }
  return new Entities(found)
}

const none: ReadonlyMap<string, Value> = new Map()

function readRef(uid: EntityUidJson): EntityRef {
  const { type, id } = '__entity' in uid ? uid.__entity : uid
  return new EntityRef(type, id)
}

function readRecord(record: { readonly [name: string]: CedarValueJson }): RecordValue {
  const fields = new Map<string, Value>()
  for (const name of Object.keys(record)) fields.set(name, readValue(record[name] ?? null))
  return new RecordValue(fields)
}

/** Reads a value in Cedar's JSON form (`__entity`, `__extn`). */
export function readValue(json: CedarValueJson | bigint): Value {
  switch (typeof json) {
    case 'string':
    case 'boolean':
      return json
    case 'number':
      if (Number.isSafeInteger(json)) return json + 0
      throw new UnfitError('a number is no integer that JSON carries exactly')
    case 'bigint':
      if (BigInt.asIntN(64, json) !== json) throw new UnfitError('an integer is outside 64 bits')
      return long(json)
    default:
      if (json === null) throw new UnfitError('a value is null')
      return Array.isArray(json) ? new SetValue(json.map(readValue)) : readObject(json as { [name: string]: CedarValueJson })
  }
}

function readObject(json: { readonly [name: string]: CedarValueJson }): Value {
  if (Object.keys(json).length === 1) {
    const { __entity: entity, __extn: extension } = json
    if (Object.hasOwn(json, '__extn')) return readExtension(Object(extension))
    if (Object.hasOwn(json, '__entity')) {
      const { type, id } = Object(entity)
      if (typeof type === 'string' && typeof id === 'string') return new EntityRef(type, id)
      throw new UnfitError('an entity has no type or id')
    }
  }
  return readRecord(json)
}

function readExtension({ fn, arg, args }: { fn?: unknown; arg?: CedarValueJson; args?: CedarValueJson[] }): Value {
  const extension = typeof fn === 'string' ? extensions.get(fn) : undefined
  const [self, argument] = (args ?? [arg ?? null]).map(readValue)
  try {
    if (extension?.takes === 1 && self !== undefined && argument === undefined) return extension.apply(self)
    if (extension?.takes === 2 && self !== undefined && argument !== undefined) return extension.apply(self, argument)
  } catch (error) {
    if (!(error instanceof EvaluationFailure)) throw error
    throw new UnfitError(`a value of \`${String(fn)}\` is not valid: ${error.message}`)
  }
  throw new UnfitError('an extension value has no known function')
}
