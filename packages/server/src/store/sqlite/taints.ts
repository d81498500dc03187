import type { Database } from 'better-sqlite3'

/** The rows of taints, by their rank: 0 is none. */
export function taintRows(db: Database) {
  const find = db.prepare<[string, string, string], { taint: number }>(
    'select taint from taint where tenant = ? and principal = ? and session = ?',
  )
  const raise = db.prepare(
    'insert into taint (tenant, principal, session, taint) values (?, ?, ?, ?) on conflict do update set taint = max(taint, excluded.taint)',
  )
  const remove = db.prepare<[string, string, string], { taint: number }>(
    'delete from taint where tenant = ? and principal = ? and session = ? returning taint',
  )
  const list = db.prepare<[string, string, string | null, string | null, number], { session: string; taint: number }>(
    `select session, taint from taint where tenant = ? and principal = ? and (? is null or session > ?) order by session limit ?`,
  )
  return {
    find: (tenant: string, principal: string, session: string): number => find.get(tenant, principal, session)?.taint ?? 0,
    raise(tenant: string, principal: string, session: string, taint: number): void {
      if (taint > 0) raise.run(tenant, principal, session, taint)
    },
    reset: (tenant: string, principal: string, session: string): number => remove.get(tenant, principal, session)?.taint ?? 0,
    list: (tenant: string, principal: string, after: string | null, limit: number): readonly { session: string; taint: number }[] =>
      list.all(tenant, principal, after, after, limit),
  }
}
