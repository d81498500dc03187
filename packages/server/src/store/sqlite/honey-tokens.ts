import { type HoneyToken, mostHoneyTokens, touched } from '@agentgate/core/storing'
import type { Database } from 'better-sqlite3'

/** The rows of honey tokens: each one as JSON, with what it is sorted by. */
export function honeyTokenRows(db: Database) {
  const find = db.prepare<[string, string], { record: string }>('select record from honey_token where tenant = ? and id = ?')
  const put = db.prepare(
    `insert into honey_token (tenant, id, planted_at, retired_at, record) values (?, ?, ?, ?, ?)
     on conflict do update set retired_at = excluded.retired_at, record = excluded.record`,
  )
  const count = db.prepare<[string], { n: number }>('select count(*) as n from honey_token where tenant = ?')
  const drop = db.prepare(
    `delete from honey_token where (tenant, id) in (
       select tenant, id from honey_token where tenant = ? and retired_at is not null order by retired_at limit 1)`,
  )
  const list = db.prepare<[string], { record: string }>('select record from honey_token where tenant = ? order by planted_at desc, id desc')

  const known = (tenant: string, id: string): HoneyToken | undefined => {
    const row = find.get(tenant, id)
    return row && (JSON.parse(row.record) as HoneyToken)
  }
  const keep = (token: HoneyToken): void =>
    void put.run(token.tenant, token.id, token.plantedAt, token.retiredAt ?? null, JSON.stringify(token))

  return {
    plant(token: HoneyToken): boolean {
      if ((count.get(token.tenant)?.n ?? 0) >= mostHoneyTokens && drop.run(token.tenant).changes === 0) return false
      keep(token)
      return true
    },
    list: (tenant: string): string[] => list.all(tenant).map(({ record }) => record),
    touch(tenant: string, id: string, at: number): void {
      const token = known(tenant, id)
      if (token) keep(touched(token, at))
    },
    retire(tenant: string, id: string, at: number): boolean {
      const token = known(tenant, id)
      if (!token || token.retiredAt !== undefined) return false
      keep({ ...token, retiredAt: at })
      return true
    },
  }
}
