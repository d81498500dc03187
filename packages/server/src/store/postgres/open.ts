import type { Store } from '../store.ts'
import type { VaultSecrets } from '../sqlite/vault.ts'
import { StoreError } from '../store-error.ts'
import { alone } from './alone.ts'
import { connect } from './connections.ts'
import { openDatabase } from './database.ts'
import { checkDurable } from './durability.ts'
import { databaseFault } from './faults.ts'
import { migrate } from './migrate.ts'
import { openRows } from './rows.ts'
import { wireOf } from './wire.ts'

export interface PostgresOptions {
  /** `postgres://user:password@host:port/database`, with what libpq reads there. Connections are direct, or pooled by session. */
  readonly url: string
  /** 32 random bytes that lock the vault, and those they replaced. */
  readonly vaultSecret: Uint8Array
  readonly replacedVaultSecrets?: readonly Uint8Array[]
  /** Milliseconds after its last use until a session's personal data is forgotten: a day by default. */
  readonly vaultLifetime?: number
  /** Milliseconds until a question that PostgreSQL does not answer is given up: 12 seconds. */
  readonly patience?: number
}

/**
 * Opens the store in a PostgreSQL database, which several processes may have open at once. Its tables are made or migrated
 * first. Rejects with a `StoreError` whose message is one line for people: so too when the database acknowledges what is not on disk.
 */
export async function openPostgres({
  url,
  vaultSecret,
  replacedVaultSecrets = [],
  vaultLifetime = 86_400_000,
  patience,
}: PostgresOptions): Promise<Store> {
  await prepared(url)
  const db = openDatabase(url, patience)
  const vault: VaultSecrets = { secret: vaultSecret, replaced: replacedVaultSecrets, lifetime: vaultLifetime }
  const { ledger, ...rest } = openRows(db, vault)
  try {
    await ledger.check()
  } catch (error) {
    await db.close()
    throw error
  }
  const rows = { ledger, ...rest } as unknown as {
    readonly [noun: string]: { readonly [verb: string]: (...args: readonly unknown[]) => Promise<never> }
  }
  const wire = wireOf(db, url)
  let fullUntil = 0

  return {
    ask: async (noun, verb, ...args) => {
      const asked = rows[noun]?.[String(verb)]
      if (!asked) throw new TypeError(`The store has no \`${noun}.${String(verb)}\`.`)
      try {
        return await asked(...args)
      } catch (error) {
        if (error instanceof StoreError && error.code === 'full') fullUntil = performance.now() + 30_000
        throw error
      }
    },
    shared: true,
    wire,
    alone: async (name, work, wait) => alone(db, name, work, wait),
    full: () => performance.now() < fullUntil,
    async close() {
      await wire.close()
      await db.close()
    },
  }
}

/** The schema of this build, in a database whose word can be trusted. */
async function prepared(url: string): Promise<void> {
  const sql = connect(url, {})
  try {
    await checkDurable(sql)
    await migrate(sql)
  } catch (error) {
    throw databaseFault(error) ?? error
  } finally {
    await sql.end({ timeout: 5 })
  }
}
