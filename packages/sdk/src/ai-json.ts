import { createHash } from 'node:crypto'
import { freeze, type Json } from '@agentgate/core'

/** The bytes that a value held, by their SHA-256: they cross no gate, and evidence names them by it. */
export type Bytes = Map<string, Uint8Array>

/** What stands in JSON for what JSON has no word for: the one member of an object. */
const marks = { bytes: '$sha256', url: '$url', date: '$date' } as const

/** A member that somebody else named like a mark, or like one that is escaped by another `$`. */
const markLike = /^\$+(?:sha256|url|date)$/

/**
 * A value of the AI SDK as JSON: bytes by their SHA-256, addresses and dates by their text. What is `undefined` or a function is
 * left out. Throws a `TypeError` for anything else that JSON cannot carry.
 */
export function toJson(value: unknown, bytes: Bytes): Json {
  return freeze(plain(value, bytes, 0))
}

function plain(value: unknown, bytes: Bytes, depth: number): unknown {
  if (typeof value === 'function') return undefined
  if (typeof value !== 'object' || value === null || depth > 64) return value
  if (value instanceof Uint8Array) {
    const hash = createHash('sha256').update(value).digest('hex')
    bytes.set(hash, value)
    return { [marks.bytes]: hash }
  }
  if (value instanceof URL) return { [marks.url]: value.href }
  if (value instanceof Date) return { [marks.date]: value.toISOString() }
  if (Array.isArray(value)) return value.map((item: unknown) => plain(item, bytes, depth + 1) ?? null)
  const entries = Object.entries(value).filter(([, item]) => item !== undefined && typeof item !== 'function')
  const alone = entries.length === 1
  return Object.fromEntries(entries.map(([key, item]) => [alone && markLike.test(key) ? `$${key}` : key, plain(item, bytes, depth + 1)]))
}

/** The value that `toJson` made JSON of. Throws a `TypeError` for bytes that it never saw. */
export function fromJson(value: Json, bytes: Bytes): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map((item: Json) => fromJson(item, bytes))
  const entries = Object.entries(value)
  const [[mark, text] = ['', '']] = entries
  if (entries.length === 1 && typeof text === 'string') {
    if (mark === marks.url) return new URL(text)
    if (mark === marks.date) return new Date(text)
    if (mark === marks.bytes) {
      const known = bytes.get(text)
      if (!known) throw new TypeError('A file of the call is not the one that was decided about.')
      return known
    }
  }
  const alone = entries.length === 1
  return Object.fromEntries(entries.map(([key, item]) => [alone && markLike.test(key) ? key.slice(1) : key, fromJson(item, bytes)]))
}
