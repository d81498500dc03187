import type { Hit, Weight } from './kind.ts'
import { determiners, isSentence } from './sentence.ts'
import { isWord, runEnd, sqlTokens, type Token } from './sql-tokens.ts'
import { sqlObjects, sqlWords, tradeWords } from './sql-words.ts'

/** Where a judgement begins: behind a quote, at a place a value or statement can begin, or anywhere in running text. */
type Place = 'quote' | 'head' | 'open'
type Found = { readonly rule: string; readonly weight: Weight; readonly end: number } | undefined

/**
 * Finds SQL that is put where a value was expected: what closes a string and goes on, conditions that are always true, joined and stacked
 * statements, functions that wait, read files or run commands. Reads the language from each place where an injection can begin, at most
 * two dozen tokens ahead; running text, names with apostrophes and quoted search terms have no such place.
 */
export function sql(text: string, hits: Hit[]): void {
  const term = quotedTerm.exec(text)
  if (term?.[2] !== undefined) {
    // Quotes around a whole value close nothing; what they hold is a value of its own.
    const found: Hit[] = []
    sql(term[2], found)
    for (const hit of found) hits.push({ ...hit, start: hit.start + 1, end: hit.end + 1 })
    return
  }
  scan(text, hits, false)
  if (text.includes('/*')) {
    const found: Hit[] = []
    scan(text.replace(/\/\*[^*]{0,80}\*\//g, ''), found, false)
    // Words cut in two by comments have no place of their own in the value.
    if (hits.length === 0) for (const hit of found) hits.push({ ...hit, start: 0, end: text.length })
  }
}

const quotedTerm = /^(["'])(\w[^"']{0,200})\1$/

/** What an injection adds to a query that the value was meant to be: all the rest of SQL is expected there. */
const added = new Set('tautology stacked wait file exec call comment flood'.split(' '))

/** `sql` for a value that is a query: quotes open and close its own strings, and its statements are what it is for. */
export function sqlQuery(text: string, hits: Hit[]): void {
  scan(text, hits, true)
  const dropped = /['"]\s{0,4}(?:--|#)[^\n'"]{0,200}['"]|\/\*!\d{0,6}\s{0,4}(?:union|select|or|and|drop)\b/.exec(text)
  if (dropped)
    hits.push({
      kind: 'sql_injection',
      detector: 'sql-comment',
      start: dropped.index,
      end: dropped.index + dropped[0].length,
      weight: 'certain',
    })
}

/** How many places of one text are judged; a text with more is not made of words, and what it hides could not be told in time. */
const flood = 20_000

function scan(text: string, hits: Hit[], query: boolean): void {
  let past = 0
  let judged = 0
  const add = (start: number, found: Found): void => {
    if (!found || (query && !added.has(found.rule))) return
    hits.push({ kind: 'sql_injection', detector: `sql-${found.rule}`, start, end: Math.min(text.length, found.end), weight: found.weight })
    past = Math.max(past, Math.min(found.end, start + 2000))
  }
  for (let at = 0; at < text.length && hits.length < 100; ) {
    const code = text.charCodeAt(at)
    if (isWord(code)) {
      const end = runEnd(text, at)
      const size = end - at
      if (at >= past && size > 1 && size < 30 && known[shape(text, at, size)] === 1) {
        const word = text.slice(at, end)
        const kind = sqlWords.get(word)
        if (kind !== undefined && plausible(text, at, end, word, kind)) {
          if (++judged > flood) return add(at, hit('flood', 'certain', text.length))
          add(at, judgeWord(text, at, end, word, kind, query))
        }
      }
      at = end
      continue
    }
    if (at >= past) {
      if (code === 39 || code === 34 || code === 96) {
        if (!query) add(at, behindQuote(text, at))
      } else if (code === 59) {
        if (letterAhead(text, at + 1)) add(at, stacked(text, at))
      } else if (!query && (code === 124 || code === 38) && text.charCodeAt(at + 1) === code && text.charCodeAt(at + 2) !== code)
        add(at, condition(sqlTokens(text, at + 2), 0, placeOf(text, at), true))
      else if (code === 64 && text.charCodeAt(at + 1) === 64) add(at, systemVariable(text, at))
      else if (code === 58 && text.charCodeAt(at + 1) === 58) add(at, castTo(text, at))
    }
    at++
  }
  if (!query && hits.length === 0 && text.length < 200) add(0, whole(text))
}

/** Whether a word follows after blanks. */
function letterAhead(text: string, from: number): boolean {
  let at = from
  while (at < from + 40 && text.charCodeAt(at) <= 32) at++
  return isWord(text.charCodeAt(at)) || text[at] === '/'
}

/** Beginnings and lengths that words of SQL have: most words of a text are told apart by it without being cut out. */
const known = new Uint8Array(1 << 14)
const shape = (text: string, at: number, size: number): number =>
  ((text.charCodeAt(at) & 31) << 9) | ((text.charCodeAt(at + 1) & 31) << 4) | Math.min(size, 15)
for (const word of sqlWords.keys()) known[shape(word, 0, word.length)] = 1

/** Verbs that are judged even where they stand in running text. */
const openVerbs = new Set(
  'insert update delete exec execute declare waitfor load copy grant revoke if handler attach backup replace'.split(' '),
)
const operands = new Set('select case if not exists binary distinct all any null true false'.split(' '))

/** Whether what follows a word at once leaves it open that this is SQL: ordinary words are let go before anything is cut into tokens. */
function plausible(text: string, start: number, end: number, word: string, kind: string): boolean {
  if (kind === 'risk') return true
  if (kind === 'compare' || kind === 'value') return false
  let next = end
  while (next < end + 40 && text.charCodeAt(next) <= 32) next++
  const code = text.charCodeAt(next)
  const inWords = isWord(code) && (code < 48 || code > 57)
  if (kind === 'call') return code === 40
  if (kind === 'logic') {
    if (!inWords || placeOf(text, start) !== 'open') return true
    const following = text.slice(next, runEnd(text, next))
    const role = sqlWords.get(following)
    return operands.has(following) || role === 'risk' || role === 'call'
  }
  if (word === 'if') return code === 40
  if (kind === 'start') return openVerbs.has(word) || placeOf(text, start) !== 'open'
  if (kind !== 'clause') return true
  switch (word) {
    case 'as':
      return text.length < 100
    case 'from':
      return code === 40 || start === 0
    case 'into':
      return code === 111 || code === 100
    case 'when':
    case 'where':
    case 'having':
      return !inWords || placeOf(text, start) === 'quote'
    case 'order':
    case 'group':
      return code === 98
    default:
      return word === 'limit' || word === 'procedure' || word === 'case'
  }
}

function judgeWord(text: string, at: number, end: number, word: string, kind: string, query: boolean): Found {
  switch (kind) {
    case 'logic': {
      const found = condition(sqlTokens(text, end), 0, query ? 'open' : placeOf(text, at), false)
      // `where 1=1 and …` is how queries are put together; `or 1=1` is how they are taken apart.
      return found && word === 'and' && found.rule === 'tautology' ? { ...found, rule: 'constant' } : found
    }
    case 'set':
      return joined(sqlTokens(text, end, 8), placeOf(text, at))
    case 'start':
      return statement(text, word, sqlTokens(text, end, 14), placeOf(text, at))
    case 'clause':
      return clause(text, at, word, sqlTokens(text, end, 16), placeOf(text, at))
    case 'risk':
      return risk(text, word, end, placeOf(text, at))
    case 'call':
      return call(text, word, end)
    default:
      return undefined
  }
}

/** What stands before decides: after letters a word is in running text, after signs or at the start it can begin something. */
function placeOf(text: string, at: number): Place {
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

const sign = (token: Token | undefined, ...signs: string[]): boolean =>
  token?.type === 'sign' && (signs.length === 0 || signs.includes(token.text))
const word = (token: Token | undefined, ...words: string[]): boolean =>
  token?.type === 'word' && (words.length === 0 || words.includes(token.text))
const kindOf = (token: Token | undefined): string | undefined => (token?.type === 'word' ? sqlWords.get(token.text) : undefined)
const hit = (rule: string, weight: Weight, end: number): Found => ({ rule, weight, end })
const endOf = (tokens: readonly Token[], index: number): number => tokens[Math.min(index, tokens.length - 1)]?.end ?? 0
/** Where the payload ends when the rest of the statement belongs to it. */
const lastOf = (tokens: readonly Token[]): number => tokens[tokens.length - 1]?.end ?? 0

type Operand = { readonly kind: 'literal' | 'name' | 'call' | 'risk' | 'query' | 'open' | 'none'; readonly next: number }

function operand(tokens: readonly Token[], from: number, depth = 0): Operand {
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
    else if (called && (known === 'call' || known === 'value')) kind = 'call'
    else if (known === 'value') kind = 'literal'
    else if (known === 'logic' || known === 'clause' || known === 'set' || known === 'start') return { kind: 'none', next: at }
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

function comparison(tokens: readonly Token[], at: number): number {
  const token = tokens[at]
  if (token?.type === 'sign' && /^[=<>!~@?&|#-]/.test(token.text) && token.text !== '-') return at + 1
  if (kindOf(token) === 'compare') {
    let next = at + 1
    while (word(tokens[next], 'not', 'like', 'to', 'all', 'any', 'distinct', 'from')) next++
    return next
  }
  if (word(token, 'not') && kindOf(tokens[at + 1]) === 'compare') return comparison(tokens, at + 1)
  return -1
}

/** What follows `or`, `and`, `xor`, `||`, `&&`. */
function condition(tokens: readonly Token[], from: number, place: Place, signed: boolean): Found {
  const first = operand(tokens, from)
  const { kind, next } = first
  if (kind === 'none') return undefined
  const end = lastOf(tokens)
  if (kind === 'risk') return hit('call', 'certain', end)
  if (kind === 'query')
    return place === 'open' && tokens[from]?.type !== '(' ? hit('subquery', 'bare', end) : hit('subquery', 'certain', end)
  if (kind === 'open') return place === 'quote' ? hit('break', 'certain', end) : undefined
  const after = tokens[next]
  const compared = comparison(tokens, next)
  if (compared >= 0) {
    const second = operand(tokens, compared)
    const fixed = second.kind === 'literal' || second.kind === 'open' || second.kind === 'call'
    if (second.kind === 'query' || second.kind === 'risk') return hit('tautology', 'certain', end)
    if (kind === 'literal' && fixed && (!signed || place !== 'open'))
      return hit('tautology', place === 'open' && second.kind === 'open' ? 'bare' : 'certain', end)
    if (place === 'quote')
      return second.kind === 'none' ? hit('break', kind === 'name' ? 'bare' : 'certain', end) : hit('tautology', 'certain', end)
    if (kind === 'call' && fixed) return hit('condition', 'bare', end)
    if (place === 'head' && (fixed || second.kind === 'name')) return hit('tautology', 'bare', end)
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

/** Whether a comment that drops the rest of a query is no remark of a person. */
function empty(comment: Token, tokens: readonly Token[], at: number): boolean {
  return at === tokens.length - 1 && comment.end - comment.start < 60
}

/** What follows a quote that closes the string a value was put into. */
function behindQuote(text: string, at: number): Found {
  let next = at + 1
  while (next < text.length && next < at + 40 && (text.charCodeAt(next) <= 32 || text[next] === ')')) next++
  const code = text.charCodeAt(next)
  if (isWord(code)) {
    const end = runEnd(text, next)
    if (end - next > 12) return undefined
    const kind = sqlWords.get(text.slice(next, end))
    // `or`, `union` and statements are judged where their word stands, knowing the quote before it.
    if (kind === 'logic' || kind === 'set' || text.slice(next, end) === 'not') {
      const tokens = sqlTokens(text, end)
      return kind === 'set'
        ? (joined(tokens, 'quote') ??
            (at === 0 && tokens.length < 3 && !text.includes(text[at] ?? '', 1) ? hit('break', 'bare', text.length) : undefined))
        : closing(text, at)
          ? condition(tokens, 0, 'quote', false)
          : undefined
    }
    if (kind === 'compare') return compareBreak(text, at, sqlTokens(text, next, 12))
    if (kind === 'start' && next <= at + 2 && at === 0 && !text.includes(text[at] ?? '', 1)) {
      const second = sqlTokens(text, end, 2)[0]
      return !isSentence(text) && second ? hit('break', 'bare', text.length) : undefined
    }
    return undefined
  }
  if (code === 59) {
    const tokens = sqlTokens(text, next + 1, 8)
    const first = tokens[0]
    if (
      kindOf(first) === 'start' &&
      (text[next - 1] !== ' ' || statement(text, first?.text ?? '', tokens.slice(1), 'head')) &&
      !plainWords(tokens)
    )
      return hit('stacked', closing(text, at) ? 'certain' : 'bare', lastOf(tokens))
    if (first?.type === 'comment') return hit('comment', 'certain', first.end)
    return !first && text.length < 100 && odd(text, at) && text.charCodeAt(at - 1) > 32 ? hit('break', 'bare', text.length) : undefined
  }
  if (!'-#/|&=<>!+*^%~;'.includes(text[next] ?? ' ')) return undefined
  const tokens = sqlTokens(text, next)
  const first = tokens[0]
  // A comment may stand before the word.
  if (kindOf(first) === 'logic') return condition(tokens, 1, 'quote', false)
  if (first?.type === 'comment') {
    const remark = text.slice(first.start + 2, first.end)
    const attached = first.start === at + 1 || text[first.start - 1] === ')'
    if (!empty(first, tokens, 0) || (attached ? isSentence(remark) : /\p{L}+\s+\p{L}/u.test(remark))) return undefined
    if (text[first.start] === '-' && text.slice(first.start).match(/^--[a-z]/) && text.charCodeAt(next - 1) <= 32) return undefined
    return odd(text, at) || text[next - 1] === ')'
      ? hit('comment', text.slice(0, at).includes(' ') ? 'bare' : 'certain', first.end)
      : undefined
  }
  if (first?.type !== 'sign') return undefined
  if (sign(first, '||', '&&')) return closing(text, at) ? (condition(tokens, 1, 'quote', true) ?? dangling(text, at, tokens)) : undefined
  return closing(text, at) ? dangling(text, at, tokens) : undefined
}

const plainWords = (tokens: readonly Token[]): boolean => tokens.slice(1, 4).filter((token) => determiners.has(token.text)).length > 0

/** An operator behind the quote: `'='`, `'+(select …`, `'^email--`. */
function dangling(text: string, at: number, tokens: readonly Token[]): Found {
  const value = operand(tokens, 1)
  if (value.kind === 'query' || value.kind === 'risk') return hit('subquery', 'certain', lastOf(tokens))
  if (value.kind === 'open') return tokens[1]?.type === 'open' && odd(text, at, 2) ? hit('break', 'bare', lastOf(tokens)) : undefined
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
  if (sign(after) && tokens[value.next + 1]?.type === 'open') return hit('break', 'bare', lastOf(tokens))
  return value.kind === 'call' && odd(text, at) ? hit('call', 'bare', lastOf(tokens)) : undefined
}

function compareBreak(text: string, at: number, tokens: readonly Token[]): Found {
  const next = comparison(tokens, 0)
  const value = operand(tokens, next)
  if (value.kind === 'open' || value.kind === 'query' || value.kind === 'risk')
    return closing(text, at) ? hit('break', 'bare', lastOf(tokens)) : undefined
  const after = tokens[value.kind === 'none' ? next : value.next]
  if (after?.type === 'comment' && empty(after, tokens, tokens.indexOf(after))) return hit('break', 'bare', after.end)
  return word(tokens[0], 'collate') && !after ? hit('break', 'bare', lastOf(tokens)) : undefined
}

/**
 * Whether a quote can be one that closes a string begun before the value: the first of its kind, or one more than pair up. In text whose
 * quotes pair up, a later opening quote opens.
 */
function closing(text: string, at: number): boolean {
  const quote = text[at] ?? ''
  const before = quoteCount(text, at) - 1
  return before === 0 || before % 2 === 1 || odd(text, at)
}

/** Whether the quotes of this kind around here do not pair up (`more`: how many may follow). */
function odd(text: string, at: number, more = 400): boolean {
  const quote = text[at]
  let count = quoteCount(text, at)
  const last = Math.min(text.length, at + 400)
  if (more === 2) return count === 1 || count % 2 === 1
  for (let index = at + 1; index < last; index++) if (text[index] === quote) count++
  return count % 2 === 1
}

/** `union … select` and its kin. */
function joined(tokens: readonly Token[], place: Place): Found {
  let at = 0
  while (word(tokens[at], 'all', 'distinct') || tokens[at]?.type === '(' || sign(tokens[at], '+', '-', '*', '!', '/')) at++
  if (!word(tokens[at], 'select', 'values')) {
    const ends = place === 'head' && (tokens.length === 0 || tokens[0]?.type === 'comment')
    return (place === 'quote' && word(tokens[0], 'all')) || ends
      ? hit('union', 'bare', lastOf(tokens) || Number.MAX_SAFE_INTEGER)
      : undefined
  }
  if (place === 'quote' || at > 0) return hit('union', 'certain', lastOf(tokens))
  if (!tokens[at + 1] || sqlEvidence(tokens, at + 1)) return hit('union', tokens[at + 1] ? 'certain' : 'bare', lastOf(tokens))
  return hit('union', 'bare', lastOf(tokens))
}

/** Whether what follows `select` is a list of columns and not an English phrase. */
function sqlEvidence(tokens: readonly Token[], from: number): boolean {
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

/** A whole statement, or its beginning, at a place where one can run. */
function statement(text: string, verb: string, tokens: readonly Token[], place: Place): Found {
  const [first, second, third] = tokens
  const end = lastOf(tokens)
  const weight: Weight = place === 'open' ? 'bare' : place === 'quote' ? 'certain' : 'bare'
  switch (verb) {
    case 'select':
      if (place === 'open' || !sqlEvidence(tokens, 0)) return undefined
      return hit('statement', 'bare', end)
    case 'insert':
      return word(first, 'into') &&
        second &&
        !determiners.has(second.text) &&
        (third?.type === '(' || third?.type === '.' || word(third, 'values', 'select', 'set'))
        ? hit('statement', weight, end)
        : undefined
    case 'replace':
      return (first?.type === 'word' && second?.type === '(' && tokens.some((token) => word(token, 'values'))) ||
        (word(first, 'into') && third?.type === '(')
        ? hit('statement', weight, end)
        : undefined
    case 'update':
      return (first?.type === 'word' || first?.type === 'string') &&
        word(second, 'set') &&
        third &&
        (sign(tokens[3], '=') || tokens[3]?.type === '.')
        ? hit('statement', weight, end)
        : undefined
    case 'delete':
      return word(first, 'from') &&
        second?.type === 'word' &&
        !determiners.has(second.text) &&
        (!third || third.type === ';' || third.type === 'comment' || word(third, 'where'))
        ? hit('statement', weight, end)
        : undefined
    case 'drop':
    case 'create':
    case 'alter':
    case 'truncate':
      return defines(verb, tokens, place)
    case 'exec':
    case 'execute':
      if (first?.type === 'word' && /^(?:[xs]p_|master$|immediate$)/.test(first.text)) return hit('exec', 'certain', end)
      return (first?.type === '(' || first?.type === 'variable') &&
        (second?.type === 'variable' || second?.type === 'string' || kindOf(second) === 'call' || (!second && text.length < 40))
        ? hit('exec', 'bare', end)
        : undefined
    case 'declare':
      return first?.type === 'variable' ? hit('stacked', 'bare', end) : undefined
    case 'waitfor':
      return word(first, 'delay', 'time') && (second?.type === 'string' || second?.type === 'open')
        ? hit('wait', 'certain', end)
        : undefined
    case 'shutdown':
      return place === 'head' && text.trimStart() !== text && word(first, 'with') ? hit('stacked', 'certain', end) : undefined
    case 'set':
      return first?.type === 'variable' && (sign(second, '=', ':=') || !second) && place !== 'open'
        ? hit('stacked', 'bare', end)
        : undefined
    case 'load':
      return word(first, 'data', 'xml') && word(second, 'infile', 'local', 'concurrent') ? hit('file', 'certain', end) : undefined
    case 'copy':
      return first?.type === 'word' &&
        word(second, 'to', 'from') &&
        (third?.type === 'string' || sign(third, '/') || word(third, 'program'))
        ? hit('file', 'bare', end)
        : undefined
    case 'grant':
    case 'revoke':
      return second?.type === ',' || (word(second, 'on') && tokens.some((token) => word(token, 'to', 'from')))
        ? hit('statement', 'bare', end)
        : undefined
    case 'begin':
      return place === 'head' && word(first, 'declare', 'dbms_lock') ? hit('stacked', 'certain', end) : undefined
    case 'if':
      return first?.type === '(' && (risky(tokens) || literalPair(tokens))
        ? hit('call', 'certain', end)
        : place === 'head' && first?.type === '(' && fragment(text)
          ? hit('fragment', 'bare', end)
          : undefined
    case 'do':
    case 'call':
      return place === 'head' && (risky(tokens) || (first?.type === '(' && second?.type === 'number')) && text.includes(';')
        ? hit('stacked', 'bare', end)
        : undefined
    case 'handler':
      return word(second, 'open', 'read') && place !== 'open' ? hit('stacked', 'bare', end) : undefined
    case 'attach':
    case 'backup':
      return word(first, 'database') && (second?.type === 'string' || word(third, 'to', 'as')) ? hit('file', 'certain', end) : undefined
    default:
      return undefined
  }
}

const risky = (tokens: readonly Token[]): boolean =>
  tokens.some((token, index) => kindOf(token) === 'risk' && tokens[index + 1]?.type === '(') ||
  tokens.some((token) => token.type === 'variable')

function defines(verb: string, all: readonly Token[], place: Place): Found {
  const tokens = verb === 'create' && word(all[0], 'or') && word(all[1], 'replace') ? all.slice(2) : all
  const [first, second, third] = tokens
  const end = lastOf(tokens)
  if (place === 'open') return undefined
  if (first?.type !== 'word' || !sqlObjects.has(first.text)) {
    return verb === 'truncate' && first?.type === '[' ? hit('stacked', 'bare', end) : undefined
  }
  if (!second) return undefined
  const conditional = word(second, 'if') && word(third, 'exists', 'not')
  if (!conditional && (second.type !== 'word' || determiners.has(second.text)) && second.type !== 'string' && second.type !== '[')
    return undefined
  return hit(
    'statement',
    place === 'quote' ? 'certain' : 'bare',
    conditional ? end : endOf(tokens, tokens.findIndex((token) => token.type === ';') < 0 ? tokens.length : 3),
  )
}

/** Clauses that an injection hangs on to the query it found. */
function clause(text: string, start: number, name: string, tokens: readonly Token[], place: Place): Found {
  const [first, second, third] = tokens
  const end = lastOf(tokens)
  switch (name) {
    case 'order':
    case 'group':
      if (!word(first, 'by')) return undefined
      if (place === 'quote' && second) return second.type === 'word' && !third ? undefined : hit('clause', 'certain', end)
      if (place !== 'head' && !(second?.type === 'number' && third?.type === 'comment')) return undefined
      if (!second) return hit('clause', 'bare', end)
      if (
        second.type === 'number' &&
        (!third || third.type === ',' || third.type === 'comment' || third.type === ';' || third.type === ')')
      )
        return hit('clause', 'bare', end)
      return risky(tokens) || second.type === '(' || tokens.some((token) => word(token, 'having')) ? hit('clause', 'bare', end) : undefined
    case 'having':
    case 'where':
    case 'when':
      if (place === 'quote') return condition(tokens, 0, 'quote', false) ?? hit('clause', 'bare', end)
      return literalPair(tokens) ? hit('constant', name === 'when' ? 'bare' : 'certain', end) : undefined
    case 'into':
      return word(first, 'outfile', 'dumpfile') ? hit('file', 'certain', end) : undefined
    case 'procedure':
      return word(first, 'analyse') && second?.type === '(' ? hit('call', 'certain', end) : undefined
    case 'from':
      if (first?.type === '(' && tokens.slice(1, 4).some((token) => word(token, 'select'))) return hit('subquery', 'certain', end)
      if (first?.type === '(' && word(second, 'select')) return hit('subquery', 'certain', end)
      return place === 'head' && start === 0 && kindOf(first) === 'risk' ? hit('risk', 'bare', end) : undefined
    case 'case':
      return word(first, 'when') && tokens.some((token) => word(token, 'then')) && (place === 'head' || literalPair(tokens.slice(1)))
        ? hit('clause', 'bare', end)
        : undefined
    case 'limit':
      return place === 'quote' && first?.type === 'number' ? hit('clause', 'bare', end) : undefined
    case 'as':
      return aliasFragment.test(text) ? hit('fragment', 'bare', end) : undefined
    default:
      return undefined
  }
}

const aliasFragment = /^\d{1,9}\sas["`]\sfrom$|^.{0,8}[)`"';]\s{0,4}as[\s`"]{1,4}[\w`" ]{1,40}from$/

function literalPair(tokens: readonly Token[]): boolean {
  const first = operand(tokens, 0)
  if (first.kind !== 'literal') return false
  const compared = comparison(tokens, first.next)
  const second = compared < 0 ? undefined : operand(tokens, compared)
  return second?.kind === 'literal' || second?.kind === 'query' || second?.kind === 'risk'
}

/** Functions and objects that only attacks name. */
function risk(text: string, name: string, end: number, place: Place): Found {
  const tokens = sqlTokens(text, end, 8)
  const called = tokens[0]?.type === '('
  if (called) {
    const waits = tradeWords.has(name) && place === 'open' && text.charCodeAt(end - name.length - 1) !== 46
    return hit('call', waits || tradeWords.has(name) ? 'bare' : 'certain', lastOf(tokens))
  }
  if (name === 'polygon' || name === 'benchmark' || (name === 'sleep' && tokens[0]?.type !== 'number')) return undefined
  if (name === 'sleep') return place === 'quote' ? hit('call', 'bare', lastOf(tokens)) : undefined
  if (tradeWords.has(name) && !(text.trim() === name || tokens[0]?.type === '.')) return undefined
  return hit('risk', 'bare', end)
}

/** A function of SQL whose arguments only an attack would give it, or that the value leaves open. */
function call(text: string, name: string, end: number): Found {
  if (text.charCodeAt(end) !== 40 && text.charCodeAt(end) !== 32) return undefined
  const tokens = sqlTokens(text, end, 14)
  if (tokens[0]?.type !== '(') return undefined
  if (tokens.some((token, index) => word(token, 'select') && tokens[index - 1]?.type === '('))
    return hit('subquery', 'certain', lastOf(tokens))
  const chained =
    (name === 'char' || name === 'chr') && tokens[1]?.type === 'number' && (sign(tokens[3], '+', '||') || tokens[2]?.type === ',')
  if (text.length < 120 && literalPair(tokens.slice(1)) && !closesBefore(tokens)) return hit('call', 'bare', lastOf(tokens))
  if (chained) return hit('call', 'bare', lastOf(tokens))
  const hexed = tokens.some((token) => token.type === 'number' && token.text.startsWith('0x') && token.text.length > 5)
  return hexed || risky(tokens) ? hit('call', 'bare', lastOf(tokens)) : undefined
}

/** Whether the first argument ends before a comparison could stand in it. */
const closesBefore = (tokens: readonly Token[]): boolean => tokens[2]?.type === ')' || tokens[2]?.type === ','

function systemVariable(text: string, at: number): Found {
  const end = runEnd(text, at + 2)
  return /^(?:version|datadir|hostname|servername|basedir|global|session|tmpdir|identity|language|spid)/.test(text.slice(at + 2, end))
    ? hit('risk', 'bare', end)
    : undefined
}

function castTo(text: string, at: number): Found {
  const end = runEnd(text, at + 2)
  return castTypes.test(text.slice(at + 2, end)) && isWordOrClose(text.charCodeAt(at - 1)) ? hit('cast', 'bare', end) : undefined
}

const castTypes = /^(?:int[248]?|integer|bool|boolean|text|jsonb?|bigint|double|numeric|varchar|regclass)$/
const isWordOrClose = (code: number): boolean => isWord(code) || code === 41 || code === 39

/** `;` and another statement. */
function stacked(text: string, at: number): Found {
  const tokens = sqlTokens(text, at + 1, 14)
  const first = tokens[0]
  if (kindOf(first) !== 'start' || !first) return undefined
  const found = statement(text, first.text, tokens.slice(1), 'head')
  if (found) return hit('stacked', isSentenceAhead(text, at) ? 'bare' : 'certain', found.end)
  const bare = tokens.length <= 2 && first.start === at + 1 && sqlVerbs.test(first.text)
  return bare ? hit('stacked', 'bare', first.end) : undefined
}

const sqlVerbs = /^(?:select|insert|update|delete|drop|truncate|alter|exec)$/
const isSentenceAhead = (text: string, at: number): boolean => isSentence(text.slice(Math.max(0, at - 200), at))

/** Values that are nothing but a piece of SQL. */
function whole(text: string): Found {
  if (fragment(text)) return hit('fragment', 'bare', text.length)
  if (metadata.test(text)) return hit('risk', 'bare', text.length)
  if (mongo.test(text)) return hit('operator', 'bare', text.length)
  if (trailing.test(text) || pieces.test(text) || probes.test(text)) return hit('fragment', 'bare', text.length)
  const same = equality.exec(text)
  return same && same[1] === same[2] ? hit('tautology', 'bare', text.length) : undefined
}

const equality = /(?:^|[\s,=(])(\d{1,9}|'\w{1,20}')\s{0,4}(?:=|<=>|like|==)\s{0,4}(\d{1,9}|'\w{1,20}')[\s)]{0,4}$/
const metadata =
  /^\W{0,4}(?:pg_catalog|information_schema|mysql\.(?:db|user)|schema_name|nvarchar|xp_\w{2,30}|sp_\w{2,30}|tempdb|msysaces|sysmaster|northwind)\W{0,4}$/
const mongo = /(?:^|[[{"'\s])\$(?:ne|eq|gte?|lte?|n?in|not|nor|or|and|regex|where|exists|elemmatch|expr|size|all|mod|type)["'\]]/

/** A number or a closed expression, and a comment for the rest of the query. */
const trailing = /^\s{0,4}-?\d[\d*+ ]{0,20}(?:--|\/\*|;\s?--)\s{0,4}$|\)\s{0,4}(?:--|#|\/\*)[\s-]{0,4}$/
/** Pieces of queries that begin or end in the middle. */
const pieces =
  /^\W{0,4}(?:like|rlike|regexp)(?:\W{1,4}null|\s{0,4}[('"]\W{0,2})?$|\blike\s{0,4}['"(]$|^\s{0,4}in\s{0,4}\((?:\s{0,4}\d{1,20}\s{0,4},){2}|^\)\s{0,4}(?:like|when|in|as|or|and)\b.{0,40}$|^from\s{1,4}[\w`."]{1,60}\s{1,4}(?:where|group by|order by|limit)\b|^from\s{1,4}`?information_schema|^\s{0,4}case\s.{1,60}\swhen\s|\d\.e\(|^if\s{0,4}\(\d{1,9}\s?=$|\b(?:select|union|drop|insert|update|delete|from|or|and|where|exec)\/\*[^*]{0,60}\*\/|^select\s{1,4}if\(|[\s&|;>]set\s{1,4}@\w|=\s{0,4}\(\s{0,4}select$|union(?:all)?select|\){2},\s?0x[0-9a-f]{4}|'\$\.[\w[\].]{1,40}'|^\\0x[0-9a-f]{3}|^div\s{0,2}\(\s?\d|^-{2}(?:alter|drop|select|union)\b/
/** What probes send to see whether anything breaks: only operators or quotes, numbers known to hang parsers. */
const probes =
  /^\s{0,4}(?:\|\||&&|<<|>>|<>|<=>)\s{0,4}$|^["'`]{2,8}$|^(?!(["'`])[^"'`]{1,3}\1$)(?=[^"'`]{0,12}["'`])(?=.{0,12}[=#^*?])[\s"'`#=?*^<>-]{2,20}$|^[()\s]{6,40}$|^2\.22507385850720\d\de-308$/

/** A call of an SQL function that the value opens and does not close, and nothing else. */
function fragment(text: string): boolean {
  const match = /^[\s('"/]{0,4}(\w{2,30})[^\w(]{0,8}\([\s\d'",)]{0,8}$/.exec(text)
  const kind = match ? sqlWords.get(match[1] ?? '') : undefined
  if (match && (text.endsWith('(') || text.split('(').length > text.split(')').length)) return kind !== undefined && kind !== 'logic'
  return kind === 'risk'
}
