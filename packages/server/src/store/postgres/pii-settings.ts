import type { Database } from './database.ts'

/** The rows of what tenants have set for personal data: one each, as JSON. */
export function piiSettingsRows(db: Database) {
  return {
    find: async (tenant: string): Promise<{ revision: number; record: string } | undefined> =>
      db.read(async (sql) => {
        const [row] = await sql<{ revision: number; record: string }[]>`select revision, record from pii_settings where tenant = ${tenant}`
        return row
      }),
    put: async (tenant: string, revision: number, record: string): Promise<boolean> =>
      db.change(async (sql) => {
        const changed =
          revision === 0
            ? await sql`insert into pii_settings (tenant, revision, record) values (${tenant}, 1, ${record}) on conflict do nothing`
            : await sql`update pii_settings set revision = revision + 1, record = ${record} where tenant = ${tenant} and revision = ${revision}`
        return changed.count > 0
      }),
  }
}
