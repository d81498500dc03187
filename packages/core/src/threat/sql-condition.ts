import { type Found, hit, type Place } from './sql-found.ts'
import { comparison, lastOf, operand, sign } from './sql-grammar.ts'
import type { Token } from './sql-tokens.ts'

/** What follows `or`, `and`, `xor`, `||`, `&&`. */
export function condition(tokens: readonly Token[], from: number, place: Place, signed: boolean): Found {
  const first = operand(tokens, from)
  const { kind, next } = first
  if (kind === 'none') return undefined
  const end = lastOf(tokens)
  if (kind === 'risk') return hit('call', 'certain', end)
  if (kind === 'query')
    return place === 'open' && tokens[from]?.type !== '(' ? hit('subquery', 'bare', end) : hit('subquery', 'certain', end)
  if (place === 'quote' && measures(tokens, from, next)) return undefined
  if (kind === 'open') return place === 'quote' ? hit('break', 'certain', end) : undefined
  const after = tokens[next]
  const exclaimed = place !== 'quote' && sign(after, '!', '?!', '!!', '!!!') && !tokens[next + 1]
  const compared = exclaimed ? -1 : comparison(tokens, next)
  if (compared >= 0) {
    const second = operand(tokens, compared)
    const fixed = second.kind === 'literal' || second.kind === 'open' || second.kind === 'call'
    if (second.kind === 'query' || second.kind === 'risk') return hit('tautology', 'certain', end)
    if (kind === 'literal' && fixed && (!signed || place !== 'open'))
      return hit('tautology', place === 'open' && second.kind === 'open' ? 'bare' : 'certain', end)
    if (place === 'quote')
      return second.kind === 'none' ? hit('break', kind === 'name' ? 'bare' : 'certain', end) : hit('tautology', 'certain', end)
    if (kind === 'call' && fixed) return hit('condition', 'bare', end)
    if (place === 'head' && (fixed || (second.kind === 'name' && tokens[next]?.type === 'sign'))) return hit('tautology', 'bare', end)
    return place === 'head' &&
      (kind === 'literal' || tokens[next]?.type === 'sign') &&
      (!tokens[compared] || (tokens[compared]?.type === '(' && !tokens[compared + 1]))
      ? hit('break', 'bare', end)
      : undefined
  }
  if (kind === 'call' && place !== 'open') return hit('call', 'bare', end)
  const closes = after?.type === 'comment' && empty(after, tokens, next)
  if (place === 'quote') {
    if (closes) return hit('tautology', 'certain', end)
    if (after?.type === 'open') return hit('break', 'certain', end)
    if (after?.type === ';') return hit('break', 'certain', end)
    return !after && kind === 'literal' && tokens[from]?.type !== 'string' ? hit('tautology', 'certain', end) : undefined
  }
  return closes && kind === 'literal' && (place === 'head' || tokens[from]?.type === 'number') ? hit('tautology', 'bare', end) : undefined
}

/** Feet and inches: no dialect lets a quote follow a number at once. */
function measures(tokens: readonly Token[], from: number, next: number): boolean {
  const number = tokens[next - 1]
  const quote = tokens[next]
  return tokens[from]?.type === 'number' && number?.type === 'number' && quote?.type === 'open' && quote.start === number.end
}

/** Whether a comment that drops the rest of a query is no remark of a person. */
export function empty(comment: Token, tokens: readonly Token[], at: number): boolean {
  return at === tokens.length - 1 && comment.end - comment.start < 60
}
