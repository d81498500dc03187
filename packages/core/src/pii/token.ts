import { atOnce } from './turns.ts'

/** How a token is written where it stands, and so how the value must be written that replaces it. */
export type Writing = 'text' | 'json' | 'json-in-json' | 'html' | 'url'

/** A token in a text, in any spelling that models give it. */
export interface Token {
  readonly start: number
  readonly end: number
  /** As the vault knows it: `<SSN_1>`. */
  readonly token: string
  readonly kind: string
  readonly writing: Writing
}

/** The longest spelling that is still read as a token, in characters. */
export const longestToken = 48

const word = '[A-Za-z][A-Za-z0-9]{0,31}'
const name = `(?<kind>${word}(?:\\\\{0,2}_${word}){0,4})\\\\{0,2}_(?<number>[1-9][0-9]{0,8})`
const gap = '[ \\t]{0,2}'
const open = '<|\\\\{1,2}u003c|&(?:lt|#60|#x3c);|%3c'
const close = '>|\\\\{1,2}u003e|\\\\{1,2}>|&(?:gt|#62|#x3e);|%3e'
/** Markdown's own: a backslash before the bracket belongs to the token where others in it show that Markdown put it there. */
const escaped = `\\\\{1,2}<${gap}(?:${name}${gap}\\\\{1,2}>|(?=\\w{1,40}\\\\)${name}${gap}>)`
const spelling = new RegExp(`${numbered(escaped)}|(?<open>${open})${gap}${name}${gap}(?:${close})`, 'gi')

/** The pattern with groups of other names, for a group's name may stand in it once. */
function numbered(pattern: string): string {
  let count = 0
  return pattern.replace(/\?<(kind|number)>/g, (_, group: string) => `?<${group}${Math.floor(count++ / 2)}>`)
}

/**
 * The tokens in a text, in reading order, of the kinds that are known: canonical, or as models rewrite them. `<ssn_1>`,
 * `< SSN_1 >`, `&lt;SSN_1&gt;`, `\u003cSSN_1\u003e`, `%3CSSN_1%3E`, and Markdown's `<SSN\_1>` and `\<SSN\_1>` are all
 * `<SSN_1>`; `<SSN_12>` is not, nor is `<SSN_01>`.
 */
export function readTokens(text: string, kinds: ReadonlySet<string>): readonly Token[] {
  return atOnce(readingTokens(text, kinds))
}

/** How much of a text is read for tokens before others have their turn, and more than any spelling is long. */
const stretch = 65_536
const longestSpelling = 512

/** As `readTokens`, with a pause now and then: see `inTurns`. */
export function* readingTokens(text: string, kinds: ReadonlySet<string>): Generator<void, readonly Token[]> {
  if (!/[<%&\\]/.test(text)) return []
  const tokens: Token[] = []
  for (let from = 0; from < text.length; ) {
    if (from > 0) yield
    const to = from + stretch
    from = Math.max(to, readStretch(text, from, to, kinds, tokens))
  }
  return tokens
}

/** Reads the tokens that begin in a stretch, and answers where the last spelling ends. */
function readStretch(text: string, from: number, to: number, kinds: ReadonlySet<string>, tokens: Token[]): number {
  const whole = text.length <= stretch
  let read = from
  for (const found of (whole ? text : text.slice(from, to + longestSpelling)).matchAll(spelling)) {
    const start = from + found.index
    if (start >= to) break
    read = start + found[0].length
    const {
      kind0,
      kind1,
      number0,
      number1,
      open = '<',
      kind = kind0 ?? kind1 ?? '',
      number = number0 ?? number1 ?? '',
    } = found.groups ?? {}
    const known = kind.replaceAll('\\', '').toUpperCase()
    if (found[0].length > longestToken || !kinds.has(known)) continue
    tokens.push({ start, end: read, token: `<${known}_${number}>`, kind: known, writing: writingOf(open) })
  }
  return read
}

function writingOf(open: string): Writing {
  if (open.startsWith('&')) return 'html'
  if (open.startsWith('%')) return 'url'
  if (open.startsWith('\\\\')) return 'json-in-json'
  return open.startsWith('\\') ? 'json' : 'text'
}

/** What a spelling may begin with, up to where it stops being one. */
const beginning = new RegExp(
  '^(?:\\\\{0,2}$|\\\\{1,2}u(?:0(?:0(?:3$|$)|$)|$)|&(?:l(?:t$|$)|#(?:6(?:0$|$)|x(?:3(?:c$|$)|$)|$)|$)|%(?:3$|$)' +
    `|(?:\\\\{0,2}<|\\\\{1,2}u003c|&(?:lt|#60|#x3c);|%3c)${gap}(?:$|[A-Za-z][A-Za-z0-9]{0,31}(?:\\\\{0,2}_[A-Za-z0-9]{0,31}){0,5}${gap}(?:$|\\\\{1,2}(?:u(?:0(?:0(?:3$|$)|$)|$)|$)|&(?:g(?:t$|$)|#(?:6(?:2$|$)|x(?:3(?:e$|$)|$)|$)|$)|%(?:3$|$))))`,
  'i',
)

/** From where on the end of a text may be a token that is not complete yet; its length when there is none. */
export function unfinishedToken(text: string): number {
  for (let at = Math.max(0, text.length - longestToken + 1); at < text.length; at++) {
    if ('<&%\\'.includes(text.charAt(at)) && beginning.test(text.slice(at))) return at
  }
  return text.length
}
