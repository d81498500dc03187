import type { Database } from 'better-sqlite3'

/** A part of a private record, and what lists and claims need of it. */
export interface PartRow {
  readonly id: string
  readonly record: string
  readonly member: string | null
  readonly decided?: {
    readonly call: string
    readonly verdict: string
    readonly tool: string
    readonly principal: string
    readonly expiresAt: number
  }
  readonly status: string | null
}

/** A private record in its parts, oldest first: each replaces members of those before it. */
export type Parts = readonly { readonly record: string; readonly member: string | null; readonly idx: number }[]

export interface CallFilter {
  readonly verdict: string | null
  readonly status: string | null
  readonly tool: string | null
  readonly principal: string | null
  readonly call: string | null
}

const filters = ['verdict', 'status', 'tool', 'principal', 'call'] as const

/** The rows of the calls that were decided. */
export function callRows(db: Database) {
  const decide = db.prepare(
    `insert into call (tenant, id, call, verdict, status, tool, principal, expires_at) values (?, ?, ?, ?, ?, ?, ?, ?)
       on conflict (tenant, id) do update set call = excluded.call, verdict = excluded.verdict,
         status = coalesce(excluded.status, status), tool = excluded.tool, principal = excluded.principal, expires_at = excluded.expires_at`,
  )
  const settle = db.prepare(
    'insert into call (tenant, id, status) values (?, ?, ?) on conflict (tenant, id) do update set status = excluded.status',
  )
  const insertPart = db.prepare('insert into call_part (tenant, id, record, member, idx) values (?, ?, ?, ?, ?)')
  const selectParts = db.prepare<[string, string], Parts[number]>(
    'select record, member, idx from call_part where tenant = ? and id = ? order by rowid',
  )
  const cursor = db.prepare<[string, string, string, string], { seq: number | null }>(
    `select coalesce((select seq from call where tenant = ? and id = ?), (select max(seq) + 1 from call where tenant = ? and id < ?)) as seq`,
  )
  const claim = db.prepare(
    `update call set claimed_until = @until where tenant = @tenant and id = @id
       and verdict = 'allow' and status is null and coalesce(claimed_until, 0) <= @now`,
  )
  const expired = db.prepare<[number, number], { tenant: string; id: string }>(
    `select tenant, id from call where expires_at <= ? and verdict = 'allow' and status is null and coalesce(claimed_until, 0) <= ?
       order by expires_at limit 100`,
  )

  return {
    write(tenant: string, { id, record, member, decided, status }: PartRow, idx: number): void {
      if (decided) decide.run(tenant, id, decided.call, decided.verdict, status, decided.tool, decided.principal, decided.expiresAt)
      else if (status !== null) settle.run(tenant, id, status)
      insertPart.run(tenant, id, record, member, idx)
    },
    find: (tenant: string, id: string): Parts => selectParts.all(tenant, id),
    list(tenant: string, filter: CallFilter, before: string | null, limit: number): Parts[] {
      const from = before === null ? Number.MAX_SAFE_INTEGER : cursor.get(tenant, before, tenant, before)?.seq
      if (from === null || from === undefined) return []
      const asked = filters.filter((name) => filter[name] !== null)
      const where = asked.map((name) => ` and ${name} = ?`).join('')
      return db
        .prepare<unknown[], { id: string }>(`select id from call where tenant = ? and seq < ?${where} order by seq desc limit ?`)
        .all(tenant, from, ...asked.map((name) => filter[name]), limit)
        .map(({ id }) => selectParts.all(tenant, id))
    },
    claim: (tenant: string, id: string, now: number, until: number): boolean => claim.run({ tenant, id, now, until }).changes > 0,
    expired: (now: number, by: number): Parts[] => expired.all(by, now).map(({ tenant, id }) => selectParts.all(tenant, id)),
  }
}
