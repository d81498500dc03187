import type { ApiKeyRow } from '../sqlite/api-keys.ts'
import type { Database, Sql } from './database.ts'

/** The principal of a live key as JSON, acting for whom made the key: neither revoked nor expired, made by a person who is still known. */
export async function agentAsItIs(sql: Sql, hash: string, now: number): Promise<{ record: string; seenAt: number | null } | undefined> {
  const [row] = await sql<{ record: string; created_by: string; seen_at: number | null }[]>`
    select principal.record, api_key.created_by, api_key.seen_at from api_key
      join principal on principal.tenant = api_key.tenant and principal.id = api_key.principal
      join principal as owner on owner.tenant = api_key.tenant and owner.id = api_key.created_by
      where api_key.hash = ${hash} and api_key.revoked_at is null and (api_key.expires_at is null or api_key.expires_at > ${now})
        and owner.id like 'User::%'`
  return row && { record: JSON.stringify({ ...JSON.parse(row.record), onBehalfOf: row.created_by }), seenAt: row.seen_at }
}

/** The rows of API keys: only hashes of them. */
export function apiKeyRows(db: Database) {
  return {
    add: async (row: ApiKeyRow): Promise<void> =>
      db.change(async (sql) => {
        await sql`insert into api_key (hash, tenant, id, principal, name, created_by, created_at, expires_at, seen_at)
          values (${row.hash}, ${row.tenant}, ${row.id}, ${row.principal}, ${row.name}, ${row.created_by}, ${row.created_at},
            ${row.expires_at}, ${row.seen_at})`
      }),
    /** The principal as JSON, while the key is good; notes once a minute that it was used. */
    check: async (hash: string, now: number): Promise<string | undefined> => {
      const found = await db.read((sql) => agentAsItIs(sql, hash, now))
      if (found && (found.seenAt ?? 0) < now - 60_000)
        await db.lightly((sql) => sql`update api_key set seen_at = ${now} where hash = ${hash} and coalesce(seen_at, 0) < ${now - 60_000}`)
      return found?.record
    },
    list: async (tenant: string): Promise<ApiKeyRow[]> =>
      db.read(async (sql) => [
        ...(await sql<ApiKeyRow[]>`
          select hash, tenant, id, principal, name, created_by, created_at, expires_at, seen_at from api_key
            where tenant = ${tenant} and revoked_at is null order by created_at desc, id limit 1000`),
      ]),
    /** The key's principal goes with it, in one transaction. */
    revoke: async (tenant: string, id: string, now: number): Promise<boolean> =>
      db.change(async (sql) => {
        const [revoked] = await sql<{ principal: string }[]>`
          update api_key set revoked_at = ${now} where tenant = ${tenant} and id = ${id} and revoked_at is null returning principal`
        if (revoked) await sql`delete from principal where tenant = ${tenant} and id = ${revoked.principal}`
        return revoked !== undefined
      }),
  }
}
