import { type CallFilter, type PartRow, type Parts } from '../sqlite/calls.ts'
import type { Database, Sql } from './database.ts'

type Row = { readonly [name in 'id' | 'status' | 'call' | 'verdict' | 'tool' | 'principal']: string | null } & {
  readonly expires_at: number | null
}

interface Written {
  /** One row for each record, as a statement changes no row twice. */
  readonly rows: readonly Row[]
  readonly parts: readonly { readonly part: PartRow; readonly index: number }[]
}

/** What parts of private records amount to, in their order. */
export function partsToWrite(parts: Written['parts']): Written {
  const rows = new Map<string, Row>()
  for (const { part } of parts) {
    const { id, decided, status } = part
    if (!decided && status === null) continue
    const none = { id, status: null, call: null, verdict: null, tool: null, principal: null, expires_at: null }
    const { call, verdict, tool, principal, expiresAt: expires_at } = decided ?? {}
    const found = { call, verdict, tool, principal, expires_at, status: status ?? undefined }
    rows.set(id, { ...none, ...rows.get(id), ...Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined)) })
  }
  return { rows: [...rows.values()], parts }
}

/** The statements that write them. */
export function writeParts(sql: Sql, tenant: string, { rows, parts }: Written) {
  if (parts.length === 0) return []
  return [
    sql`insert into call (tenant, id, status, call, verdict, tool, principal, expires_at)
      select ${tenant}, id, status, call, verdict, tool, principal, expires_at from unnest(
        ${rows.map(({ id }) => id)}::text[], ${rows.map(({ status }) => status)}::text[], ${rows.map(({ call }) => call)}::text[],
        ${rows.map(({ verdict }) => verdict)}::text[], ${rows.map(({ tool }) => tool)}::text[],
        ${rows.map(({ principal }) => principal)}::text[], ${rows.map(({ expires_at }) => expires_at)}::bigint[]
      ) with ordinality as new (id, status, call, verdict, tool, principal, expires_at, place) order by place
      on conflict (tenant, id) do update set status = coalesce(excluded.status, call.status), call = coalesce(excluded.call, call.call),
        verdict = coalesce(excluded.verdict, call.verdict), tool = coalesce(excluded.tool, call.tool),
        principal = coalesce(excluded.principal, call.principal), expires_at = coalesce(excluded.expires_at, call.expires_at)`,
    sql`insert into call_part (tenant, id, record, member, idx)
      select ${tenant}, id, record, member, idx from unnest(
        ${parts.map(({ part }) => part.id)}::text[], ${parts.map(({ part }) => part.record)}::text[],
        ${parts.map(({ part }) => part.member)}::text[], ${parts.map(({ index }) => index)}::bigint[]
      ) with ordinality as new (id, record, member, idx, place) order by place`,
  ]
}

/** The rows of the calls that were decided. */
export function callRows(db: Database) {
  return {
    find: async (tenant: string, id: string): Promise<Parts> =>
      db.read(
        (sql) => sql<Parts[number][]>`select record, member, idx from call_part where tenant = ${tenant} and id = ${id} order by seq`,
      ),
    list: async (tenant: string, filter: CallFilter, before: string | null, limit: number): Promise<Parts[]> =>
      db.read(async (sql) => {
        const { verdict, status, tool, principal, call } = filter
        const from =
          before === null
            ? sql``
            : sql`and seq < coalesce((select seq from call where tenant = ${tenant} and id = ${before}),
                (select max(seq) + 1 from call where tenant = ${tenant} and id < ${before}))`
        const found = await sql<{ id: string }[]>`
          select id from call where tenant = ${tenant} ${from}
            ${verdict === null ? sql`` : sql`and verdict = ${verdict}`} ${status === null ? sql`` : sql`and status = ${status}`}
            ${tool === null ? sql`` : sql`and tool = ${tool}`} ${principal === null ? sql`` : sql`and principal = ${principal}`}
            ${call === null ? sql`` : sql`and call = ${call}`} order by seq desc limit ${limit}`
        return partsOf(
          sql,
          found.map(({ id }) => ({ tenant, id })),
        )
      }),
    /** By compare-and-swap: of several claimers at once one gets it. */
    claim: async (tenant: string, id: string, now: number, until: number): Promise<boolean> =>
      db.lightly(async (sql) => {
        const claimed = await sql`update call set claimed_until = ${until} where tenant = ${tenant} and id = ${id}
          and verdict = 'allow' and status is null and coalesce(claimed_until, 0) <= ${now}`
        return claimed.count > 0
      }),
    expired: async (now: number, by: number): Promise<Parts[]> =>
      db.read(async (sql) => {
        const found = await sql<{ tenant: string; id: string }[]>`
          select tenant, id from call where expires_at <= ${by} and verdict = 'allow' and status is null and coalesce(claimed_until, 0) <= ${now}
            order by expires_at limit 100`
        return partsOf(sql, found)
      }),
  }
}

async function partsOf(sql: Sql, found: readonly { readonly tenant: string; readonly id: string }[]): Promise<Parts[]> {
  if (found.length === 0) return []
  const rows = await sql<(Parts[number] & { place: number })[]>`
    select asked.place, part.record, part.member, part.idx
      from unnest(${found.map(({ tenant }) => tenant)}::text[], ${found.map(({ id }) => id)}::text[]) with ordinality as asked (tenant, id, place)
      cross join lateral (
        select seq, record, member, idx from call_part where tenant = asked.tenant and id = asked.id offset 0
      ) as part order by asked.place, part.seq`
  const byPlace = Map.groupBy(rows, ({ place }) => place)
  return found.map((_, index) => (byPlace.get(index + 1) ?? []).map(({ record, member, idx }) => ({ record, member, idx })))
}
