import { readdirSync, readFileSync } from 'node:fs'
import type { Database } from 'better-sqlite3'
import { StoreError } from '../store-error.ts'

/** `AGTE`: what marks a database as ours in its header. */
const applicationId = 0x41475445

/**
 * Brings the database to the schema of this build, in one transaction: all or nothing. Its version is how many of the files
 * `0001-….sql`, `0002-….sql` have been applied. Throws a `StoreError` `unknown-schema`, and changes nothing, when the
 * database is newer than this build or not ours.
 */
export function migrate(db: Database, folder: string): void {
  const files = readdirSync(new URL('.', import.meta.url))
    .filter((name) => /^\d{4}-.*\.sql$/.test(name))
    .sort()
  const version = Number(db.pragma('user_version', { simple: true }))
  const ours = db.pragma('application_id', { simple: true }) === applicationId
  if (!ours && (version > 0 || db.prepare('select 1 from sqlite_schema').get() !== undefined)) {
    throw new StoreError(
      'unknown-schema',
      `The database in \`${folder}\` is not one of AgentGate: name another folder by \`AGENTGATE_DATA\`.`,
    )
  }
  if (version > files.length) {
    const message = `The database in \`${folder}\` has schema ${version}, and this AgentGate knows up to ${files.length}: start a newer one.`
    throw new StoreError('unknown-schema', message)
  }
  if (version === files.length) return
  db.transaction(() => {
    for (const file of files.slice(version)) db.exec(readFileSync(new URL(file, import.meta.url), 'utf8'))
    db.pragma(`application_id = ${applicationId}`)
    db.pragma(`user_version = ${files.length}`)
  }).immediate()
}
