/** Any value JSON can carry. Calls, outcomes and held state are JSON, so they can cross a wire or a crash. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject
export type JsonObject = { readonly [key: string]: Json }

/** How deep a value may nest: what is deeper is refused, never truncated. */
export const maxDepth = 64

/**
 * A deeply frozen copy of `value`, made of plain JSON only.
 *
 * Throws a `TypeError` that names the path for anything JSON cannot carry exactly: `undefined`, functions, NaN,
 * lone surrogates, class instances, the key `__proto__`, more than 64 levels. `undefined` members are left out.
 * A bigint of 64 bits becomes a number where that is exact, else the text of its digits, as `longOf` reads them.
 */
export function freeze(value: unknown, path = '', depth = 0): Json {
  if (value === null || typeof value === 'boolean') return value
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new TypeError(`\`${path || '.'}\` is ${value}: JSON has no such number`)
    return value
  }
  if (typeof value === 'string') {
    if (!value.isWellFormed()) throw new TypeError(`\`${path || '.'}\` holds a lone surrogate: not valid Unicode text`)
    return value
  }
  if (typeof value === 'bigint') {
    if (BigInt.asIntN(64, value) !== value) throw new TypeError(`\`${path || '.'}\` is an integer outside 64 bits`)
    return Number.isSafeInteger(Number(value)) ? Number(value) : `${value}`
  }
  if (typeof value !== 'object') throw new TypeError(`\`${path || '.'}\` is a ${typeof value}: not JSON`)
  if (depth >= maxDepth) throw new TypeError(`\`${path.slice(0, 80)}\` is nested deeper than ${maxDepth} levels`)
  if (Array.isArray(value)) return Object.freeze(Array.from(value, (item: unknown, index) => freeze(item, `${path}/${index}`, depth + 1)))
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) throw new TypeError(`\`${path || '.'}\` is not a plain object`)
  const copy: Record<string, Json> = {}
  for (const [key, member] of Object.entries(value)) {
    if (key === '__proto__') throw new TypeError(`\`${path}/__proto__\` is not a name a value may have`)
    if (!key.isWellFormed()) throw new TypeError(`a key under \`${path || '.'}\` holds a lone surrogate: not valid Unicode text`)
    if (member !== undefined) copy[key] = freeze(member, `${path}/${key}`, depth + 1)
  }
  return Object.freeze(copy)
}

/** Whether `value` is an object with members: neither null nor an array. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The integer beyond 2^53, of 64 bits, that a text carries as its digits alone; `undefined` for every other text. */
export function longOf(text: string): bigint | undefined {
  if (!/^-?[1-9]\d{15,18}$/.test(text) || Number.isSafeInteger(Number(text))) return undefined
  const value = BigInt(text)
  return BigInt.asIntN(64, value) === value ? value : undefined
}

/** The value with every string in it, keys included, changed by `change`; nothing else is touched. */
export function mapStrings(value: Json, change: (text: string, path: string) => string, path = ''): Json {
  if (typeof value === 'string') return change(value, path)
  if (Array.isArray(value)) return value.map((item: Json, index) => mapStrings(item, change, `${path}/${index}`))
  if (!isObject(value)) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [change(key, `${path}/`), mapStrings(item, change, `${path}/${key}`)]),
  )
}
