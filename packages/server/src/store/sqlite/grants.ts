import type { Grant } from '@agentgate/core'
import type { Database } from 'better-sqlite3'
import type { GrantRow, HoldingRow, ListedRows } from '../grant-row.ts'

/** The rows of grants: each one as JSON, with what it is found by. */
export function grantRows(db: Database) {
  const put = db.prepare(
    'insert into access_grant (tenant, id, holder, parent, issued_at, record) values (?, ?, ?, ?, ?, ?) on conflict do nothing',
  )
  const revoke = db.prepare('update access_grant set revoked_at = ? where tenant = ? and id = ? and revoked_at is null')
  const chain = db.prepare<{ tenant: string; id: string; most: number }, GrantRow>(
    `with recursive link (n, parent, record, revoked_at) as (
       select 1, parent, record, revoked_at from access_grant where tenant = @tenant and id = @id
       union all
       select link.n + 1, above.parent, above.record, above.revoked_at from link
         join access_grant as above on above.tenant = @tenant and above.id = link.parent where link.n < @most
     ) select record, revoked_at from link order by n`,
  )
  const list = db.prepare<ListedRows, GrantRow>(
    `select record, revoked_at from access_grant where tenant = @tenant and (@holder is null or holder = @holder)
       and (@concerning is null or holder in (select value from json_each(@concerning))
         or json_extract(record, '$.issuer') in (select value from json_each(@concerning)))
       and (@standing is null or (revoked_at is null and json_extract(record, '$.expiresAt') > @standing))
       and (@before is null or (issued_at, id) < (select issued_at, id from access_grant where tenant = @tenant and id = @before))
       order by issued_at desc, id desc limit @limit`,
  )
  const held = db.prepare<[string, string, number], GrantRow>(
    'select record, revoked_at from access_grant where tenant = ? and holder = ? order by issued_at desc, id desc limit ?',
  )
  const standing = db.prepare<[string, string, number, number], GrantRow>(
    `select record, revoked_at from access_grant
      where tenant = ? and holder = ? and revoked_at is null and json_extract(record, '$.expiresAt') > ?
      order by parent is not null, issued_at desc, id desc limit ?`,
  )
  return {
    issue: ({ tenant, id, holder, parent, issuedAt }: Grant, record: string): boolean =>
      put.run(tenant, id, holder, parent ?? null, issuedAt, record).changes > 0,
    chain: (tenant: string, id: string, most: number): GrantRow[] => chain.all({ tenant, id, most }),
    revoke: (tenant: string, id: string, at: number): boolean => revoke.run(at, tenant, id).changes > 0,
    ofHolders: (tenant: string, holders: readonly string[], now: number, most: number): HoldingRow[] =>
      holders.flatMap((holder) => {
        const [newest] = held.all(tenant, holder, 1)
        return newest ? { holder, revoked: newest.revoked_at !== null, standing: standing.all(tenant, holder, now, most) } : []
      }),
    list: (listed: ListedRows): GrantRow[] => list.all(listed),
  }
}
