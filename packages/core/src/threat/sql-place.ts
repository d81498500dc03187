import type { Place } from './sql-found.ts'
import type { Source } from './sql-source.ts'
import { isWord } from './sql-tokens.ts'

/** What stands before decides: after letters a word is in running text, after signs or at the start it can begin something. */
export function placeOf({ text, quotes }: Source, at: number): Place {
  let before = at - 1
  const least = Math.max(0, at - 40)
  while (before >= least && text.charCodeAt(before) <= 32) before--
  if (before < least) return before < 0 ? 'head' : 'open'
  const code = text.charCodeAt(before)
  if (code === 39 || code === 34 || code === 96) return before === at - 1 || quotes.upTo(before) === 1 ? 'quote' : 'open'
  if (code >= 48 && code <= 57) {
    while (before >= least && isWord(text.charCodeAt(before))) before--
    return before < 0 || '=-/?&(,'.includes(text[before] ?? '') ? 'head' : 'open'
  }
  if (code === 59 || code === 41 || code === 61 || code === 38 || code === 47 || code === 40 || code === 63 || code === 43) return 'head'
  return 'open'
}

/**
 * Whether a quote can be one that closes a string begun before the value: the first of its kind, or one more than pair up. In text whose
 * quotes pair up, a later opening quote opens.
 */
export function closing(source: Source, at: number): boolean {
  const before = source.quotes.upTo(at) - 1
  return before === 0 || before % 2 === 1 || odd(source, at)
}

/** Whether the quotes of this kind around here do not pair up. */
export function odd({ quotes }: Source, at: number): boolean {
  return (quotes.upTo(at) + quotes.after(at)) % 2 === 1
}

/** Whether the quotes of this kind up to here do not pair up. */
export function oddSoFar({ quotes }: Source, at: number): boolean {
  return quotes.upTo(at) % 2 === 1
}
