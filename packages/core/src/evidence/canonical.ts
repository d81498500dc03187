import { type Json, maxDepth } from '../json.ts'

/**
 * The canonical form of RFC 8785 (JCS): equal values have equal text, whoever writes it.
 *
 * Throws a `TypeError` for what has no such form: NaN, infinities, lone surrogates, `undefined`, class instances, more
 * than 64 levels. Runs in Node and in browsers.
 */
export function canonical(value: Json): string {
  return write(value, 0)
}

/** Parses `text` only if it is the canonical form of what it says; throws a `TypeError` or `SyntaxError` otherwise. */
export function parseCanonical(text: string): Json {
  const value = JSON.parse(text) as Json
  if (canonical(value) !== text) throw new TypeError('The text is not in canonical form (RFC 8785).')
  return value
}

function write(value: unknown, depth: number): string {
  if (value === null || typeof value === 'boolean') return String(value)
  if (typeof value === 'string') return writeString(value)
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new TypeError(`${value} has no canonical form: JSON has no such number`)
    return String(value) // ECMAScript's Number::toString is what RFC 8785, section 3.2.2.3, prescribes; -0 is `0`
  }
  if (typeof value !== 'object') throw new TypeError(`A value of type ${typeof value} has no canonical form: not JSON`)
  if (depth >= maxDepth) throw new TypeError(`A value nested deeper than ${maxDepth} levels has no canonical form`)
  if (Array.isArray(value)) return `[${Array.from(value, (item: unknown) => write(item, depth + 1)).join(',')}]`
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) throw new TypeError('A class instance has no canonical form: not JSON')
  // Sorting without a comparison goes by UTF-16 code units, as section 3.2.3 wants it.
  const members = Object.keys(value).sort()
  let text = ''
  for (const key of members)
    text += `${text === '' ? '{' : ','}${nameOf(key)}${write((value as { [key: string]: unknown })[key], depth + 1)}`
  return text === '' ? '{}' : `${text}}`
}

/** Names of members as they are written, with their colon: the same few come again and again. */
const names = new Map<string, string>()

function nameOf(key: string): string {
  const known = names.get(key)
  if (known !== undefined) return known
  const name = `${writeString(key)}:`
  if (names.size < 1_000 && key.length <= 40) names.set(key, name)
  return name
}

function writeString(text: string): string {
  if (!text.isWellFormed()) throw new TypeError('A lone surrogate has no canonical form: not valid Unicode text')
  return JSON.stringify(text)
}
