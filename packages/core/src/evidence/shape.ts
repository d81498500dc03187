import { isObject } from '../json.ts'

/** Whether a value has exactly some form: every member known, none missing. */
export type Shape<T> = (value: unknown) => value is T

type Of<S> = S extends Shape<infer T> ? T : never

export const aBoolean: Shape<boolean> = (value) => typeof value === 'boolean'
export const aText: Shape<string> = (value) => typeof value === 'string'
export const aCount: Shape<number> = (value): value is number => Number.isSafeInteger(value) && Number(value) >= 0
export const anInteger: Shape<number> = (value): value is number => Number.isSafeInteger(value)
export const nothing: Shape<null> = (value) => value === null

export function matching(pattern: RegExp): Shape<string> {
  return (value): value is string => typeof value === 'string' && pattern.test(value)
}

/** SHA-256 or 32 bytes, hex. */
export const aDigest = matching(/^[0-9a-f]{64}$/)
/** RFC 3339 in UTC with milliseconds, as `Date.toISOString` writes it. */
export const aTime: Shape<string> = (value): value is string =>
  typeof value === 'string' && /^\d{4}-\d{2}-\d{2}T[\d:.]{12}Z$/.test(value) && !Number.isNaN(Date.parse(value))

export function oneOf<const T extends string>(...values: readonly T[]): Shape<T> {
  return (value): value is T => values.some((known) => known === value)
}

export function either<A, B>(a: Shape<A>, b: Shape<B>): Shape<A | B> {
  return (value): value is A | B => a(value) || b(value)
}

export function listOf<T>(item: Shape<T>): Shape<readonly T[]> {
  return (value): value is readonly T[] => Array.isArray(value) && value.every(item)
}

export function mapOf<T>(item: Shape<T>): Shape<{ readonly [name: string]: T }> {
  return (value): value is { readonly [name: string]: T } => isObject(value) && Object.values(value).every(item)
}

export function exactly<S extends { readonly [name: string]: Shape<unknown> }>(members: S): Shape<{ readonly [K in keyof S]: Of<S[K]> }> {
  const names = Object.keys(members)
  return (value): value is { readonly [K in keyof S]: Of<S[K]> } =>
    isObject(value) &&
    Object.keys(value).length === names.length &&
    names.every((name) => Object.hasOwn(value, name) && members[name]?.(value[name]))
}
