import { type Hit, hitSteps } from './kind.ts'
import { behindQuote } from './sql-break.ts'
import { call, castTo, risk, systemVariable } from './sql-call.ts'
import { clause } from './sql-clause.ts'
import { condition } from './sql-condition.ts'
import type { Found } from './sql-found.ts'
import { placeOf } from './sql-place.ts'
import { type Source, sourceOf } from './sql-source.ts'
import { joined, stacked, statement } from './sql-statement.ts'
import { isWord, runEnd, sqlTokens } from './sql-tokens.ts'
import { whole } from './sql-whole.ts'
import { sqlObjects, sqlWords } from './sql-words.ts'
import type { Judging, Steps } from './steps.ts'

/**
 * Finds SQL that is put where a value was expected: what closes a string and goes on, conditions that are always true, joined and stacked
 * statements, functions that wait, read files or run commands. Reads the language from each place where an injection can begin, at most
 * two dozen tokens ahead; running text, names with apostrophes and quoted search terms have no such place.
 */
export function* sql(text: string, hits: Hit[], steps: Steps, places?: readonly number[]): Judging<void> {
  const term = quotedTerm.exec(text)
  if (term?.[2] !== undefined) {
    // Quotes around a whole value close nothing; what they hold is a value of its own.
    const found: Hit[] = []
    yield* sql(term[2], found, steps)
    for (const hit of found) hits.push({ ...hit, start: hit.start + 1, end: hit.end + 1 })
    return
  }
  yield* scan(sourceOf(text, steps, places), hits, false)
  if (text.includes('/*')) {
    const found: Hit[] = []
    yield* scan(sourceOf(text.replace(/\/\*[^*]{0,80}\*\//g, ''), steps), found, false)
    // MySQL runs what stands in a comment that names its version.
    if (text.includes('/*!')) yield* scan(sourceOf(text.replace(/\/\*!\d{0,6}|\*\//g, ' '), steps), found, false)
    // Words cut in two by comments have no place of their own in the value.
    if (hits.length === 0) for (const hit of found) hits.push({ ...hit, start: 0, end: text.length })
  }
}

const quotedTerm = /^(["'])(\w[^"']{0,200})\1$/

/** What an injection adds to a query that the value was meant to be: all the rest of SQL is expected there. */
const added = new Set('tautology stacked wait file exec call comment'.split(' '))

/** `sql` for a value that is a query: quotes open and close its own strings, and its statements are what it is for. */
export function* sqlQuery(text: string, hits: Hit[], steps: Steps, places?: readonly number[]): Judging<void> {
  yield* scan(sourceOf(text, steps, places), hits, true)
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

function* scan(source: Source, hits: Hit[], query: boolean): Judging<void> {
  const { text, steps } = source
  let past = 0
  steps.take(2 * text.length)
  const add = (start: number, found: Found): void => {
    if (!found || (query && !added.has(found.rule))) return
    steps.take(hitSteps)
    hits.push({ kind: 'sql_injection', detector: `sql-${found.rule}`, start, end: Math.min(text.length, found.end), weight: found.weight })
    past = Math.max(past, Math.min(found.end, start + 2000))
  }
  for (const at of source.places) {
    steps.take(4)
    if (at < past) continue
    if (steps.due()) yield
    add(at, judgePlace(source, at, query))
  }
  if (!query && hits.length === 0 && text.length < 200) add(0, whole(text))
}

function judgePlace(source: Source, at: number, query: boolean): Found {
  const { text } = source
  switch (text.charCodeAt(at)) {
    case 39:
    case 34:
    case 96:
      return query ? undefined : behindQuote(source, at)
    case 59:
      return letterAhead(text, at + 1) ? stacked(source, at) : undefined
    case 124:
    case 38:
      return query ? undefined : condition(sqlTokens(source, at + 2), 0, placeOf(source, at), true)
    case 64:
      return systemVariable(text, at)
    case 58:
      return castTo(text, at)
    default: {
      const end = runEnd(text, at)
      const word = text.slice(at, end)
      const kind = sqlWords.get(word)
      return kind !== undefined && plausible(source, at, end, word, kind) ? judgeWord(source, at, end, word, kind, query) : undefined
    }
  }
}

/** Whether a word follows after blanks. */
function letterAhead(text: string, from: number): boolean {
  let at = from
  while (at < from + 40 && text.charCodeAt(at) <= 32) at++
  return isWord(text.charCodeAt(at)) || text[at] === '/'
}

/** Verbs that are judged even where they stand in running text. */
const openVerbs = new Set(
  'insert update delete exec execute declare waitfor load copy grant revoke if handler attach backup replace'.split(' '),
)
const objects = [...sqlObjects, 'or']
/** Words of which one must follow a verb, when a word follows it, for a statement to begin there. */
const follow: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  ['insert', new Set(['into'])],
  ['delete', new Set('from quick low_priority ignore'.split(' '))],
  ['drop', new Set(objects)],
  ['create', new Set(objects)],
  ['alter', new Set(objects)],
  ['truncate', new Set(objects)],
  ['waitfor', new Set(['delay', 'time'])],
  ['load', new Set(['data', 'xml'])],
  ['shutdown', new Set(['with'])],
  ['attach', new Set(['database'])],
  ['backup', new Set(['database'])],
  ['begin', new Set(['declare', 'dbms_lock'])],
  ['set', new Set()],
  ['declare', new Set()],
])
const operands = new Set('select case if not exists binary distinct all any null true false'.split(' '))

/** Whether what follows a word at once leaves it open that this is SQL: ordinary words are let go before anything is cut into tokens. */
function plausible(source: Source, start: number, end: number, word: string, kind: string): boolean {
  const { text } = source
  if (kind === 'risk') return true
  if (kind === 'compare' || kind === 'value') return false
  let next = end
  while (next < end + 40 && text.charCodeAt(next) <= 32) next++
  const code = text.charCodeAt(next)
  const inWords = isWord(code) && (code < 48 || code > 57)
  if (kind === 'call') return code === 40
  if (kind === 'logic') {
    if (!inWords || placeOf(source, start) !== 'open') return true
    const following = text.slice(next, runEnd(text, next))
    const role = sqlWords.get(following)
    return operands.has(following) || role === 'risk' || role === 'call'
  }
  if (word === 'if') return code === 40
  if (kind === 'start') {
    const followers = follow.get(word)
    if (followers && inWords && !followers.has(text.slice(next, runEnd(text, next)))) return false
    return openVerbs.has(word) || placeOf(source, start) !== 'open'
  }
  if (kind !== 'clause') return true
  switch (word) {
    case 'as':
      return text.length < 100
    case 'from':
      return code === 40 || start === 0 || text[start - 1] === ')' || text[start - 2] === ')'
    case 'into':
      return code === 111 || code === 100
    case 'when':
    case 'where':
    case 'having':
      return !inWords || placeOf(source, start) === 'quote'
    case 'order':
    case 'group':
      return code === 98
    default:
      return word === 'limit' || word === 'procedure' || word === 'case'
  }
}

/** A word that joins queries is a word of people when it is all there is. */
const union = (text: string, found: Found): Found => (found && /^[a-z]+$/.test(text) ? { ...found, weight: 'strict' } : found)

function judgeWord(source: Source, at: number, end: number, word: string, kind: string, query: boolean): Found {
  switch (kind) {
    case 'logic': {
      const found = condition(sqlTokens(source, end), 0, query ? 'open' : placeOf(source, at), false)
      // `where 1=1 and …` is how queries are put together; `or 1=1` is how they are taken apart.
      return found && word === 'and' && found.rule === 'tautology' ? { ...found, rule: 'constant' } : found
    }
    case 'set':
      return union(source.text, joined(sqlTokens(source, end, 8), placeOf(source, at)))
    case 'start':
      return statement(source, word, sqlTokens(source, end, 14), placeOf(source, at))
    case 'clause':
      return clause(source.text, at, word, sqlTokens(source, end, 16), placeOf(source, at))
    case 'risk':
      return risk(source, word, end, placeOf(source, at))
    case 'call':
      return call(source, word, end)
    default:
      return undefined
  }
}
