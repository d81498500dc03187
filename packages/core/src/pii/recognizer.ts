import type { PatternKind } from './kinds.ts'

/** Where something was found, and how sure that is: offsets in the text that was searched. */
export type Match = readonly [start: number, end: number, score: number]

/**
 * What makes a recognizer look at a place:
 * digits: a run of so many digits begins; `code`: a word with letters and digits in it begins; `pair`: a word of two or four
 * characters stands before `:`, `-` or `.`; a sign: that sign stands there; words: a word begins with one of them.
 */
export type Trigger =
  | 'code'
  | 'pair'
  | '@'
  | ':'
  | '://'
  | '='
  | '-'
  | { readonly digits: readonly [least: number, most: number] }
  | { readonly words: readonly string[] }

/** The trigger of a run of `least` to `most` digits; the last length of all stands for every longer one. */
export function digits(least: number, most: number): Trigger {
  return { digits: [least, most] }
}

export const longestRun = 24

/** Finds one kind of thing, by one shape. */
export interface Recognizer {
  readonly name: string
  readonly kind: PatternKind
  readonly at: Trigger
  /**
   * Looks at one place. `hint` is what the field that holds the text is called, in words. Takes time bounded by a constant:
   * it reads at most `reach` characters on, unless what it finds is one unbroken word or a PEM block, and `back` before.
   */
  readonly find: (text: string, at: number, hint: string) => Match | undefined
}

/** How far from the place where it starts looking a recognizer reads, in characters. */
export const reach = 256
export const back = 64

interface Shape {
  readonly name: string
  readonly kind: PatternKind
  readonly at: Trigger
  /** Sticky. Where it ends in a group named `value`, that is what was found. */
  readonly pattern: RegExp
  readonly score: number
  /** What the match must also satisfy, separators included. */
  readonly valid?: (found: string) => boolean
  /** Words of the neighbourhood that make it likely. */
  readonly near?: RegExp
  /** The score with such a word nearby. */
  readonly nearScore?: number
}

/** A recognizer by regular expression. Without a word of `near` about, a shape of score 0 is nothing. */
export function shape({ name, kind, at, pattern, score, valid, near, nearScore = score }: Shape): Recognizer {
  return {
    name,
    kind,
    at,
    find(text, place, hint) {
      pattern.lastIndex = place
      const found = pattern.exec(text)
      if (!found) return undefined
      const value = found.groups?.value
      const end = place + found[0].length
      const start = end - (value ?? found[0]).length
      if (valid && !valid(value ?? found[0])) return undefined
      const likely = near && isNear(text, start, end, near, hint) ? nearScore : score
      return likely > 0 ? [start, end, likely] : undefined
    },
  }
}

const before = 56
const after = 20

/** What `isNear` read last: several recognizers ask about the same place. */
const lately = { text: '', start: -1, end: -1, before: '', after: '' }

/** Whether one of the words stands shortly before or after, or in the name of the field. `words` sees lower case and spaces. */
export function isNear(text: string, start: number, end: number, words: RegExp, hint: string): boolean {
  if (hint !== '' && words.test(hint)) return true
  if (lately.start !== start || lately.text !== text) {
    lately.text = text
    lately.start = start
    lately.end = -1
    lately.before = inWords(text.slice(Math.max(0, start - before), start))
  }
  if (words.test(lately.before)) return true
  if (lately.end !== end) {
    const rest = text.slice(end, end + after)
    const line = rest.indexOf('\n')
    lately.end = end
    lately.after = inWords(line < 0 ? rest : rest.slice(0, line))
  }
  return words.test(lately.after)
}

/** `userPhone_number` reads `user phone number`. */
export function inWords(text: string): string {
  const apart = /[a-z\d][A-Z]/.test(text) ? text.replace(/([a-z\d])([A-Z])/g, '$1 $2') : text
  return (/[_-]/.test(apart) ? apart.replace(/[_-]/g, ' ') : apart).toLowerCase()
}

/** The digits of a text. */
export function digitsOf(text: string): string {
  return text.replace(/\D/g, '')
}
