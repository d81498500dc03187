import type { Json } from '../json.ts'
import { type JsonPlaces, jsonPlaces } from './json-places.ts'
import { readKept } from './kept.ts'
import { inputKind } from './kinds.ts'
import type { Owner } from './owner.ts'
import { longestToken, readTokens, type Token } from './token.ts'
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
}

/** The values of all these tokens, asked of the vault at once. Throws an `UnknownToken` when it has to. */
export async function recallAll(
  tokens: readonly Token[],
  owner: Owner,
  { vault, unknownToken }: RestoreOptions,
): Promise<ReadonlyMap<string, string>> {
  const names = [...new Set(tokens.filter(({ kind }) => kind !== inputKind).map(({ token }) => token))]
  const values = names.length > 0 ? await vault.recall(owner, names) : []
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
 * JSON document is a number again.
 */
export function restoreText(
  text: string,
  tokens: readonly Token[],
  values: ReadonlyMap<string, string>,
  places: JsonPlaces = jsonPlaces(),
  strict = false,
): string {
  let restored = ''
  let at = 0
  for (const { start, end, token, writing } of tokens) {
    const before = text.slice(at, start)
    places.read(before)
    restored += before
    const depth = places.depth()
    const whole = depth === 1 && places.opened() && text.charAt(end) === '"' && end - start <= longestNumber
    places.token()
    at = end
    const value = values.get(token)
    if (value === undefined) restored += text.slice(start, end)
    else if (whole && restored.endsWith('"') && readKept(value).number) {
      places.read('"')
      restored = restored.slice(0, -1) + readKept(value).text
      at = end + 1
    } else restored += written(value, { writing, depth, strict, document: places.document() === true })
  }
  const rest = text.slice(at)
  places.read(rest)
  return restored + rest
}

/**
 * Every string of the value restored, keys too; a token that stands alone for a number becomes one. Throws a `TypeError` where
 * two keys of an object would come to be the same.
 */
export async function restoreJson(value: Json, owner: Owner, options: RestoreOptions): Promise<Json> {
  const read = new Map<string, readonly Token[]>()
  const all: Token[] = []
  walk(value, (text) => {
    if (read.has(text)) return text
    const tokens = readTokens(text, options.tokenKinds)
    read.set(text, tokens)
    all.push(...tokens)
    return text
  })
  if (all.length === 0) return value
  const values = await recallAll(all, owner, options)
  return walk(value, (text, key) => {
    const tokens = read.get(text) ?? []
    const [only] = tokens
    if (!only) return text
    if (!key && only.start === 0 && only.end === text.length) {
      const kept = readKept(values.get(only.token) ?? '')
      if (kept.number) return Number(kept.text)
    }
    return restoreText(text, tokens, values)
  })
}

function walk(value: Json, change: (text: string, key: boolean) => string | number): Json {
  if (typeof value === 'string') return change(value, false)
  if (value === null || typeof value !== 'object') return value
  if (isArray(value)) return value.map((item) => walk(item, change))
  const members = Object.entries(value).map(([key, item]) => [String(change(key, true)), walk(item, change)] as const)
  const changed = Object.fromEntries(members)
  if (Object.keys(changed).length < members.length) throw new TypeError('Two keys of one object stand for the same text.')
  return changed
}

function isArray(value: object): value is readonly Json[] {
  return Array.isArray(value)
}
