import { readdirSync, readFileSync } from 'node:fs'
import { StoreError } from '../store-error.ts'
import { begun, type Sql } from './database.ts'

/** `AGTE`, and what it locks: only one server at a time migrates. */
const migrating = 0x41475445

/**
 * Brings the database to the schema of this build, in one transaction: all or nothing, one server after another. Its version
 * is how many of the files `0001-….sql`, `0002-….sql` have been applied. Throws a `StoreError` `unknown-schema`, and changes
 * nothing, when the database is newer than this build or holds tables of something else.
 */
export async function migrate(sql: Sql): Promise<void> {
  const files = readdirSync(new URL('.', import.meta.url))
    .filter((name) => /^\d{4}-.*\.sql$/.test(name))
    .sort()
  await begun(sql, async (step) => {
    await step`select pg_advisory_xact_lock(${migrating})`
    const [found] = await step<{ ours: boolean; tables: number }[]>`
      select to_regclass('schema_version') is not null as ours,
        (select count(*)::int from pg_tables where schemaname = current_schema()) as tables`
    if (!found?.ours && found?.tables !== 0)
      throw new StoreError('unknown-schema', 'The database that `DATABASE_URL` names is not one of AgentGate: name an empty one.')
    if (!found.ours) await step`create table schema_version (version integer not null)`
    const [row] = await step<{ version: number }[]>`select version from schema_version`
    const version = row?.version ?? 0
    if (version > files.length) {
      const message = `The database that \`DATABASE_URL\` names has schema ${version}, and this AgentGate knows up to ${files.length}: start a newer one.`
      throw new StoreError('unknown-schema', message)
    }
    if (version === files.length) return
    for (const file of files.slice(version)) await step.unsafe(readFileSync(new URL(file, import.meta.url), 'utf8'))
    if (row) await step`update schema_version set version = ${files.length}`
    else await step`insert into schema_version (version) values (${files.length})`
  })
}
