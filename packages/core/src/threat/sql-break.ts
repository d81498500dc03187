import { determiners, isSentence } from './sentence.ts'
import { condition, empty } from './sql-condition.ts'
import { type Found, hit } from './sql-found.ts'
import { comparison, kindOf, lastOf, operand, sign, word } from './sql-grammar.ts'
import { closing, odd, oddSoFar } from './sql-place.ts'
import type { Source } from './sql-source.ts'
import { joined, statement } from './sql-statement.ts'
import { isWord, runEnd, sqlTokens, type Token } from './sql-tokens.ts'
import { sqlWords } from './sql-words.ts'

/** What follows a quote that closes the string a value was put into. */
export function behindQuote(source: Source, at: number): Found {
  const { text } = source
  let next = at + 1
  while (next < text.length && next < at + 40 && (text.charCodeAt(next) <= 32 || text[next] === ')')) next++
  const code = text.charCodeAt(next)
  if (isWord(code)) {
    const end = runEnd(text, next)
    if (end - next > 12) return undefined
    const kind = sqlWords.get(text.slice(next, end))
    // `or`, `union` and statements are judged where their word stands, knowing the quote before it.
    if (kind === 'logic' || kind === 'set' || text.slice(next, end) === 'not') {
      const tokens = sqlTokens(source, end)
      return kind === 'set'
        ? (joined(tokens, 'quote') ??
            (at === 0 && tokens.length < 3 && !text.includes(text[at] ?? '', 1) ? hit('break', 'bare', text.length) : undefined))
        : closing(source, at)
          ? condition(tokens, 0, 'quote', false)
          : undefined
    }
    if (kind === 'compare') return compareBreak(source, at, sqlTokens(source, next, 12))
    if (kind === 'start' && next <= at + 2 && at === 0 && !text.includes(text[at] ?? '', 1)) {
      const second = sqlTokens(source, end, 2)[0]
      return !isSentence(text) && second ? hit('break', 'bare', text.length) : undefined
    }
    return undefined
  }
  if (code === 59) {
    const tokens = sqlTokens(source, next + 1, 8)
    const first = tokens[0]
    if (
      kindOf(first) === 'start' &&
      (text[next - 1] !== ' ' || statement(source, first?.text ?? '', tokens.slice(1), 'head')) &&
      !plainWords(tokens)
    )
      return hit('stacked', closing(source, at) ? 'certain' : 'bare', lastOf(tokens))
    if (first?.type === 'comment') return hit('comment', 'certain', first.end)
    return !first && text.length < 100 && odd(source, at) && text.charCodeAt(at - 1) > 32 ? hit('break', 'bare', text.length) : undefined
  }
  if (!'-#/|&=<>!+*^%~;'.includes(text[next] ?? ' ')) return undefined
  const tokens = sqlTokens(source, next)
  const first = tokens[0]
  // A comment may stand before the word.
  if (kindOf(first) === 'logic') return condition(tokens, 1, 'quote', false)
  if (first?.type === 'comment') {
    const remark = text.slice(first.start + 2, first.end)
    const attached = first.start === at + 1 || text[first.start - 1] === ')'
    if (!empty(first, tokens, 0) || (attached ? isSentence(remark) : /\p{L}\s+\p{L}/u.test(remark))) return undefined
    if (text[first.start] === '-' && /^--[a-z]/.test(text.slice(first.start, first.start + 3)) && text.charCodeAt(next - 1) <= 32)
      return undefined
    return odd(source, at) || text[next - 1] === ')' ? hit('comment', source.space < at ? 'bare' : 'certain', first.end) : undefined
  }
  if (first?.type !== 'sign') return undefined
  if (sign(first, '||', '&&'))
    return closing(source, at) ? (condition(tokens, 1, 'quote', true) ?? dangling(source, at, tokens)) : undefined
  return closing(source, at) ? dangling(source, at, tokens) : undefined
}

const plainWords = (tokens: readonly Token[]): boolean => tokens.slice(1, 4).filter((token) => determiners.has(token.text)).length > 0

/** An operator behind the quote: `'='`, `'+(select …`, `'^email--`. */
function dangling(source: Source, at: number, tokens: readonly Token[]): Found {
  const value = operand(tokens, 1)
  if (value.kind === 'query' || value.kind === 'risk') return hit('subquery', 'certain', lastOf(tokens))
  if (value.kind === 'open') return tokens[1]?.type === 'open' && oddSoFar(source, at) ? hit('break', 'bare', lastOf(tokens)) : undefined
  const after = tokens[value.next]
  const links = tokens
    .slice(1)
    .some(
      (token) =>
        kindOf(token) === 'logic' || kindOf(token) === 'compare' || (token.type === 'sign' && token.text !== '/' && token.text !== '>'),
    )
  if (
    links &&
    tokens[tokens.length - 1]?.type === 'open' &&
    tokens.filter((token) => token.type === 'word' && !sqlWords.has(token.text)).length < 3
  )
    return hit('break', 'bare', lastOf(tokens))
  if (value.kind === 'none' || sign(tokens[0], '/', '<', '</', '/>', '>')) {
    return sign(tokens[0], '<', '>', '=') && value.kind !== 'none' && after?.type === 'comment'
      ? hit('break', 'bare', lastOf(tokens))
      : undefined
  }
  if (after?.type === 'comment' && empty(after, tokens, value.next)) return hit('break', 'bare', after.end)
  const last = tokens[tokens.length - 1]
  if (sign(after) && last?.type === 'comment' && odd(source, at) && last.end - last.start < 60) return hit('break', 'bare', last.end)
  if (sign(after) && tokens[value.next + 1]?.type === 'open') return hit('break', 'bare', lastOf(tokens))
  return value.kind === 'call' && odd(source, at) ? hit('call', 'bare', lastOf(tokens)) : undefined
}

function compareBreak(source: Source, at: number, tokens: readonly Token[]): Found {
  const next = comparison(tokens, 0)
  const value = operand(tokens, next)
  if (value.kind === 'open' || value.kind === 'query' || value.kind === 'risk')
    return closing(source, at) ? hit('break', 'bare', lastOf(tokens)) : undefined
  const after = tokens[value.kind === 'none' ? next : value.next]
  if (after?.type === 'comment' && empty(after, tokens, tokens.indexOf(after))) return hit('break', 'bare', after.end)
  if ((value.kind === 'literal' || value.kind === 'name') && (sign(after) || kindOf(after) === 'compare') && tokens.at(-1)?.type === 'open')
    return closing(source, at) ? hit('break', 'bare', lastOf(tokens)) : undefined
  return word(tokens[0], 'collate') && !after ? hit('break', 'bare', lastOf(tokens)) : undefined
}
