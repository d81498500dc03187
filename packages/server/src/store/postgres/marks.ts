import type { Database } from './database.ts'

/** What is true of the whole database: `made-by`, the mode that made it. */
export function markRows(db: Database) {
  return {
    find: async (name: string): Promise<string | undefined> =>
      db.read(async (sql) => {
        const [row] = await sql<{ value: string }[]>`select value from mark where name = ${name}`
        return row?.value
      }),
    put: async (name: string, value: string): Promise<void> =>
      db.change(async (sql) => {
        await sql`insert into mark (name, value) values (${name}, ${value}) on conflict (name) do update set value = excluded.value`
      }),
  }
}
