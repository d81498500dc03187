import type { Place } from './sql-found.ts'
import { isWord } from './sql-tokens.ts'

/** What stands before decides: after letters a word is in running text, after signs or at the start it can begin something. */
export function placeOf(text: string, at: number): Place {
  let before = at - 1
  const least = Math.max(0, at - 40)
  while (before >= least && text.charCodeAt(before) <= 32) before--
  if (before < least) return before < 0 ? 'head' : 'open'
  const code = text.charCodeAt(before)
  if (code === 39 || code === 34 || code === 96) return before === at - 1 || quoteCount(text, before) === 1 ? 'quote' : 'open'
  if (code >= 48 && code <= 57) {
    while (before >= least && isWord(text.charCodeAt(before))) before--
    return before < 0 || '=-/?&(,'.includes(text[before] ?? '') ? 'head' : 'open'
  }
  if (code === 59 || code === 41 || code === 61 || code === 38 || code === 47 || code === 40 || code === 63 || code === 43) return 'head'
  return 'open'
}

function quoteCount(text: string, at: number): number {
  const quote = text[at]
  let count = 0
  for (let index = at; index >= Math.max(0, at - 400); index--) if (text[index] === quote) count++
  return count
}

/**
 * Whether a quote can be one that closes a string begun before the value: the first of its kind, or one more than pair up. In text whose
 * quotes pair up, a later opening quote opens.
 */
export function closing(text: string, at: number): boolean {
  const quote = text[at] ?? ''
  const before = quoteCount(text, at) - 1
  return before === 0 || before % 2 === 1 || odd(text, at)
}

/** Whether the quotes of this kind around here do not pair up (`more`: how many may follow). */
export function odd(text: string, at: number, more = 400): boolean {
  const quote = text[at]
  let count = quoteCount(text, at)
  const last = Math.min(text.length, at + 400)
  if (more === 2) return count === 1 || count % 2 === 1
  for (let index = at + 1; index < last; index++) if (text[index] === quote) count++
  return count % 2 === 1
}
