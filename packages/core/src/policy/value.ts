import { Datetime, Decimal, Duration } from './extension-value.ts'
import { IpAddress } from './ip-address.ts'
import type { Long } from './long.ts'

/** A Cedar value. */
export type Value = boolean | string | Long | EntityRef | SetValue | RecordValue | Decimal | Datetime | Duration | IpAddress

/** Names an entity. Two are the same when their keys are. */
export class EntityRef {
  readonly type: string
  readonly id: string
  /** `Type::"id"`, unescaped: injective, since no type holds a quote. */
  readonly key: string

  constructor(type: string, id: string) {
    this.type = type
    this.id = id
    this.key = `${type}::"${id}"`
  }
}

/** A set of values of any types. Duplicates may be in `items`; `keys` has none. */
export class SetValue {
  readonly items: readonly Value[]
  #keys: ReadonlySet<string> | undefined

  constructor(items: readonly Value[]) {
    this.items = items
  }

  get keys(): ReadonlySet<string> {
    this.#keys ??= new Set(this.items.map(keyOf))
    return this.#keys
  }

  /** Looks at the few values of a small set one by one, so that a set made for one request is never indexed for nothing. */
  has(value: Value): boolean {
    if (this.#keys === undefined && this.items.length <= 8) return this.items.some((item) => same(item, value))
    return this.keys.has(keyOf(value))
  }
}

export class RecordValue {
  readonly fields: ReadonlyMap<string, Value>

  constructor(fields: ReadonlyMap<string, Value>) {
    this.fields = fields
  }
}

/** Cedar's `==`: never fails, and values of different types are different. */
export function same(a: Value, b: Value): boolean {
  if (a === b) return true
  if (typeof a !== 'object' || typeof b !== 'object') return false
  if (a instanceof EntityRef) return b instanceof EntityRef && a.key === b.key
  return keyOf(a) === keyOf(b)
}

/** A text that two values share exactly when they are the same. Grows linearly: parts are prefixed by their length, never escaped. */
export function keyOf(value: Value): string {
  if (typeof value === 'string') return `s${value}`
  if (typeof value === 'boolean') return value ? 'b1' : 'b0'
  if (typeof value === 'number' || typeof value === 'bigint') return `l${value}`
  if (value instanceof EntityRef) return `e${value.key}`
  if (value instanceof SetValue) return `S${[...value.keys].sort().map(prefixed).join('')}`
  if (value instanceof RecordValue) {
    const fields = [...value.fields].map(([name, field]) => prefixed(name) + prefixed(keyOf(field)))
    return `R${fields.sort().join('')}`
  }
  if (value instanceof IpAddress) return value.key
  const kind = value instanceof Decimal ? 'd' : value instanceof Datetime ? 't' : 'u'
  return `${kind}${value.value}`
}

function prefixed(key: string): string {
  return `${key.length}:${key}`
}
