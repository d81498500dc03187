import { connect, type Sql } from './connections.ts'
import type { Database } from './database.ts'
import type { Wire } from '../store.ts'

const channel = 'agentgate_live'
/** How long until a lost connection is tried again: milliseconds. */
const pause = 1_000

/** Between the servers of one database, by NOTIFY: it is kept nowhere, so whoever is not connected misses it, and is told so. */
export function wireOf(db: Database, url: string): Wire & { readonly close: () => Promise<void> } {
  let closed = false
  let listening: Sql | undefined
  let timer: NodeJS.Timeout | undefined

  function listen(hear: (message: string) => void, missed: () => void): void {
    const sql = connect(
      url,
      {},
      {
        onnotify: (_, message) => hear(message),
        onclose: () => again(),
      },
    )
    listening = sql
    let over = false
    sql`listen agentgate_live`.then(missed, () => again())

    function again(): void {
      if (over) return
      over = true
      void sql.end({ timeout: 0 })
      if (!closed) timer = setTimeout(() => listen(hear, missed), pause)
    }
  }

  return {
    tell: async (message) => db.lightly(async (sql) => void (await sql`select pg_notify(${channel}, ${message})`)),
    hear: (hear, missed) => listen(hear, missed),
    async close() {
      closed = true
      clearTimeout(timer)
      await listening?.end({ timeout: 1 })
    },
  }
}
