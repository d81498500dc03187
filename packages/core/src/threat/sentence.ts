import { isSqlSyntax } from './sql-words.ts'

/**
 * Whether the text outside `spans` (sorted, not overlapping) reads as something a person says: at least two words of letters, one of them
 * a word that only grammar needs, or `is` and what something is said to be, or `enough` of any. Words that hold a query together say nothing. Judged on folded text, in one pass, on
 * at most the first 4,000 units outside.
 */
export function isSentence(text: string, spans: readonly { readonly start: number; readonly end: number }[] = [], enough = 5): boolean {
  let words = 0
  let grammar = 0
  let from = 0
  let budget = 4000
  let is = false
  for (const span of [...spans, { start: text.length, end: text.length }]) {
    if (span.end <= from && span.start < text.length) continue
    const part = text.slice(from, Math.min(Math.max(from, span.start), from + budget))
    budget -= part.length
    for (const [piece] of part.matchAll(pieces)) {
      const word = plainWord(piece)
      if (word === undefined) {
        is = piece === 'is'
        continue
      }
      words++
      if (word === 'not') continue
      if (grammarWords.has(word)) grammar++
      else if (is && !compared.has(word)) {
        words++
        grammar++
      }
      is = false
      if ((words >= 2 && grammar >= 1) || words >= enough) return true
    }
    // A word that a span cuts is none.
    from = Math.max(from, span.end)
    if (text.charCodeAt(from - 1) > 32) while (from < text.length && span.end > span.start && text.charCodeAt(from) > 32) from++
  }
  return false
}

/**
 * Whether a message, judged whole, is talk: at least two different words that only grammar needs, wherever they stand, or five words in a row,
 * one of them such a word. On folded text, on at most its first and its last 4,000 units.
 */
export function isTalk(text: string): boolean {
  const found = new Set<string>()
  let run = 0
  let grammar = 0
  for (const part of text.length > 8000 ? [text.slice(0, 4000), text.slice(-4000)] : [text])
    for (const [piece] of part.matchAll(pieces)) {
      const word = plainWord(piece)
      run = word === undefined ? 0 : run + 1
      if (run === 0) grammar = 0
      if (word === undefined || !grammarWords.has(word)) {
        if (run > 4 && grammar > 0) return true
        continue
      }
      found.add(word)
      grammar++
      if (found.size > 1 || run > 4) return true
    }
  return false
}

/** A piece of text as a word of people, its punctuation and what is contracted to it taken off; nothing when it is none. */
function plainWord(piece: string): string | undefined {
  if (piece.length > 60) return undefined
  const word = spoken.test(piece) ? piece : piece.replace(edges, '').replace(contracted, '')
  return spoken.test(word) && !isSqlSyntax(word) ? word : undefined
}

/** What `is` says in queries and scripts. */
const compared: ReadonlySet<string> = new Set(['null', 'unknown', 'true', 'false', 'equal', 'greater', 'less'])

const contracted = /'(?:s|d|ll|re|ve|m|t)$/
const pieces = /\S+/g
const edges = /^["'([*_]{1,3}|["').,;:!?\]*_]{1,3}$/g
// Words of people: letters of any script, at most one hyphen; no digits, no signs of code.
const spoken = /^\p{L}{1,24}(?:-\p{L}{1,24})?$/u

/** Words that carry a sentence and no command or query: articles, pronouns, auxiliaries, question words, courtesies. */
export const grammarWords: ReadonlySet<string> = new Set(
  (
    'an the this that these those my your our their his her its i you we they he she it me us them is are was were be been am do does did ' +
    'have has had will would can could should may might must shall of at with about how what why who which please ' +
    'thanks thank dear said says both but because there here never always just also ththen very too only some each every ' +
    'don doesn isn aren wasn can won ist der die das ein eine und mit bitte was wie le la les des une est que por para el los'
  ).split(' '),
)

/** Words after `from`, `table` and the like that make it English and not a query. */
export const determiners: ReadonlySet<string> = new Set(
  'an the this that these those my your our their his her its each every some any all'.split(' '),
)
