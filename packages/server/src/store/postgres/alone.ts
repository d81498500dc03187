import { setTimeout } from 'node:timers/promises'
import { StoreError } from '../store-error.ts'
import type { Database } from './database.ts'

/** How long to wait for a turn, and between two looks: milliseconds. */
const longest = 60_000
const pause = 100

/** Runs `work` while this process holds the advisory lock of its name: see `Store.alone`. The lock goes with the connection that took it. */
export async function alone(db: Database, name: string, work: () => Promise<unknown>, wait?: 'wait'): Promise<boolean> {
  for (const end = performance.now() + longest; ; await setTimeout(pause)) {
    let failed: { readonly error: unknown } | undefined
    const ran = await db.held(async (sql) => {
      const key = `alone ${name}`
      const [lock] = await sql<{ taken: boolean }[]>`select pg_try_advisory_lock(hashtextextended(${key}, 0)) as taken`
      if (!lock?.taken) return false
      await work().catch((error: unknown) => (failed = { error }))
      // A connection that was lost has given the lock back already.
      await Promise.resolve()
        .then(() => sql`select pg_advisory_unlock(hashtextextended(${key}, 0))`)
        .catch(() => undefined)
      return true
    })
    // INVARIANT: what the work throws is none of the database's errors, or has its meaning already.
    if (failed) throw failed.error
    if (ran || wait === undefined) return ran
    if (performance.now() > end)
      throw new StoreError(
        'locked',
        `Another server of this database has been at \`${name}\` for a minute: see whether it hangs, and start again.`,
      )
  }
}
