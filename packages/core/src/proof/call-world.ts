import type { CedarValueJson, EntityUidJson } from '@cedar-policy/cedar-wasm/nodejs'
import { isObject, type Json } from '../json.ts'
import type { CedarRequest } from '../policy/facts.ts'
import { type Encoding, encoding as newEncoding } from './encoding.ts'
import { literalValue } from './literal-value.ts'
import { names } from './naming.ts'
import { addressOf, type OwnReading, tenThousandths } from './own-reading.ts'
import { same } from './sameness.ts'
import { type Sets, sets as newSets } from './sets.ts'
import { smtName } from './smt-text.ts'
import type { Ask } from './structure.ts'
import type { EntityValue, Field, RecordOf, Scalar, Symbolic } from './symbolic.ts'
import { sortOf } from './symbolic.ts'
import type { Literal, Sort, Term } from './term.ts'
import type { World } from './world.ts'

/** A symbol of a theorem, and how its value is read. */
export interface Fact<R> {
  readonly symbol: Term
  readonly value: (reading: R) => Literal
  /** What other code reads of it, to be the same: `undefined` where that finds no such thing. Absent where nothing else reads it. */
  readonly own?: (reading: R) => Literal | undefined
}

/** A call as its facts are told to the evaluator, and as it is read once more. */
export interface ReadCall {
  readonly request: CedarRequest
  readonly own: OwnReading
}

/**
 * The world of all calls of one structure. What the facts say are symbols, so that a solver is told them and nothing is
 * worked out before; how many there are (the roles, the items of a list, which members are there) is asked, and is a fact
 * like another. Nothing that no policy asks for is among the facts.
 */
export interface CallWorld extends World {
  readonly facts: () => readonly Fact<ReadCall>[]
}

type One = 'principal' | 'action' | 'resource'

export function callWorld(encoding: Encoding, sets: Sets, ask: Ask<ReadCall>): CallWorld {
  const { t } = encoding
  const facts = new Map<Term, Fact<ReadCall>>()

  const tell = (name: string, sort: Sort, value: Fact<ReadCall>['value'], own: Fact<ReadCall>['own']): Term => {
    const symbol = t.symbol(name, sort)
    if (!facts.has(symbol)) facts.set(symbol, { symbol, value, ...(own && { own }) })
    return symbol
  }

  const one = (name: One, own: (reading: OwnReading) => string): EntityValue => ({
    kind: 'Entity',
    type: ask(({ request }) => request[name].type),
    id: tell(
      names[name],
      'String',
      ({ request }) => request[name].id,
      (read) => own(read.own),
    ),
  })
  const principal = one('principal', (own) => own.principal.id)
  const action = one('action', (own) => own.action)
  const resource = one('resource', (own) => own.resource)
  tell(
    'principal.type',
    'String',
    ({ request }) => request.principal.type,
    ({ own }) => own.principal.type,
  )
  const three = { principal, action, resource }

  /** The symbols of what is directly above one of the three and of one type. The facts of a call know nothing above that. */
  const over = remembered((name: One, type: string): readonly Term[] => {
    const above = ({ request }: ReadCall) => parentsOf(request, name, type)
    tell(
      smtName(name, 'in', type, 'size'),
      'Int',
      (read) => BigInt(above(read).length),
      ({ own }) => BigInt(own.above(name, type).length),
    )
    const count = ask((read) => above(read).length)
    return Array.from({ length: count }, (_, at) =>
      tell(
        smtName(name, 'in', type, `${at}`),
        'String',
        (read) => above(read)[at] ?? '',
        ({ own }) => own.above(name, type)[at],
      ),
    )
  })

  const value = (path: readonly string[]): Symbolic => {
    const json = ({ request }: ReadCall) => memberAt(request.context, path)
    const claim = ({ own }: ReadCall) => own.context(path)
    const kind = ask((read) => kindOf(json(read)))
    const context = ['context', ...path]
    if (kind.startsWith('list ')) {
      tell(
        smtName('size', ...context),
        'Int',
        (read) => BigInt(listOf(json(read)).length),
        (read) => lengthOf(claim(read)),
      )
      return sets.listed(
        Array.from({ length: Number(kind.slice(5)) }, (_, at) => value([...path, `${at}`])),
        (a, b) => same(encoding, sets, a, b),
      )
    }
    if (kind === 'Record') return record(path)
    if (kind === 'Address') {
      const claimed = (read: ReadCall) => {
        const text = claim(read)
        return typeof text === 'string' ? addressOf(text) : undefined
      }
      const of = (read: ReadCall) => addressIn(json(read))
      const { v6, bits } = names.address(context)
      return {
        kind,
        v6: tell(
          v6,
          'Bool',
          (read) => of(read).v6,
          (read) => claimed(read)?.v6,
        ),
        bits: tell(
          bits,
          'Int',
          (read) => of(read).bits,
          (read) => claimed(read)?.bits,
        ),
        prefix: tell(
          smtName(...context, 'prefix'),
          'Int',
          (read) => of(read).prefix,
          (read) => {
            const found = claimed(read)
            return found && BigInt(found.prefix)
          },
        ),
      }
    }
    const scalar = kind as Scalar
    if (scalars.has(scalar)) {
      const term = tell(
        names.value(context, scalar),
        sortOf(scalar),
        (read) => literalIn(json(read)),
        (read) => asScalar(claim(read), scalar),
      )
      return { kind: scalar, term }
    }
    // What has no symbol is part of the structure as it is.
    return literalValue({ encoding, sets }, JSON.parse(ask((read) => JSON.stringify(json(read) ?? null))))
  }

  const record = (path: readonly string[]): RecordOf => {
    const has = (name: string): Field | undefined => {
      const here = [...path, name]
      const there = ({ request }: ReadCall) => memberAt(request.context, here) !== undefined
      const present = tell(names.present(['context', ...here]), 'Bool', there, ({ own }) => own.context(here) !== undefined)
      return ask(there) ? { present, value: once(() => value(here)) } : undefined
    }
    const all = () => JSON.parse(ask(({ request }) => JSON.stringify(membersAt(request.context, path)))) as readonly string[]
    return { kind: 'Record', fields: new Asked(all, has) }
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
    context: record([]),
    isIn,
    entity: () => undefined,
    possible: t.bool(true),
    facts: () => [...facts.values()],
  }
}

/** The members of a record, which notes each that is asked for, whether it is there or not. */
class Asked extends Map<string, Field> {
  readonly #names: () => readonly string[]
  readonly #has: (name: string) => Field | undefined
  readonly #known = new Map<string, Field | undefined>()

  constructor(names: () => readonly string[], has: (name: string) => Field | undefined) {
    super()
    this.#names = names
    this.#has = has
  }

  override get(name: string): Field | undefined {
    if (!this.#known.has(name)) this.#known.set(name, this.#has(name))
    return this.#known.get(name)
  }

  override keys(): MapIterator<string> {
    return new Set(this.#names()).values() as MapIterator<string>
  }
}

const scalars: ReadonlySet<string> = new Set<Scalar>(['Boolean', 'Long', 'String', 'Decimal', 'Datetime', 'Duration'])

/** The kind of a value, and of a list how long it is. */
function kindOf(json: CedarValueJson | undefined): string {
  if (typeof json === 'string') return 'String'
  if (typeof json === 'boolean') return 'Boolean'
  if (typeof json === 'number') return 'Long'
  if (Array.isArray(json)) return `list ${json.length}`
  return json === undefined || json === null ? 'Unknown' : readAlone(json).kind
}

/** A value read by itself, away from any theorem. */
function readAlone(json: CedarValueJson): Symbolic {
  const encoding = newEncoding()
  return literalValue({ encoding, sets: newSets(encoding) }, json)
}

function literalIn(json: CedarValueJson | undefined): Literal {
  if (typeof json === 'string' || typeof json === 'boolean') return json
  if (typeof json === 'number') return BigInt(json)
  const read = json === undefined ? undefined : readAlone(json)
  return read && 'term' in read && read.term.literal !== undefined ? read.term.literal : lost()
}

function addressIn(json: CedarValueJson | undefined): { readonly v6: boolean; readonly bits: bigint; readonly prefix: bigint } {
  const read = json === undefined ? undefined : readAlone(json)
  if (read?.kind !== 'Address') return lost()
  const [v6, bits, prefix] = [read.v6.literal, read.bits.literal, read.prefix.literal]
  return typeof v6 === 'boolean' && typeof bits === 'bigint' && typeof prefix === 'bigint' ? { v6, bits, prefix } : lost()
}

function lost(): never {
  throw new TypeError('A fact is not of the kind that the structure of its call says.')
}

function memberAt(value: unknown, path: readonly string[]): CedarValueJson | undefined {
  let at = value
  for (const name of path) {
    if (Array.isArray(at)) at = at[Number(name)]
    else at = isObject(at as Json) && Object.hasOwn(at as object, name) ? (at as { readonly [name: string]: unknown })[name] : undefined
  }
  return at as CedarValueJson | undefined
}

function membersAt(value: unknown, path: readonly string[]): readonly string[] {
  const at = memberAt(value, path)
  return isObject(at as Json) ? Object.keys(at as object) : []
}

function listOf(json: CedarValueJson | undefined): readonly unknown[] {
  return Array.isArray(json) ? json : []
}

function lengthOf(claim: Json | undefined): bigint | undefined {
  return Array.isArray(claim) ? BigInt(claim.length) : undefined
}

function parentsOf(request: CedarRequest, name: One, type: string): readonly string[] {
  const one = request[name]
  const same = ({ type: kind, id }: ReturnType<typeof plainUid>) => kind === one.type && id === one.id
  const above = request.entities.filter(({ uid }) => same(plainUid(uid))).flatMap(({ parents }) => parents.map(plainUid))
  return above.flatMap((parent) => (parent.type === type ? [parent.id] : []))
}

function plainUid(uid: EntityUidJson): { readonly type: string; readonly id: string } {
  return '__entity' in uid ? uid.__entity : uid
}

/** What the call has, as a fact of that kind would say it. */
function asScalar(claim: Json | undefined, kind: Scalar): Literal | undefined {
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

function remembered<T>(make: (name: One, type: string) => T): (name: One, type: string) => T {
  const known = new Map<string, T>()
  return (name, type) => {
    const key = `${name} ${type}`
    const found = known.get(key) ?? make(name, type)
    known.set(key, found)
    return found
  }
}
