import type { Database } from 'better-sqlite3'

/** The rows of registered tools: each one as JSON. */
export function toolRows(db: Database) {
  const find = db.prepare<[string, string], { record: string }>('select record from tool where tenant = ? and name = ? and removed = 0')
  const list = db.prepare<[string], { record: string }>('select record from tool where tenant = ? and removed = 0 order by name')
  const put = db.prepare(
    'insert into tool (tenant, name, record) values (?, ?, ?) on conflict (tenant, name) do update set record = excluded.record, removed = 0',
  )
  const remove = db.prepare('update tool set removed = 1 where tenant = ? and name = ? and removed = 0')
  const former = db.prepare<[string, string], { record: string }>('select record from tool where tenant = ? and name = ? and removed = 1')
  return {
    find: (tenant: string, name: string): string | undefined => find.get(tenant, name)?.record,
    list: (tenant: string): string[] => list.all(tenant).map(({ record }) => record),
    put: (tenant: string, name: string, record: string): void => void put.run(tenant, name, record),
    remove: (tenant: string, name: string): boolean => remove.run(tenant, name).changes > 0,
    former: (tenant: string, name: string): string | undefined => former.get(tenant, name)?.record,
  }
}
