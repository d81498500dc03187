import { createHash } from 'node:crypto'
import type { FastifyBaseLogger } from 'fastify'
import { ConfigError, type KeyName, keyNames, keyVariables } from './config.ts'
import type { Keys } from './key-files.ts'
import type { Store } from './store/store.ts'

/** Keys (besides the signing key, which has a history) without which what is stored under them cannot be read, verified or continued. */
const lasting: ReadonlySet<KeyName> = new Set(['audit', 'vault'])

/**
 * Servers of one database must have the same keys: the first notes digests of its keys there. Throws a `ConfigError` that names
 * every lasting key that is another. With another of the rest, sessions of one server are unknown to the others, and approvals
 * not consumed: so it is while such a key is being replaced, and the log says it. A key may take the place of the one of `replaced`.
 */
export async function checkSameKeys(
  store: Pick<Store, 'ask'>,
  keys: Keys,
  log: Pick<FastifyBaseLogger, 'warn'>,
  replaced: { readonly vault?: Uint8Array | undefined; readonly audit?: Uint8Array | undefined } = {},
): Promise<void> {
  const problems: string[] = []
  const fresh: (readonly [mark: string, digest: string])[] = []
  for (const name of keyNames.filter((each) => each !== 'signing')) {
    const mark = `key/${name}`
    const digest = digestOf(name, keys[name])
    const before = await store.ask('marks', 'find', mark)
    if (before === digest) continue
    const earlier = name === 'vault' || name === 'audit' ? replaced[name] : undefined
    const succeeds = earlier !== undefined && before === digestOf(name, earlier)
    if (before !== undefined && lasting.has(name) && !succeeds)
      problems.push(
        `\`${keyVariables[name]}\` is not the key that the database of \`DATABASE_URL\` was made with: give every server the same keys, by their variables or key files.`,
      )
    else {
      if (before !== undefined) log.warn({ key: name }, 'the last server that started had another key: give every server the same')
      fresh.push([mark, digest])
    }
  }
  if (problems.length > 0) throw new ConfigError(problems)
  for (const each of fresh) await store.ask('marks', 'put', ...each)
}

function digestOf(name: KeyName, key: Uint8Array): string {
  return createHash('sha256').update(`agentgate ${name} key\n`).update(key).digest('hex')
}
