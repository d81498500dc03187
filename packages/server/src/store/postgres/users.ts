import type { UserRow } from '../sqlite/users.ts'
import type { Database } from './database.ts'

/** The rows of people. Addresses are unique in the whole installation, as nobody names a tenant when signing in. */
export function userRows(db: Database) {
  return {
    /** `false` when somebody has the address already. */
    add: async (row: UserRow): Promise<boolean> =>
      db.change(async (sql) => {
        const added = await sql`
          insert into person (tenant, id, email, password, disabled, created_at)
            values (${row.tenant}, ${row.id}, ${row.email}, ${row.password}, ${row.disabled === 1}, ${row.created_at})
            on conflict (email) do nothing`
        return added.count > 0
      }),
    byEmail: async (email: string): Promise<UserRow | undefined> =>
      db.read(async (sql) => {
        const [row] = await sql<UserRow[]>`
          select tenant, id, email, password, disabled::int as disabled, created_at from person where email = ${email}`
        return row
      }),
    find: async (tenant: string, id: string): Promise<UserRow | undefined> =>
      db.read(async (sql) => {
        const [row] = await sql<UserRow[]>`
          select tenant, id, email, password, disabled::int as disabled, created_at from person where tenant = ${tenant} and id = ${id}`
        return row
      }),
    list: async (tenant: string, limit: number): Promise<UserRow[]> =>
      db.read(async (sql) => [
        ...(await sql<UserRow[]>`
          select tenant, id, email, password, disabled::int as disabled, created_at from person where tenant = ${tenant}
            order by created_at, id limit ${limit}`),
      ]),
    setPassword: async (tenant: string, id: string, hash: string): Promise<boolean> =>
      db.change(async (sql) => (await sql`update person set password = ${hash} where tenant = ${tenant} and id = ${id}`).count > 0),
    disable: async (tenant: string, id: string): Promise<boolean> =>
      db.change(async (sql) => (await sql`update person set disabled = true where tenant = ${tenant} and id = ${id}`).count > 0),
  }
}
