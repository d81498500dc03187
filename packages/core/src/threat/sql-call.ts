import { type Found, hit, type Place } from './sql-found.ts'
import { lastOf, literalPair, risky, sign, word } from './sql-grammar.ts'
import type { Source } from './sql-source.ts'
import { isWord, runEnd, sqlTokens, type Token } from './sql-tokens.ts'
import { tradeWords } from './sql-words.ts'

/** Functions and objects that only attacks name. */
export function risk(source: Source, name: string, end: number, place: Place): Found {
  const { text, trimmed } = source
  const tokens = sqlTokens(source, end, 8)
  const called = tokens[0]?.type === '('
  if (called) {
    const waits = tradeWords.has(name) && place === 'open' && text.charCodeAt(end - name.length - 1) !== 46
    return hit('call', waits || tradeWords.has(name) ? 'bare' : 'certain', lastOf(tokens))
  }
  if (name === 'polygon' || name === 'benchmark' || (name === 'sleep' && tokens[0]?.type !== 'number')) return undefined
  if (name === 'sleep') return place === 'quote' ? hit('call', 'bare', lastOf(tokens)) : undefined
  if (tradeWords.has(name) && !(trimmed === name || tokens[0]?.type === '.')) return undefined
  return hit('risk', 'bare', end)
}

/** A function of SQL whose arguments only an attack would give it, or that the value leaves open. */
export function call(source: Source, name: string, end: number): Found {
  const { text } = source
  if (text.charCodeAt(end) !== 40 && text.charCodeAt(end) !== 32) return undefined
  const tokens = sqlTokens(source, end, 14)
  if (tokens[0]?.type !== '(') return undefined
  if (tokens.some((token, index) => word(token, 'select') && tokens[index - 1]?.type === '('))
    return hit('subquery', 'certain', lastOf(tokens))
  if (tokens.some((token, index) => word(token, ...told) && tokens[index + 1]?.type === '(' && tokens[index + 2]?.type === ')'))
    return hit('call', 'bare', lastOf(tokens))
  const chained =
    (name === 'char' || name === 'chr') && tokens[1]?.type === 'number' && (sign(tokens[3], '+', '||') || tokens[2]?.type === ',')
  if (text.length < 120 && literalPair(tokens.slice(1)) && !closesBefore(tokens)) return hit('call', 'bare', lastOf(tokens))
  if (chained) return hit('call', 'bare', lastOf(tokens))
  const hexed = tokens.some((token) => token.type === 'number' && token.text.startsWith('0x') && token.text.length > 5)
  return hexed || risky(tokens) ? hit('call', 'bare', lastOf(tokens)) : undefined
}

/** What a server tells about itself when asked. */
const told = ['version', 'database', 'schema', 'current_user', 'session_user', 'system_user'] as const

/** Whether the first argument ends before a comparison could stand in it. */
const closesBefore = (tokens: readonly Token[]): boolean => tokens[2]?.type === ')' || tokens[2]?.type === ','

/** A variable of the server that tells what it is. */
export function systemVariable(text: string, at: number): Found {
  const end = runEnd(text, at + 2)
  return /^(?:version|datadir|hostname|servername|basedir|global|session|tmpdir|identity|language|spid)/.test(text.slice(at + 2, end))
    ? hit('risk', 'bare', end)
    : undefined
}

/** `::` and a type, as PostgreSQL casts. */
export function castTo(text: string, at: number): Found {
  const end = runEnd(text, at + 2)
  return castTypes.test(text.slice(at + 2, end)) && isWordOrClose(text.charCodeAt(at - 1)) ? hit('cast', 'bare', end) : undefined
}

const castTypes = /^(?:int[248]?|integer|bool|boolean|text|jsonb?|bigint|double|numeric|varchar|regclass)$/
const isWordOrClose = (code: number): boolean => isWord(code) || code === 41 || code === 39
