import type { Database } from 'better-sqlite3'

/** The rows of what tenants have set for personal data: one each, as JSON. */
export function piiSettingsRows(db: Database) {
  const find = db.prepare<[string], { revision: number; record: string }>('select revision, record from pii_settings where tenant = ?')
  const put = db.prepare(
    `insert into pii_settings (tenant, revision, record) values (@tenant, 1, @record)
       on conflict (tenant) do update set revision = revision + 1, record = excluded.record`,
  )
  return {
    find: (tenant: string) => find.get(tenant),
    put(tenant: string, revision: number, record: string): boolean {
      if ((find.get(tenant)?.revision ?? 0) !== revision) return false
      return put.run({ tenant, record }).changes > 0
    },
  }
}
