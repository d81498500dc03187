import type { Source } from './sql-source.ts'

/**
 * A token of SQL: `number`, `string` (closed), `open` (a string that the value leaves open), `word`, `variable`, `sign` (an operator),
 * `comment`, or one of `( ) , ; . { } [ ]` as itself.
 */
export interface Token {
  readonly type:
    | 'number'
    | 'string'
    | 'open'
    | 'word'
    | 'variable'
    | 'sign'
    | 'comment'
    | '('
    | ')'
    | ','
    | ';'
    | '.'
    | '{'
    | '}'
    | '['
    | ']'
  readonly text: string
  readonly start: number
  readonly end: number
}

/** How far one string, comment or run of a token may reach: a judgement looks at a bounded window, so a scan stays linear. */
const reach = 600
/** How far all tokens of one judgement reach together. */
const allReach = 2400

/**
 * The tokens of `text` from `from` on, at most `count`, read as SQL outside of any string. Inline comments and MySQL's version comments are
 * white space; a comment that runs to the end of the line is a token, since it is how an injection drops the rest of the query.
 */
export function sqlTokens({ text, steps }: Source, from: number, count = 24): readonly Token[] {
  const tokens: Token[] = []
  let at = from
  const push = (type: Token['type'], end: number): void => {
    tokens.push({ type, text: type === 'word' || type === 'sign' || type === 'number' ? text.slice(at, end) : '', start: at, end })
    at = end
  }
  const last = Math.min(text.length, from + allReach)
  while (tokens.length < count && at < last) {
    const code = text.charCodeAt(at)
    if (code <= 32 || code === 0xa0 || code >= 0xd800) at++
    else if (isWord(code)) {
      const end = runEnd(text, at)
      push(isNumber(text, at, end) ? 'number' : 'word', numberEnd(text, at, end))
    } else if (code === 39 || code === 34 || code === 96) {
      const end = stringEnd(text, at, code)
      push(end < 0 ? 'open' : 'string', end < 0 ? Math.min(text.length, at + reach) : end)
    } else if (code === 45 && text.charCodeAt(at + 1) === 45) push('comment', lineEnd(text, at))
    else if (code === 35 && !isWord(text.charCodeAt(at - 1)) && jsonSign.test(text.slice(at, at + 3))) push('sign', at + 2)
    else if (code === 35) push('comment', lineEnd(text, at))
    else if (code === 47 && text.charCodeAt(at + 1) === 42) {
      const close = closeOf(text, at)
      const runs = text.charCodeAt(at + 2) === 33
      if (runs) at = versionEnd(text, at + 3)
      else if (close < 0) push('comment', Math.min(text.length, at + reach))
      else at = close
    } else if (code === 42 && text.charCodeAt(at + 1) === 47) at += 2
    else if (code === 64) push('variable', runEnd(text, text.charCodeAt(at + 1) === 64 ? at + 2 : at + 1))
    else if (code === 92) at++
    else {
      const sign = text[at] ?? ''
      if (punctuation(sign)) push(sign, at + 1)
      else push('sign', signEnd(text, at))
    }
  }
  steps.take(10 + at - from + 8 * tokens.length)
  return tokens
}

const jsonSign = /^#[>-]/

function punctuation(sign: string): sign is '(' | ')' | ',' | ';' | '.' | '{' | '}' | '[' | ']' {
  return sign.length === 1 && '(),;.{}[]'.includes(sign)
}

/** Whether a unit can be part of a word: letters of any script, digits, `_`, `$`. */
export function isWord(code: number): boolean {
  return (code >= 97 && code <= 122) || (code >= 48 && code <= 57) || code === 95 || code === 36 || (code > 0xa0 && code < 0xd800)
}

/** Where the word that begins at `at` ends. */
export function runEnd(text: string, at: number): number {
  let end = at
  const last = Math.min(text.length, at + reach)
  while (end < last && isWord(text.charCodeAt(end))) end++
  return end
}

function isNumber(text: string, at: number, end: number): boolean {
  const code = text.charCodeAt(at)
  if (code < 48 || code > 57) return false
  for (let index = at + 1; index < end; index++) {
    const next = text.charCodeAt(index)
    if (next >= 48 && next <= 57) continue
    return (next === 120 || next === 98) && index === at + 1 ? true : next === 101 && end - index <= 4
  }
  return true
}

function numberEnd(text: string, at: number, end: number): number {
  const code = text.charCodeAt(at)
  if (code < 48 || code > 57 || text.charCodeAt(end) !== 46) return end
  const more = runEnd(text, end + 1)
  return more > end + 1 && isNumber(text, end + 1, more) ? more : end
}

function stringEnd(text: string, at: number, quote: number): number {
  const last = Math.min(text.length, at + reach)
  for (let end = at + 1; end < last; end++) {
    const code = text.charCodeAt(end)
    if (code === 92) end++
    else if (code === quote) {
      if (text.charCodeAt(end + 1) !== quote) return end + 1
      end++
    }
  }
  return -1
}

function lineEnd(text: string, at: number): number {
  const last = Math.min(text.length, at + reach)
  let end = at
  while (end < last && text.charCodeAt(end) !== 10) end++
  return end
}

function closeOf(text: string, at: number): number {
  const last = Math.min(text.length, at + reach)
  for (let end = at + 2; end < last; end++) if (text.charCodeAt(end) === 42 && text.charCodeAt(end + 1) === 47) return end + 2
  return -1
}

function versionEnd(text: string, at: number): number {
  let end = at
  while (end < at + 6 && text.charCodeAt(end) >= 48 && text.charCodeAt(end) <= 57) end++
  return end
}

function signEnd(text: string, at: number): number {
  let end = at + 1
  while (end < at + 3 && '=<>!|&~@?-:*'.includes(text[end] ?? ' ') && !(text[end] === '-' && text[end + 1] === '-')) end++
  return end
}
