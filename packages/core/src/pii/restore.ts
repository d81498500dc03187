import type { Json } from '../json.ts'
import { jsonStrings } from './json-text.ts'
import { readKept } from './kept.ts'
import { inputKind } from './kinds.ts'
import type { Owner } from './owner.ts'
import { readTokens, type Token, type Writing, write } from './token.ts'
import type { Vault } from './vault.ts'

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

/** The text with values for tokens, in one pass: what a value looks like is never read again. */
export function restoreText(text: string, tokens: readonly Token[], values: ReadonlyMap<string, string>, place?: 'text' | 'json'): string {
  if (tokens.length === 0) return text
  const inString = place ? () => place === 'json' : jsonStrings(text)
  let restored = ''
  let at = 0
  for (const { start, end, token, writing } of tokens) {
    const value = values.get(token)
    if (value === undefined) continue
    restored += text.slice(at, start) + written(value, inString(start) ? 'json' : writing)
    at = end
  }
  return restored + text.slice(at)
}

function written(value: string, writing: Writing): string {
  const { text, verbatim } = readKept(value)
  return verbatim ? text : write(text, writing)
}

/** Every string of the value restored, keys too; a token that stands alone for a number becomes one. */
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
    if (!key && only && only.start === 0 && only.end === text.length) {
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
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [String(change(key, true)), walk(item, change)]))
}

function isArray(value: object): value is readonly Json[] {
  return Array.isArray(value)
}
