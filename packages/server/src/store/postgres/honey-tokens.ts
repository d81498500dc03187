import { type HoneyToken, mostHoneyTokens, touched } from '@agentgate/core'
import type { Database, Sql } from './database.ts'

/** The rows of honey tokens: each one as JSON, with what it is sorted by. */
export function honeyTokenRows(db: Database) {
  async function known(sql: Sql, tenant: string, id: string): Promise<HoneyToken | undefined> {
    const [row] = await sql<{ record: string }[]>`select record from honey_token where tenant = ${tenant} and id = ${id} for update`
    return row && (JSON.parse(row.record) as HoneyToken)
  }
  const keep = async (sql: Sql, token: HoneyToken) => sql`insert into honey_token (tenant, id, planted_at, retired_at, record)
    values (${token.tenant}, ${token.id}, ${token.plantedAt}, ${token.retiredAt ?? null}, ${JSON.stringify(token)})
    on conflict (tenant, id) do update set retired_at = excluded.retired_at, record = excluded.record`

  return {
    plant: async (token: HoneyToken): Promise<boolean> =>
      db.change(async (sql) => {
        await sql`select pg_advisory_xact_lock(hashtextextended(${`honey token ${token.tenant}`}, 0))`
        const [{ n } = { n: 0 }] = await sql<{ n: number }[]>`select count(*)::int as n from honey_token where tenant = ${token.tenant}`
        if (n >= mostHoneyTokens) {
          const { count } = await sql`delete from honey_token where tenant = ${token.tenant} and id in (
            select id from honey_token where tenant = ${token.tenant} and retired_at is not null order by retired_at limit 1)`
          if (count === 0) return false
        }
        await keep(sql, token)
        return true
      }),
    list: async (tenant: string): Promise<string[]> =>
      db.read(async (sql) => {
        const rows = await sql<{ record: string }[]>`
          select record from honey_token where tenant = ${tenant} order by planted_at desc, id desc`
        return rows.map(({ record }) => record)
      }),
    touch: async (tenant: string, id: string, at: number): Promise<void> =>
      db.change(async (sql) => {
        const token = await known(sql, tenant, id)
        if (token) await keep(sql, touched(token, at))
      }),
    retire: async (tenant: string, id: string, at: number): Promise<boolean> =>
      db.change(async (sql) => {
        const token = await known(sql, tenant, id)
        if (!token || token.retiredAt !== undefined) return false
        await keep(sql, { ...token, retiredAt: at })
        return true
      }),
  }
}
