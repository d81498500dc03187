import { StoreError } from '../store-error.ts'
import { openConnections, type Sql } from './connections.ts'
import { databaseFault } from './faults.ts'

export type { Sql }

/** A PostgreSQL database, by a bounded number of connections. Every verb of it rejects with a `StoreError`, or with what `work` throws. */
export interface Database {
  /** One statement, or several that need no transaction. */
  readonly read: <T>(work: (sql: Sql) => Promise<T>) => Promise<T>
  /** Several statements that see the same moment, and change nothing. */
  readonly moment: <T>(work: (sql: Sql) => Promise<T>) => Promise<T>
  /** All or none, durable when it returns. */
  readonly change: <T>(work: (sql: Sql) => Promise<T>) => Promise<T>
  /** All or none. Until a durable change follows, it may be lost when the database crashes; not when this process does. */
  readonly lightly: <T>(work: (sql: Sql) => Promise<T>) => Promise<T>
  /** One connection for as long as `work` takes: for locks that a connection holds. */
  readonly held: <T>(work: (sql: Sql) => Promise<T>) => Promise<T>
  readonly close: () => Promise<void>
}

/** The most connections of each of the two kinds that one process opens. */
const most = 8
/** Milliseconds: what one statement may take by the database's clock, and what is waited for all of a change by ours. */
const statementTime = 8_000
const usualPatience = 12_000

/** Connects when first asked. What does not answer in time is given up, with its connection. */
export function openDatabase(url: string, patience = usualPatience): Database {
  const times = {
    statement_timeout: `${statementTime}`,
    lock_timeout: `${statementTime}`,
    idle_in_transaction_session_timeout: `${usualPatience}`,
  }
  const durable = openConnections(url, most, patience, times)
  const light = openConnections(url, most, patience, { ...times, synchronous_commit: 'off' })
  let closed = false

  async function asked<T>(work: () => Promise<T>): Promise<T> {
    if (closed) throw new StoreError('unavailable', 'The store is closed: start the server again.')
    try {
      return await work()
    } catch (error) {
      throw databaseFault(error) ?? error
    }
  }

  return {
    read: async (work) => asked(async () => durable.use(work)),
    moment: async (work) =>
      asked(async () => durable.use(async (sql) => begun(sql, work, () => sql`begin isolation level repeatable read read only`))),
    change: async (work) => asked(async () => durable.use(async (sql) => begun(sql, work))),
    lightly: async (work) => asked(async () => light.use(async (sql) => begun(sql, work))),
    held: async (work) => asked(async () => durable.use(work, Number.POSITIVE_INFINITY)),
    async close() {
      closed = true
      await Promise.all([durable.close(), light.close()])
    },
  }
}

/** All or none of `work`. INVARIANT: it sends statements one after another, or several of which none waits for another. */
export async function begun<T>(sql: Sql, work: (sql: Sql) => Promise<T>, begin: () => Promise<unknown> = () => sql`begin`): Promise<T> {
  await begin()
  let answer: T
  try {
    answer = await work(sql)
  } catch (error) {
    await sql`rollback`.catch(() => undefined)
    throw error
  }
  const { command } = await sql`commit`
  // A transaction in which a statement failed is rolled back by its commit, without an error.
  if (command !== 'COMMIT') throw new StoreError('unavailable', 'PostgreSQL undid a change instead of committing it: ask again.')
  return answer
}
