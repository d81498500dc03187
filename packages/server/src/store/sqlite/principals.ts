import type { Database } from 'better-sqlite3'

/** The rows of principals: each one as JSON. */
export function principalRows(db: Database) {
  const find = db.prepare<[string, string], { record: string }>('select record from principal where tenant = ? and id = ?')
  const put = db.prepare(
    'insert into principal (tenant, id, record) values (?, ?, ?) on conflict (tenant, id) do update set record = excluded.record',
  )
  const remove = db.prepare('delete from principal where tenant = ? and id = ?')
  return {
    find: (tenant: string, id: string): string | undefined => find.get(tenant, id)?.record,
    grant: (tenant: string, id: string, record: string): void => void put.run(tenant, id, record),
    revoke: (tenant: string, id: string): void => void remove.run(tenant, id),
  }
}
