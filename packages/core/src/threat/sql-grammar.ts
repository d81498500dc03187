import { determiners } from './sentence.ts'
import type { Token } from './sql-tokens.ts'
import { sqlWords } from './sql-words.ts'

/** Whether a token is an operator, one of `signs` when some are given. */
export const sign = (token: Token | undefined, ...signs: string[]): boolean =>
  token?.type === 'sign' && (signs.length === 0 || signs.includes(token.text))

/** Whether a token is a word, one of `words` when some are given. */
export const word = (token: Token | undefined, ...words: string[]): boolean =>
  token?.type === 'word' && (words.length === 0 || words.includes(token.text))

/** What SQL uses a word for. */
export const kindOf = (token: Token | undefined): string | undefined => (token?.type === 'word' ? sqlWords.get(token.text) : undefined)

/** Where the token at `index`, or the last one, ends. */
export const endOf = (tokens: readonly Token[], index: number): number => tokens[Math.min(index, tokens.length - 1)]?.end ?? 0

/** Where the payload ends when the rest of the statement belongs to it. */
export const lastOf = (tokens: readonly Token[]): number => tokens[tokens.length - 1]?.end ?? 0

/** What stands where a condition wants a value, and the token after it. */
export type Operand = { readonly kind: 'literal' | 'name' | 'call' | 'risk' | 'query' | 'open' | 'none'; readonly next: number }

/** Reads one value, with its signs, parentheses and arithmetic. */
export function operand(tokens: readonly Token[], from: number, depth = 0): Operand {
  let at = from
  let opened = 0
  for (let more = true; more; ) {
    const token = tokens[at]
    more =
      token?.type === '(' ||
      sign(token, '+', '-', '!', '~', '--', '!!', '!-') ||
      word(token, 'not', 'binary', 'distinct', 'all', 'any', 'exists')
    if (token?.type === '(') opened++
    if (more) at++
  }
  const token = tokens[at]
  let kind: Operand['kind'] = 'none'
  let next = at + 1
  if (!token) return { kind: 'none', next: at }
  if (token.type === 'number' || token.type === 'string') kind = 'literal'
  else if (token.type === 'open') kind = 'open'
  else if (token.type === 'variable' || token.type === '{') kind = token.type === '{' ? 'query' : 'name'
  else if (token.type === 'word') {
    const known = sqlWords.get(token.text)
    const called = tokens[next]?.type === '('
    if (word(token, 'select') && (opened > 0 || sqlEvidence(tokens, next))) kind = 'query'
    else if (word(token, 'case') && word(tokens[next], 'when')) kind = 'query'
    else if (word(token, 'if') && called) kind = 'query'
    else if (known === 'risk' && (called || tokens[next]?.type === '.')) kind = 'risk'
    else if (called && (known === 'call' || known === 'value' || word(token, 'isnull'))) kind = 'call'
    else if (known === 'value') kind = 'literal'
    else if (word(token, 'is', 'in', 'between') || known === 'logic' || known === 'clause' || known === 'set' || known === 'start')
      return { kind: 'none', next: at }
    else kind = 'name'
    if (called) next = skipParens(tokens, next)
    while (tokens[next]?.type === '.' && tokens[next + 1]?.type === 'word') {
      next += 2
      if (tokens[next]?.type === '(') next = skipParens(tokens, next)
    }
  } else if (sign(token, '?', '*', ':')) kind = 'name'
  else return { kind: 'none', next: at }
  while (tokens[next]?.type === ')') next++
  while (sign(tokens[next], '::') && tokens[next + 1]?.type === 'word') next += 2
  if (depth < 6 && (sign(tokens[next], '+', '-', '*', '/', '%', '^', '|') || word(tokens[next], 'div', 'mod', 'collate'))) {
    const more = operand(tokens, next + 1, depth + 1)
    if (more.kind === 'query' || more.kind === 'risk' || more.kind === 'call') return more
    if (more.kind !== 'none')
      return { kind: more.kind === 'open' ? 'open' : kind === 'name' ? 'name' : more.kind === 'name' ? 'name' : kind, next: more.next }
  }
  return { kind, next }
}

function skipParens(tokens: readonly Token[], from: number): number {
  let depth = 0
  let at = from
  for (; at < tokens.length; at++) {
    if (tokens[at]?.type === '(') depth++
    else if (tokens[at]?.type === ')' && --depth === 0) return at + 1
  }
  return at
}

/** The token after the comparison at `at`, or -1. */
export function comparison(tokens: readonly Token[], at: number): number {
  const token = tokens[at]
  // A question ends with what some dialect compares with.
  if (sign(token, '?') && !tokens[at + 1]) return -1
  if (token?.type === 'sign' && /^[=<>!~@?&|#-]/.test(token.text) && token.text !== '-') return at + 1
  if (kindOf(token) === 'compare') {
    let next = at + 1
    while (word(tokens[next], 'not', 'like', 'to', 'all', 'any', 'distinct', 'from')) next++
    return next
  }
  if (word(token, 'not') && kindOf(tokens[at + 1]) === 'compare') return comparison(tokens, at + 1)
  return -1
}

/** Whether what follows `select` is a list of columns and not an English phrase. */
export function sqlEvidence(tokens: readonly Token[], from: number): boolean {
  let at = from
  while (word(tokens[at], 'all', 'distinct', 'top')) at++
  const first = tokens[at]
  if (!first) return false
  if (sign(first, '*') || first.type === 'variable' || first.type === 'string') return true
  const after = tokens[at + 1]
  if (first.type === '(' || sign(first, '-', '+', '~', '!'))
    return after?.type !== 'word' ? after !== undefined : kindOf(after) !== undefined || tokens[at + 2]?.type === ')'
  if (first.type === 'number')
    return !after || after.type === ',' || after.type === 'comment' || after.type === ';' || sign(after) || word(after, 'from', 'union')
  if (first.type !== 'word') return false
  if (word(first, 'null', 'case', 'if')) return !determiners.has(after?.text ?? '')
  if (after?.type === '(' || sign(after, '+', '||', '*', '=')) return kindOf(first) !== undefined || sign(after)
  if (after?.type === '.') return tokens[at + 2]?.type === 'word' || sign(tokens[at + 2], '*')
  if (after?.type === ',')
    return tokens
      .slice(at)
      .some(
        (token, index, rest) => word(token, 'from') && rest[index + 1]?.type !== undefined && !determiners.has(rest[index + 1]?.text ?? ''),
      )
  if (word(after, 'from')) {
    const source = tokens[at + 2]
    const rest = tokens[at + 3]
    if (source?.type === '(' || source?.type === 'string') return true
    if (source?.type !== 'word' || determiners.has(source.text)) return false
    return (
      !rest ||
      rest.type === ';' ||
      rest.type === '.' ||
      rest.type === 'comment' ||
      rest.type === '(' ||
      word(rest, 'where', 'limit', 'order', 'group', 'union', 'join')
    )
  }
  return false
}

/** Whether both sides of a comparison are fixed, so that it is always true or always false. */
export function literalPair(tokens: readonly Token[]): boolean {
  const first = operand(tokens, 0)
  if (first.kind !== 'literal') return false
  const compared = comparison(tokens, first.next)
  const second = compared < 0 ? undefined : operand(tokens, compared)
  return second?.kind === 'literal' || second?.kind === 'query' || second?.kind === 'risk'
}

/** Whether a function or variable stands here that only attacks name. */
export const risky = (tokens: readonly Token[]): boolean =>
  tokens.some((token, index) => kindOf(token) === 'risk' && tokens[index + 1]?.type === '(') ||
  tokens.some((token) => token.type === 'variable')
