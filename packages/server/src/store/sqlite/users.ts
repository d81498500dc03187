import type { Database } from 'better-sqlite3'

/** A person who can sign in. `email` is normalised; `password` is a bcrypt hash. */
export interface UserRow {
  readonly tenant: string
  readonly id: string
  readonly email: string
  readonly password: string
  readonly disabled: number
  readonly created_at: number
}

const columns = 'tenant, id, email, password, disabled, created_at'

/** The rows of people. Addresses are unique in the whole installation, as nobody names a tenant when signing in. */
export function userRows(db: Database) {
  const insert = db.prepare(
    `insert into user (${columns}) values (@tenant, @id, @email, @password, @disabled, @created_at) on conflict (email) do nothing`,
  )
  const byEmail = db.prepare<[string], UserRow>(`select ${columns} from user where email = ?`)
  const find = db.prepare<[string, string], UserRow>(`select ${columns} from user where tenant = ? and id = ?`)
  const list = db.prepare<[string, number], UserRow>(`select ${columns} from user where tenant = ? order by created_at, id limit ?`)
  const password = db.prepare('update user set password = ? where tenant = ? and id = ?')
  const disable = db.prepare('update user set disabled = 1 where tenant = ? and id = ?')
  return {
    /** `false` when somebody has the address already. */
    add: (row: UserRow): boolean => insert.run(row).changes > 0,
    byEmail: (email: string): UserRow | undefined => byEmail.get(email),
    find: (tenant: string, id: string): UserRow | undefined => find.get(tenant, id),
    list: (tenant: string, limit: number): UserRow[] => list.all(tenant, limit),
    setPassword: (tenant: string, id: string, hash: string): boolean => password.run(hash, tenant, id).changes > 0,
    disable: (tenant: string, id: string): boolean => disable.run(tenant, id).changes > 0,
  }
}
