import type { Json } from '../json.ts'
import { type JsonPlaces, jsonPlaces } from './json-places.ts'
import { readKept } from './kept.ts'
import { inputKind, literalKind } from './kinds.ts'
import type { Owner } from './owner.ts'
import { longestToken, readingTokens, type Token } from './token.ts'
import { inTurns, meter, pause } from './turns.ts'
import type { Vault } from './vault.ts'
import { written } from './written.ts'

/** A token that this session's vault has no value for: of another session, forgotten, or made up. */
export class UnknownToken extends Error {
  readonly code = 'unknown-token'

  constructor(token: string) {
    super(`\`${token}\` stands for nothing in this session: restore in the session that masked it, or allow \`best_effort\`.`)
    this.name = 'UnknownToken'
  }
}

/** What to do about such tokens: refuse the whole text, or leave them where they are. */
export type UnknownTokens = 'fail_closed' | 'best_effort'

export interface RestoreOptions {
  readonly vault: Vault
  readonly tokenKinds: ReadonlySet<string>
  readonly unknownToken: UnknownTokens
  /** Told the kind of each token that a value takes the place of, before any of them is answered. What people typed is none. */
  readonly telling?: (kinds: readonly string[]) => Promise<void>
}

/** How many values are opened before others have their turn. */
const batch = 256

/** The values of all these tokens, asked of the vault. Throws an `UnknownToken` when it has to. */
export async function recallAll(
  tokens: readonly Token[],
  owner: Owner,
  { vault, unknownToken }: RestoreOptions,
): Promise<ReadonlyMap<string, string>> {
  const names = [...new Set(tokens.filter(({ kind }) => kind !== inputKind).map(({ token }) => token))]
  const values: (string | undefined)[] = []
  for (let from = 0; from < names.length; from += batch) {
    if (from > 0) await inTurns(pause())
    for (const value of await vault.recall(owner, names.slice(from, from + batch))) values.push(value)
  }
  const known = new Map(names.flatMap((name, index) => (values[index] === undefined ? [] : [[name, values[index]] as const])))
  const missing = tokens.find(({ token }) => !known.has(token))
  if (missing && unknownToken === 'fail_closed') throw new UnknownToken(missing.token)
  return known
}

/** The longest spelling that is taken for a number where it is all of a JSON string: with the quote before it, a token's length. */
export const longestNumber = longestToken - 1

/**
 * The text with values for tokens, in one pass: what a value looks like is never read again. Each is written for its place;
 * `places` has read the text before this one, and has read this one afterwards. A masked number that is all of a string in a
 * JSON document is a number again. It pauses now and then: see `inTurns`.
 */
export function* restoringText(
  text: string,
  tokens: readonly Token[],
  values: ReadonlyMap<string, string>,
  places: JsonPlaces = jsonPlaces(),
  strict = false,
): Generator<void, string> {
  const enough = meter()
  const restored: string[] = []
  let at = 0
  for (const { start, end, token, writing } of tokens) {
    let before = text.slice(at, start)
    if (enough(before.length)) yield
    yield* readOn(places, before)
    const depth = places.depth()
    const whole = depth === 1 && places.opened() && text.charAt(end) === '"' && end - start <= longestNumber
    places.token()
    at = end
    const value = values.get(token)
    let said = text.slice(start, end)
    if (value !== undefined && whole && before.endsWith('"') && readKept(value).number) {
      places.read('"')
      before = before.slice(0, -1)
      said = readKept(value).text
      at = end + 1
    } else if (value !== undefined) said = written(value, { writing, depth, strict, document: places.document() === true })
    restored.push(before, said)
  }
  const rest = text.slice(at)
  yield* readOn(places, rest)
  return restored.join('') + rest
}

/** How much of a text is read before others have their turn, in characters. */
const stretch = 65_536

function* readOn(places: JsonPlaces, text: string): Generator<void, void> {
  for (let at = 0; at < text.length; at += stretch) {
    if (at > 0) yield
    places.read(text.slice(at, at + stretch))
  }
}

/**
 * Every string of the value restored, keys too; a token that stands alone for a number becomes one. Throws a `TypeError` where
 * two keys of an object would come to be the same.
 */
export async function restoreJson(value: Json, owner: Owner, options: RestoreOptions): Promise<Json> {
  const read = new Map<string, readonly Token[]>()
  const all: Token[] = []
  const enough = meter()
  const look: Change = function* (text) {
    if (enough(text.length)) yield
    if (read.has(text)) return text
    const tokens = yield* readingTokens(text, options.tokenKinds)
    read.set(text, tokens)
    for (const token of tokens) all.push(token)
    return text
  }
  await inTurns(walk(value, look))
  if (all.length === 0) return value
  const values = await recallAll(all, owner, options)
  const telling = all.filter(({ token, kind }) => kind !== literalKind && values.has(token)).map(({ kind }) => kind)
  if (telling.length > 0) await options.telling?.(telling)
  const fill: Change = function* (text, key) {
    if (enough(text.length)) yield
    const tokens = read.get(text) ?? []
    const [only] = tokens
    if (!only) return text
    if (!key && only.start === 0 && only.end === text.length) {
      const kept = readKept(values.get(only.token) ?? '')
      if (kept.number) return Number(kept.text)
    }
    return yield* restoringText(text, tokens, values)
  }
  return inTurns(walk(value, fill))
}

type Change = (text: string, key: boolean) => Generator<void, string | number>

function* walk(value: Json, change: Change): Generator<void, Json> {
  if (typeof value === 'string') return yield* change(value, false)
  if (value === null || typeof value !== 'object') return value
  if (isArray(value)) {
    const items: Json[] = []
    for (const item of value) items.push(yield* walk(item, change))
    return items
  }
  const members: (readonly [string, Json])[] = []
  for (const [key, item] of Object.entries(value)) members.push([String(yield* change(key, true)), yield* walk(item, change)])
  const changed = Object.fromEntries(members)
  if (Object.keys(changed).length < members.length) throw new TypeError('Two keys of one object stand for the same text.')
  return changed
}

function isArray(value: object): value is readonly Json[] {
  return Array.isArray(value)
}
