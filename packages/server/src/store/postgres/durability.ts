import { StoreError } from '../store-error.ts'
import type { Sql } from './database.ts'

/** Why a session with these settings cannot acknowledge anything; `undefined` when it can. */
export function notDurable({
  fsync,
  synchronous_commit,
}: {
  readonly fsync: string
  readonly synchronous_commit: string
}): string | undefined {
  if (fsync !== 'on')
    return 'PostgreSQL runs with `fsync = off`, so what it acknowledges may be lost: set `fsync = on` in its configuration and reload it.'
  if (synchronous_commit === 'off')
    return 'PostgreSQL runs with `synchronous_commit = off` for this user or database, so what it acknowledges may be lost: set it to `on` where it was turned off (configuration, `alter role`, `alter database`, or the address in `DATABASE_URL`).'
  return undefined
}

/** Throws a `StoreError` `not-durable` unless what the database acknowledges is on disk. */
export async function checkDurable(sql: Sql): Promise<void> {
  const [settings] = await sql<{ fsync: string; synchronous_commit: string }[]>`
    select current_setting('fsync') as fsync, current_setting('synchronous_commit') as synchronous_commit`
  const why = settings ? notDurable(settings) : 'PostgreSQL does not tell its settings.'
  if (why !== undefined) throw new StoreError('not-durable', why)
}
