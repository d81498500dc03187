import { chmodSync, closeSync, existsSync, openSync } from 'node:fs'
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import { makeFolder } from '../make-folder.ts'
import { StoreError, storeErrorOf } from '../store-error.ts'
import { migrate } from './migrate.ts'
import { erasing, lazy, openRows } from './rows.ts'
import type { VaultSecrets } from './vault.ts'

export interface Ask {
  readonly noun: string
  readonly verb: string
  readonly args: readonly unknown[]
}

/** An answer, or an error in a form that crosses threads. */
export type Answer =
  | { readonly value: unknown }
  | { readonly error: { readonly name: string; readonly code?: string; readonly message: string } }

export interface DeskOptions {
  readonly folder: string
  readonly vault: VaultSecrets
  /** The most pages of 4 KiB that the database may have. */
  readonly maxPages?: number
}

export interface Desk {
  /** Does all that is asked in one transaction and returns once it is durable. What fails changes nothing, and fails alone. */
  readonly run: (asks: readonly Ask[]) => Answer[]
  readonly close: () => void
}

/**
 * Opens the database in `folder`, made when missing, for this process alone. Throws a `StoreError` whose message is one line
 * for people; an unreadable database is left as it is.
 */
export function openDesk({ folder, vault, maxPages }: DeskOptions): Desk {
  const opened: Sqlite.Database[] = []
  try {
    return open()
  } catch (error) {
    for (const db of opened) db.close()
    throw storeErrorOf(error, folder) ?? error
  }

  function open(): Desk {
    makeFolder(folder)
    for (const name of ['lock.db', 'agentgate.db']) keepPrivate(join(folder, name))
    opened.push(takeFolder(folder))
    const db = new Sqlite(join(folder, 'agentgate.db'), { timeout: 5000 })
    opened.push(db)
    migrate(db, folder)
    for (const pragma of ['journal_mode = WAL', 'synchronous = FULL', 'foreign_keys = ON', 'secure_delete = ON', 'trusted_schema = OFF'])
      db.pragma(pragma)
    // 16 MiB of log between two checkpoints: each of them syncs the database as well.
    db.pragma('wal_autocheckpoint = 4000')
    if (maxPages !== undefined) db.pragma(`max_page_count = ${maxPages}`)
    const rows = openRows(db, vault)
    rows.ledger.check(folder)
    return deskOf(db, rows, folder, () => opened.toReversed().forEach((each) => each.close()))
  }
}

/** Makes a file that only this user reads, whatever the folder lets others do. SQLite gives its log the same mode. */
function keepPrivate(file: string): void {
  try {
    // Only when it is not there yet: closing any handle of a file gives up the locks that this process has on it.
    if (!existsSync(file)) closeSync(openSync(file, 'a', 0o600))
    chmodSync(file, 0o600)
  } catch {
    // SQLite says next what is wrong with the file, in one line.
  }
}

/** Locks the folder for as long as the process lives: the system gives the lock back however the process ends. */
function takeFolder(folder: string): Sqlite.Database {
  const lock = new Sqlite(join(folder, 'lock.db'), { timeout: 0 })
  try {
    lock.exec('begin exclusive')
    return lock
  } catch (error) {
    lock.close()
    throw error
  }
}

function deskOf(db: Sqlite.Database, rows: ReturnType<typeof openRows>, folder: string, close: () => void): Desk {
  const verbs = rows as { readonly [noun: string]: { readonly [verb: string]: ((...args: readonly unknown[]) => unknown) | undefined } }
  const [begin, commit, rollback, step, keep, undo] = [
    'begin',
    'commit',
    'rollback',
    'savepoint step',
    'release step',
    'rollback to step',
  ].map((sql) => db.prepare(sql)) as [Statement, Statement, Statement, Statement, Statement, Statement]
  let broken: StoreError | undefined
  let erase = false

  function take({ noun, verb, args }: Ask): Answer {
    step.run()
    try {
      const value = verbs[noun]?.[verb]?.(...args)
      keep.run()
      return { value }
    } catch (error) {
      rows.ledger.forget()
      // A full disk may undo the whole transaction.
      if (!db.inTransaction) throw error
      undo.run()
      keep.run()
      return { error: plain(error) }
    }
  }

  function plain(error: unknown): Extract<Answer, { error: unknown }>['error'] {
    const known = storeErrorOf(error, folder) ?? (error instanceof Error ? error : new Error('unknown'))
    return { name: known.name, message: known.message, ...('code' in known && { code: String(known.code) }) }
  }

  function transact(asks: readonly Ask[]): Answer[] {
    db.pragma(asks.every(({ noun, verb }) => lazy.has(`${noun}.${verb}`)) ? 'synchronous = NORMAL' : 'synchronous = FULL')
    try {
      begin.run()
      const answers = asks.map(take)
      commit.run()
      return answers
    } catch (error) {
      rows.ledger.forget()
      if (db.inTransaction) rollback.run()
      // INVARIANT: after a sync that failed nobody knows what is on disk, so nothing more is acknowledged.
      if (error instanceof Sqlite.SqliteError && error.code.startsWith('SQLITE_IOERR')) broken = storeErrorOf(error, folder)
      if (broken || asks.length === 1) return asks.map(() => ({ error: plain(error) }))
      // Nothing of it was written: one that fails must not take the others with it.
      return asks.flatMap((ask) => transact([ask]))
    }
  }

  return {
    close,
    run(asks) {
      if (broken) return asks.map(() => ({ error: plain(broken) }))
      const answers = transact(asks)
      erase ||= asks.some(({ noun, verb }) => erasing.has(`${noun}.${verb}`))
      if (erase) erase = db.pragma('wal_checkpoint(TRUNCATE)', { simple: true }) !== 0
      return answers
    },
  }
}

type Statement = Sqlite.Statement<[]>
