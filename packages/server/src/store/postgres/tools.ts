import type { Database } from './database.ts'

/** The rows of registered tools: each one as JSON. */
export function toolRows(db: Database) {
  const named = (removed: boolean) => async (tenant: string, name: string) =>
    db.read(async (sql) => {
      const [row] = await sql<{ record: string }[]>`
        select record from tool where tenant = ${tenant} and name = ${name} and removed = ${removed}`
      return row?.record
    })
  return {
    find: named(false),
    former: named(true),
    list: async (tenant: string): Promise<string[]> =>
      db.read(async (sql) => {
        const rows = await sql<{ record: string }[]>`select record from tool where tenant = ${tenant} and not removed order by name`
        return rows.map(({ record }) => record)
      }),
    put: async (tenant: string, name: string, record: string): Promise<void> =>
      db.change(async (sql) => {
        await sql`insert into tool (tenant, name, record) values (${tenant}, ${name}, ${record})
          on conflict (tenant, name) do update set record = excluded.record, removed = false`
      }),
    remove: async (tenant: string, name: string): Promise<boolean> =>
      db.change(
        async (sql) => (await sql`update tool set removed = true where tenant = ${tenant} and name = ${name} and not removed`).count > 0,
      ),
  }
}
