import { apart, createFinder, type Detection, maxTextInTurns, refuseOver } from './detect.ts'
import { jsonStrings } from './json-text.ts'
import { keptVerbatim } from './kept.ts'
import { defaultKinds, literalKind } from './kinds.ts'
import { findByPieces } from './pieces.ts'
import { readTokens, type Token, write } from './token.ts'

/** A part of a text that a token is to stand for. */
export interface Edit {
  readonly start: number
  readonly end: number
  readonly kind: string
  /** What the vault is to keep, see `kept.ts`. */
  readonly value: string
}

export interface Edits {
  readonly edits: readonly Edit[]
  /** What was found in the text, masked or not. */
  readonly found: readonly Detection[]
}

/**
 * Finds what to mask in a text, and pauses between the pieces of a long one. Tokens that are in it already are literals, but for
 * those that `passes` lets through.
 */
export type FindEdits = (text: string, hint?: string, passes?: (token: Token) => boolean) => Generator<void, Edits>

export interface EditOptions {
  readonly kinds?: readonly string[]
  readonly minScore?: number
  readonly tokenKinds: ReadonlySet<string>
}

/** Looks for `kinds`, and besides for `defaultKinds`, which are found and not masked when they are not among `kinds`. */
export function createFindEdits(options: EditOptions): FindEdits {
  const { kinds = defaultKinds, minScore = 0.5, tokenKinds } = options
  const search = createFinder([...new Set([...defaultKinds, ...kinds])])
  const masked = new Set(kinds)
  const every = defaultKinds.every((kind) => masked.has(kind))

  return function* (text, hint, passes) {
    refuseOver(text, maxTextInTurns)
    const candidates = (yield* findByPieces(search, text, hint)).filter(({ score }) => score >= minScore)
    const literals = literalsIn(text, tokenKinds, passes)
    const found = apart(candidates)
    if (candidates.length === 0 && literals.length === 0) return { edits: [], found }
    const chosen = every && literals.length === 0 ? found : apart([...candidates.filter(({ kind }) => masked.has(kind)), ...literals])
    return { edits: editsOf(text, chosen, jsonStrings(text)), found }
  }
}

/** The tokens in a raw text, as detections that beat every other. */
export function literalsIn(text: string, tokenKinds: ReadonlySet<string>, passes?: (token: Token) => boolean): readonly Detection[] {
  return readTokens(text, tokenKinds).map((token) => {
    const kind = passes?.(token) ? '' : literalKind
    return { kind, start: token.start, end: token.end, score: 2, recognizer: 'token' }
  })
}

/** What to keep for each detection; nothing for those that pass. */
export function editsOf(text: string, chosen: readonly Detection[], inString: (at: number) => boolean): readonly Edit[] {
  return chosen
    .filter(({ kind }) => kind !== '')
    .map(({ kind, start, end }) => {
      const written = text.slice(start, end)
      return { start, end, kind, value: inString(start) ? unescaped(written) : written }
    })
}

/** What stands written in a JSON string, if writing it again gives the same; otherwise as it is written. */
function unescaped(written: string): string {
  if (JSON.stringify(written).length === written.length + 2) return written
  try {
    const value: unknown = JSON.parse(`"${written}"`)
    if (typeof value === 'string' && !value.startsWith('\0') && write(value, 'json') === written) return value
  } catch {}
  return keptVerbatim(written)
}

/** The text with a token in the place of each edit. */
export function applyEdits(text: string, edits: readonly Edit[], tokens: readonly string[]): string {
  let masked = ''
  let at = 0
  for (const [index, { start, end }] of edits.entries()) {
    masked += text.slice(at, start) + (tokens[index] ?? '')
    at = end
  }
  return masked + text.slice(at)
}
