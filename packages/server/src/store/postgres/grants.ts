import type { Grant } from '@agentgate/core'
import type { GrantRow, HoldingRow, ListedRows } from '../grant-row.ts'
import type { Database } from './database.ts'

/** The rows of grants: each one as JSON, with what it is found by. */
export function grantRows(db: Database) {
  return {
    issue: async ({ tenant, id, holder, parent, issuedAt }: Grant, record: string): Promise<boolean> =>
      db.change(async (sql) => {
        const { count } = await sql`insert into access_grant (tenant, id, holder, parent, issued_at, record)
          values (${tenant}, ${id}, ${holder}, ${parent ?? null}, ${issuedAt}, ${record}) on conflict do nothing`
        return count > 0
      }),
    chain: async (tenant: string, id: string, most: number): Promise<GrantRow[]> =>
      db.read(async (sql) => [
        ...(await sql<GrantRow[]>`with recursive link (n, parent, record, revoked_at) as (
            select 1, parent, record, revoked_at from access_grant where tenant = ${tenant} and id = ${id}
            union all
            select link.n + 1, above.parent, above.record, above.revoked_at from link
              join access_grant as above on above.tenant = ${tenant} and above.id = link.parent where link.n < ${most}
          ) select record, revoked_at from link order by n`),
      ]),
    revoke: async (tenant: string, id: string, at: number): Promise<boolean> =>
      db.change(async (sql) => {
        const { count } =
          await sql`update access_grant set revoked_at = ${at} where tenant = ${tenant} and id = ${id} and revoked_at is null`
        return count > 0
      }),
    ofHolders: async (tenant: string, holders: readonly string[], now: number, most: number): Promise<HoldingRow[]> =>
      db.read(async (sql) => {
        const ever = await sql<{ holder: string; revoked: boolean }[]>`
          select distinct on (holder) holder, revoked_at is not null as revoked from access_grant
          where tenant = ${tenant} and holder = any(${holders as string[]}) order by holder, issued_at desc, id desc`
        return Promise.all(
          ever.map(async ({ holder, revoked }) => ({
            holder,
            revoked,
            standing: await sql<GrantRow[]>`select record, revoked_at from access_grant
              where tenant = ${tenant} and holder = ${holder} and revoked_at is null and (record::jsonb ->> 'expiresAt')::bigint > ${now}
              order by parent is not null, issued_at desc, id desc limit ${most}`,
          })),
        )
      }),
    list: async ({ tenant, holder, concerning, standing, before, limit }: ListedRows): Promise<GrantRow[]> =>
      db.read(async (sql) => [
        ...(await sql<GrantRow[]>`select record, revoked_at from access_grant
          where tenant = ${tenant} ${holder === null ? sql`` : sql`and holder = ${holder}`}
            ${concerning === null ? sql`` : sql`and array[holder, record::jsonb ->> 'issuer'] && ${JSON.parse(concerning) as string[]}::text[]`}
            ${standing === null ? sql`` : sql`and revoked_at is null and (record::jsonb ->> 'expiresAt')::bigint > ${standing}`}
            ${before === null ? sql`` : sql`and (issued_at, id) < (select issued_at, id from access_grant where tenant = ${tenant} and id = ${before})`}
          order by issued_at desc, id desc limit ${limit}`),
      ]),
  }
}
