import { type Kept, readKept } from './kept.ts'
import type { Writing } from './token.ts'

/** Where a token stands. */
export interface Place {
  /** How the token itself is spelled, which says what it is embedded in. */
  readonly writing: Writing
  /** How many JSON strings are open there. */
  readonly depth: number
  /** Whether the text is nothing but a JSON document, so that what stands in no string must be a value of JSON. */
  readonly strict: boolean
  /** Whether the text began like a JSON document. */
  readonly document?: boolean
}

/** A kept value as it must be written to stand for itself in its place: no quote in it ever ends a JSON string there. */
export function written(value: string, { writing, depth, strict, document = strict }: Place): string {
  const kept = readKept(value)
  const embedded = writing === 'html' || writing === 'url'
  if (kept.depth === depth && !embedded && (depth > 0 || !strict || !/["{}[\],]/.test(kept.text))) return kept.text
  const meant = meaning(kept)
  // No masked part of a document that stands in no string of it has a quote: such a value is from elsewhere.
  if (depth === 0 && (strict || (document && !embedded && meant.includes('"')))) return kept.number ? meant : JSON.stringify(meant)
  const text = writing === 'html' ? inHtml(meant) : writing === 'url' ? encodeURIComponent(meant.toWellFormed()) : meant
  return inStrings(text, Math.max(depth, writing === 'json' ? 1 : writing === 'json-in-json' ? 2 : 0))
}

/** The text as it is written that many JSON strings deep. */
export function inStrings(text: string, depth: number): string {
  return depth === 0 ? text : inStrings(JSON.stringify(text).slice(1, -1), depth - 1)
}

/** What a text means that is written that many JSON strings deep; `undefined` where it is not written as JSON. */
export function outOfStrings(text: string, depth: number): string | undefined {
  if (depth === 0) return text
  try {
    const value: unknown = JSON.parse(`"${text}"`)
    return typeof value === 'string' ? outOfStrings(value, depth - 1) : undefined
  } catch {
    return undefined
  }
}

function meaning({ text, depth = 0 }: Kept): string {
  return outOfStrings(text, depth) ?? text
}

function inHtml(text: string): string {
  return text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`)
}
