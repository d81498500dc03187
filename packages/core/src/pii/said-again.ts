import type { Detection } from './detection.ts'
import { readKept } from './kept.ts'
import { literalKind, nameKinds } from './kinds.ts'
import type { Edit } from './placed.ts'
import { meter } from './turns.ts'

/** Values of one word with a digit in it, and their kinds: such as only what stood around them gave away. */
export type Said = ReadonlyMap<string, string>

const unsearched: ReadonlySet<string> = new Set(['', literalKind, ...nameKinds])
const oneWord = /^(?=[^\d]*\d)(?:[\p{L}\d]+(?:-[\p{L}\d]+)*)$/u
const word = /[\p{L}\d]+(?:-[\p{L}\d]+)*/gu
/** Shorter words stand for too much. */
export const shortestSaid = 6
const longest = 64
const stretch = 65_536
/** So many are looked for one by one first, which is faster than word by word. */
const few = 16

/** What edits take the place of, or a vault keeps, as far as it would be known again elsewhere. */
export function saidIn(edits: readonly Pick<Edit, 'kind' | 'value'>[]): Said {
  const said = new Map<string, string>()
  for (const { kind, value } of edits) {
    if (unsearched.has(kind) || value.length > 2 * longest) continue
    const { text } = readKept(value)
    if (text.length >= shortestSaid && text.length <= longest && oneWord.test(text)) said.set(text, kind)
  }
  return said
}

/** Where these values stand in a text as words of their own. It pauses now and then: see `inTurns`. */
export function* saidAgain(text: string, said: Said, score: number): Generator<void, readonly Detection[]> {
  if (said.size <= few && !Array.from(said.keys()).some((value) => text.includes(value))) return []
  const found: Detection[] = []
  const enough = meter()
  let read = 0
  for (const match of text.matchAll(word)) {
    if (match.index - read > stretch) {
      if (enough(match.index - read)) yield
      read = match.index
    }
    const kind = said.get(match[0])
    if (kind !== undefined) found.push({ kind, start: match.index, end: match.index + match[0].length, score, recognizer: 'said-again' })
  }
  return found
}

/** Those of the values that stand in a text beside its edits, which are apart and in reading order. */
export function* stillIn(text: string, edits: readonly Edit[], said: Said): Generator<void, Said> {
  const left = new Map<string, string>()
  let next = 0
  for (const { start, end, kind } of yield* saidAgain(text, said, 1)) {
    while ((edits[next]?.end ?? Infinity) <= start) next++
    if ((edits[next]?.start ?? Infinity) >= end) left.set(text.slice(start, end), kind)
  }
  return left
}
