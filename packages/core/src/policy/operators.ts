import { Datetime, Duration } from './extension-value.ts'
import { fail } from './failure.ts'
import { add, isLong, type Long, multiply, subtract } from './long.ts'
import type { Request } from './request.ts'
import { EntityRef, RecordValue, SetValue, type Value } from './value.ts'

/** Sums, differences and products of Longs: an error outside 64 bits. */
export const arithmetic = {
  '+': (a: Value, b: Value): Value => (isLong(a) && isLong(b) ? add(a, b) : fail('type-error')),
  '-': (a: Value, b: Value): Value => (isLong(a) && isLong(b) ? subtract(a, b) : fail('type-error')),
  '*': (a: Value, b: Value): Value => (isLong(a) && isLong(b) ? multiply(a, b) : fail('type-error')),
}

export function negate(value: Value): Value {
  return isLong(value) ? subtract(0, value) : fail('type-error')
}

/** `<` of Longs, of dates, or of durations. */
export function below(a: Value, b: Value): boolean {
  return isLong(a) && isLong(b) ? a < b : timeOf(a, b) < timeOf(b, a)
}

/** `<=` of Longs, of dates, or of durations. */
export function atMost(a: Value, b: Value): boolean {
  return isLong(a) && isLong(b) ? a <= b : timeOf(a, b) <= timeOf(b, a)
}

/** The milliseconds of `value`, which must be the same kind of time as `other`. */
function timeOf(value: Value, other: Value): Long {
  if (value instanceof Datetime && other instanceof Datetime) return value.value
  return value instanceof Duration && other instanceof Duration ? value.value : fail('type-error')
}

export function contains(set: Value, value: Value): boolean {
  return set instanceof SetValue ? set.has(value) : fail('type-error')
}

/** `containsAll` and `containsAny`. */
export function overlaps(set: Value, others: Value, how: 'every' | 'some'): boolean {
  if (!(set instanceof SetValue) || !(others instanceof SetValue)) return fail('type-error')
  return others.items[how]((item) => set.has(item))
}

/** `in`, of an entity or of a set of entities. */
export function isIn(entity: Value, above: Value, { entities }: Request): boolean {
  if (!(entity instanceof EntityRef)) return fail('type-error')
  if (above instanceof EntityRef) return entities.isIn(entity, above)
  if (!(above instanceof SetValue)) return fail('type-error')
  const refs = above.items.map((item) => (item instanceof EntityRef ? item : fail('type-error')))
  return refs.some((ref) => entities.isIn(entity, ref))
}

export function readAttribute(value: Value, name: string, { entities }: Request): Value {
  if (value instanceof RecordValue) return value.fields.get(name) ?? fail('attribute-missing')
  if (!(value instanceof EntityRef)) return fail('type-error')
  const entity = entities.find(value) ?? fail('entity-missing')
  return entity.attributes.fields.get(name) ?? fail('attribute-missing')
}

/** An entity that is not there has no attribute. */
export function hasAttribute(value: Value, name: string, { entities }: Request): boolean {
  if (value instanceof RecordValue) return value.fields.has(name)
  if (value instanceof EntityRef) return entities.find(value)?.attributes.fields.has(name) ?? false
  return fail('type-error')
}

export function getTag(value: Value, name: Value, { entities }: Request): Value {
  if (!(value instanceof EntityRef) || typeof name !== 'string') return fail('type-error')
  const entity = entities.find(value) ?? fail('entity-missing')
  return entity.tags.get(name) ?? fail('tag-missing')
}

export function hasTag(value: Value, name: Value, { entities }: Request): boolean {
  if (!(value instanceof EntityRef) || typeof name !== 'string') return fail('type-error')
  return entities.find(value)?.tags.has(name) ?? false
}
