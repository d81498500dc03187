import { type CustomRecognizer, createFinder, type Detection, maxTextInTurns, parting, refuseOver } from './detect.ts'
import { jsonPlaces } from './json-places.ts'
import { defaultKinds, literalKind, maskedKinds, nameKinds } from './kinds.ts'
import { findByPieces } from './pieces.ts'
import { type Edit, placing } from './placed.ts'
import { type Said, saidAgain } from './said-again.ts'
import { readingTokens, type Token } from './token.ts'

export type { Edit } from './placed.ts'

export interface Edits {
  readonly edits: readonly Edit[]
  /** What was found in the text, masked or not. */
  readonly found: readonly Detection[]
}

/**
 * Finds what to mask in a text, and pauses between the pieces of a long one. Tokens that are in it already are literals, but for
 * those that `passes` lets through. Names are looked for unless `names` is false, and `named` are found already. Of `said`, which
 * was found elsewhere, every word is found.
 */
export type FindEdits = (
  text: string,
  hint?: string,
  passes?: (token: Token) => boolean,
  names?: boolean,
  named?: readonly Detection[],
  said?: Said,
) => Generator<void, Edits>

export interface EditOptions {
  readonly kinds?: readonly string[]
  /** What to find besides: what they find is masked unless `kinds` leaves it out. */
  readonly recognizers?: readonly CustomRecognizer[]
  readonly minScore?: number
  readonly tokenKinds: ReadonlySet<string>
}

/**
 * Looks for `kinds`, which are `maskedKinds` unless told, and besides for `defaultKinds`, which are found and not masked when they
 * are not among `kinds`.
 */
export function createFindEdits(options: EditOptions): FindEdits {
  const { kinds = maskedKinds, recognizers = [], minScore = 0.5, tokenKinds } = options
  const own = recognizers.filter(({ kind }) => options.kinds?.includes(kind) ?? true)
  const looked = [...new Set([...defaultKinds, ...kinds])]
  const search = createFinder(looked, own)
  const plainly = createFinder(
    looked.filter((kind) => !nameKinds.some((name) => name === kind)),
    own,
  )
  const masked = new Set([...kinds, ...own.map(({ kind }) => kind)])
  const every = defaultKinds.every((kind) => masked.has(kind))

  return function* (text, hint, passes, names = true, named = [], said) {
    refuseOver(text, maxTextInTurns)
    const listed = yield* findByPieces(names ? search : plainly, text, hint)
    const again = said ? yield* saidAgain(text, said, minScore) : []
    const candidates = [...listed, ...(names ? named : []), ...again].filter(({ score }) => score >= minScore)
    const literals = yield* literalsIn(text, tokenKinds, passes)
    const found = yield* parting(candidates)
    if (candidates.length === 0 && literals.length === 0) return { edits: [], found }
    const wanted = every ? found : yield* parting(candidates.filter(({ kind }) => masked.has(kind)))
    return { edits: yield* placing(text, withLiterals(wanted, literals), jsonPlaces()), found }
  }
}

/** The tokens in a raw text, of the kind of literals; of no kind those that stay. */
export function* literalsIn(
  text: string,
  tokenKinds: ReadonlySet<string>,
  passes?: (token: Token) => boolean,
): Generator<void, readonly Detection[]> {
  return (yield* readingTokens(text, tokenKinds)).map((token) => {
    const kind = passes?.(token) ? '' : literalKind
    return { kind, start: token.start, end: token.end, score: 2, recognizer: 'token' }
  })
}

/**
 * Detections and literals that are apart each, put together in reading order: a token that stays is cut out of what was found
 * around it, and a literal becomes part of what it is a part of, so that nothing of a finding is left over beside it.
 */
export function withLiterals(found: readonly Detection[], literals: readonly Detection[]): readonly Detection[] {
  if (literals.length === 0) return found
  const staying = literals.filter(({ kind }) => kind === '')
  const typed = literals.filter(({ kind }) => kind !== '')
  const merged: Detection[] = []
  for (const next of [...without(found, staying), ...typed].sort((a, b) => a.start - b.start || b.end - a.end)) {
    const last = merged.at(-1)
    if (!last || next.start >= last.end) merged.push(next)
    else if (last.start === next.start && last.end === next.end) merged[merged.length - 1] = last.kind === literalKind ? last : next
    else merged[merged.length - 1] = { ...(last.kind === literalKind ? next : last), start: last.start, end: Math.max(last.end, next.end) }
  }
  return [...merged, ...staying].sort((a, b) => a.start - b.start)
}

/** What is left of detections where tokens were cut out of them; both are apart and in reading order. */
function without(found: readonly Detection[], tokens: readonly Detection[]): readonly Detection[] {
  const rest: Detection[] = []
  let index = 0
  for (const each of found) {
    let { start } = each
    while (index < tokens.length && (tokens[index]?.end ?? 0) <= start) index++
    for (let next = index; next < tokens.length && (tokens[next]?.start ?? 0) < each.end; next++) {
      const token = tokens[next]
      if (token && token.start > start) rest.push({ ...each, start, end: token.start })
      start = Math.max(start, token?.end ?? 0)
    }
    if (start < each.end) rest.push({ ...each, start })
  }
  return rest
}

/** The text with a token in the place of each edit. */
export function applyEdits(text: string, edits: readonly Edit[], tokens: readonly string[]): string {
  let masked = ''
  let at = 0
  for (const [index, { start, end, quoted }] of edits.entries()) {
    masked += text.slice(at, start) + (quoted ? `"${tokens[index] ?? ''}"` : (tokens[index] ?? ''))
    at = end
  }
  return masked + text.slice(at)
}
