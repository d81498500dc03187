import type { CedarValueJson, EntityUidJson } from '@cedar-policy/cedar-wasm/nodejs'
import { isObject, type Json } from '../json.ts'
import type { CedarRequest } from '../policy/facts.ts'
import type { Encoding } from './encoding.ts'
import { literalValue } from './literal-value.ts'
import { names } from './naming.ts'
import { addressOf, type OwnReading, tenThousandths } from './own-reading.ts'
import { same } from './sameness.ts'
import type { Sets } from './sets.ts'
import { smtName } from './smt-text.ts'
import type { EntityValue, Field, RecordOf, Scalar, Symbolic } from './symbolic.ts'
import { sortOf } from './symbolic.ts'
import type { Sort, Term } from './term.ts'
import type { World } from './world.ts'

/** A symbol of a theorem, and its value. */
export interface Fact {
  readonly symbol: Term
  readonly value: Term
  /** What was read of it by other code, to be the same: `null` where that found no such thing, absent where nothing else reads it. */
  readonly own?: Term | null
}

/**
 * The world of one call. What the facts say are symbols, so that a solver is told them and nothing is worked out before;
 * how many there are (the roles, the items of a list, which members are there) is fixed, and is a fact like another.
 * Nothing that no policy asks for is among the facts.
 */
export interface CallWorld extends World {
  readonly facts: () => readonly Fact[]
}

export function callWorld(encoding: Encoding, sets: Sets, request: CedarRequest, own: OwnReading): CallWorld {
  const { t } = encoding
  const facts = new Map<Term, Fact>()
  const literal = (value: string | bigint | boolean): Term =>
    typeof value === 'string' ? t.string(value) : typeof value === 'boolean' ? t.bool(value) : t.int(value)

  const tell = (name: string, sort: Sort, value: Term, claimed: string | bigint | boolean | undefined): Term => {
    const symbol = t.symbol(name, sort)
    facts.set(symbol, { symbol, value, own: claimed === undefined ? null : literal(claimed) })
    return symbol
  }

  const one = (name: 'principal' | 'action' | 'resource', claimed: string): EntityValue => {
    const { type, id } = request[name]
    return { kind: 'Entity', type, id: tell(names[name], 'String', t.string(id), claimed) }
  }
  const principal = one('principal', own.principal.id)
  const action = one('action', own.action)
  const resource = one('resource', own.resource)
  tell('principal.type', 'String', t.string(principal.type), own.principal.type)
  const three = { principal, action, resource }

  /** The symbols of what is directly above one of the three and of one type. The facts of a call know nothing above that. */
  const over = (name: keyof typeof three, type: string): readonly Term[] => {
    const uid = key(request[name])
    const parents = request.entities.filter((each) => key(each.uid) === uid).flatMap((each) => each.parents.map(plainUid))
    const ids = parents.flatMap((parent) => (parent.type === type ? [parent.id] : []))
    const claims = own.above(name, type)
    tell(smtName(name, 'in', type, 'size'), 'Int', t.int(ids.length), BigInt(claims.length))
    return ids.map((id, at) => tell(smtName(name, 'in', type, `${at}`), 'String', t.string(id), claims[at]))
  }

  const value = (json: CedarValueJson, path: readonly string[]): Symbolic => {
    const claim = own.context(path)
    if (Array.isArray(json)) {
      tell(smtName('size', 'context', ...path), 'Int', t.int(json.length), Array.isArray(claim) ? BigInt(claim.length) : undefined)
      return sets.listed(
        json.map((item, at) => value(item, [...path, `${at}`])),
        (a, b) => same(encoding, sets, a, b),
      )
    }
    const read = literalValue({ encoding, sets }, json)
    if (read.kind === 'Address') {
      const address = typeof claim === 'string' ? addressOf(claim) : undefined
      const { v6, bits } = names.address(['context', ...path])
      return {
        kind: 'Address',
        v6: tell(v6, 'Bool', read.v6, address?.v6),
        bits: tell(bits, 'Int', read.bits, address?.bits),
        prefix: tell(smtName('context', ...path, 'prefix'), 'Int', read.prefix, address && BigInt(address.prefix)),
      }
    }
    if ('term' in read) {
      const name = names.value(['context', ...path], read.kind)
      return { kind: read.kind, term: tell(name, sortOf(read.kind), read.term, asScalar(claim, read.kind)) }
    }
    return read.kind === 'Record' && isObject(json as Json) ? record(json as { readonly [name: string]: CedarValueJson }, path) : read
  }

  const record = (members: { readonly [name: string]: CedarValueJson }, path: readonly string[]): RecordOf => {
    const has = (name: string): Field | undefined => {
      const here = [...path, name]
      const json = Object.hasOwn(members, name) ? members[name] : undefined
      const there = json !== undefined
      const present = tell(names.present(['context', ...here]), 'Bool', t.bool(there), own.context(here) !== undefined)
      return there ? { present, value: once(() => value(json, here)) } : undefined
    }
    return { kind: 'Record', fields: new Asked(Object.keys(members), has) }
  }

  const isIn = (entity: EntityValue, above: EntityValue): Term => {
    const itself = t.and(t.bool(entity.type === above.type), t.eq(entity.id, above.id))
    const ways = (['principal', 'action', 'resource'] as const).flatMap((name) => {
      if (three[name].type !== entity.type) return []
      const found = t.or(...over(name, above.type).map((id) => t.eq(id, above.id)))
      return [t.and(t.eq(entity.id, three[name].id), found)]
    })
    return t.or(itself, ...ways)
  }

  return {
    encoding,
    sets,
    ...three,
    context: record(request.context, []),
    isIn,
    entity: () => undefined,
    possible: t.bool(true),
    facts: () => [...facts.values()],
  }
}

/** The members of a record, which notes each that is asked for, whether it is there or not. */
class Asked extends Map<string, Field> {
  readonly #names: readonly string[]
  readonly #has: (name: string) => Field | undefined
  readonly #known = new Map<string, Field | undefined>()

  constructor(names: readonly string[], has: (name: string) => Field | undefined) {
    super()
    this.#names = names
    this.#has = has
  }

  override get(name: string): Field | undefined {
    if (!this.#known.has(name)) this.#known.set(name, this.#has(name))
    return this.#known.get(name)
  }

  override keys(): MapIterator<string> {
    return new Set(this.#names).values() as MapIterator<string>
  }
}

function key(uid: EntityUidJson): string {
  const { type, id } = plainUid(uid)
  return JSON.stringify([type, id])
}

function plainUid(uid: EntityUidJson): { readonly type: string; readonly id: string } {
  return '__entity' in uid ? uid.__entity : uid
}

/** What the call has, as a fact of that kind would say it. */
function asScalar(claim: Json | undefined, kind: Scalar): string | bigint | boolean | undefined {
  if (kind === 'String') return typeof claim === 'string' ? claim : undefined
  if (kind === 'Boolean') return typeof claim === 'boolean' ? claim : undefined
  if (kind === 'Long' && typeof claim === 'string') return /^-?[0-9]{1,19}$/.test(claim) ? BigInt(claim) : undefined
  if (typeof claim !== 'number') return undefined
  if (kind === 'Decimal') return tenThousandths(claim)
  return Number.isSafeInteger(claim) ? BigInt(claim) : undefined
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined
  return () => {
    made ??= { value: make() }
    return made.value
  }
}
