import type { Weight } from './kind.ts'
import { determiners, isSentence } from './sentence.ts'
import { type Found, hit, type Place } from './sql-found.ts'
import { endOf, kindOf, lastOf, literalPair, risky, sign, sqlEvidence, word } from './sql-grammar.ts'
import type { Source } from './sql-source.ts'
import { sqlTokens, type Token } from './sql-tokens.ts'
import { fragment } from './sql-whole.ts'
import { sqlObjects } from './sql-words.ts'

/** `union … select` and its kin. */
export function joined(tokens: readonly Token[], place: Place): Found {
  let at = 0
  while (
    (tokens[at]?.type === 'comment' && tokens[at + 1]) ||
    word(tokens[at], 'all', 'distinct') ||
    tokens[at]?.type === '(' ||
    sign(tokens[at], '+', '-', '*', '!', '/')
  )
    at++
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

/** Whether a number stands here, a price, a share or a time, and nothing else. */
const isNumber = (tokens: readonly Token[]): boolean =>
  tokens.length < 5 &&
  tokens[0]?.type === 'number' &&
  tokens.every(({ type }) => type === 'number' || type === 'sign' || type === ',' || type === '.')

/** A whole statement, or its beginning, at a place where one can run. */
export function statement(source: Source, verb: string, tokens: readonly Token[], place: Place): Found {
  const { text } = source
  const [first, second, third] = tokens
  const end = lastOf(tokens)
  const weight: Weight = place === 'open' ? 'bare' : place === 'quote' ? 'certain' : 'bare'
  switch (verb) {
    case 'select':
      if (place === 'open' || !sqlEvidence(tokens, 0)) return undefined
      // A choice of numbers is a query that reads nothing.
      return hit('statement', isNumber(tokens) ? 'strict' : 'bare', end)
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
      if (word(first, 'quick', 'low_priority', 'ignore') && word(second, 'from'))
        return third?.type === 'word' && !determiners.has(third.text) ? hit('statement', weight, end) : undefined
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
      return place === 'head' && text.charCodeAt(0) <= 32 && word(first, 'with') ? hit('stacked', 'certain', end) : undefined
    case 'set':
      return first?.type === 'variable' && (sign(second, '=', ':=') || !second) && place !== 'open'
        ? hit('stacked', 'bare', end)
        : undefined
    case 'load':
      return word(first, 'data', 'xml') && word(second, 'infile', 'local', 'concurrent', 'low_priority')
        ? hit('file', 'certain', end)
        : undefined
    case 'copy':
      return first?.type === 'word' &&
        word(second, 'to', 'from') &&
        (third?.type === 'string' || sign(third, '/') || word(third, 'program'))
        ? hit('file', 'bare', end)
        : undefined
    case 'grant':
    case 'revoke':
      return (second?.type === ',' && first?.type !== 'number') ||
        (place === 'quote' && word(second, 'to', 'from') && third?.type === 'word') ||
        (word(second, 'on') && tokens.some((token) => word(token, 'to', 'from')))
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
      return place === 'head' && (risky(tokens) || (first?.type === '(' && second?.type === 'number')) && source.ends
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
    place === 'quote' ? 'certain' : !conditional && isSpoken(verb, third) ? 'strict' : 'bare',
    conditional ? end : endOf(tokens, tokens.findIndex((token) => token.type === ';') < 0 ? tokens.length : 3),
  )
}

/** Whether no statement goes on so behind the name of what it is about: people drop tables by five, and alter them for eight. */
function isSpoken(verb: string, next: Token | undefined): boolean {
  return next?.type === 'word' && onward[verb] !== undefined && !onward[verb].split(' ').includes(next.text)
}

/** The words that may stand behind the name. */
const onward: { readonly [verb: string]: string } = {
  drop: 'cascade restrict purge on from force with if nowait wait ignore including keep no after drop',
  truncate: 'cascade restrict restart continue with partition reuse drop purge preserve wait nowait immediate',
  alter:
    'add drop modify change rename set alter enable disable owner column engine convert order partition truncate with switch rebuild comment ' +
    'inherit no reset replica validate cluster attach detach force move shrink compress parallel cache nocache logging read default character ' +
    'charset collate auto_increment row_format algorithm lock if only exchange coalesce analyze check optimize remove reorganize discard import ' +
    'upgrade identified password account quota profile grant revoke valid encrypted superuser nosuperuser login nologin createdb as compile ' +
    'increment restart minvalue maxvalue cycle owned depends execute connection using initially mount open backup archivelog recover',
}

/** `;` and another statement. */
export function stacked(source: Source, at: number): Found {
  if (kindOf(sqlTokens(source, at + 1, 1)[0]) !== 'start') return undefined
  const tokens = sqlTokens(source, at + 1, 14)
  const first = tokens[0]
  if (!first) return undefined
  const found = statement(source, first.text, tokens.slice(1), 'head')
  if (found) return hit('stacked', isSentenceAhead(source, at) ? 'bare' : 'certain', found.end)
  const bare = tokens.length <= 2 && first.start === at + 1 && sqlVerbs.test(first.text)
  return bare ? hit('stacked', 'bare', first.end) : undefined
}

const sqlVerbs = /^(?:select|insert|update|delete|drop|truncate|alter|exec)$/
function isSentenceAhead({ text, steps }: Source, at: number): boolean {
  steps.take(200)
  return isSentence(text.slice(Math.max(0, at - 200), at))
}
