import type { Database } from 'better-sqlite3'

export interface ApiKeyRow {
  readonly hash: string
  readonly tenant: string
  readonly id: string
  /** `Agent::<id>`: whom the key authenticates. */
  readonly principal: string
  readonly name: string
  readonly created_by: string
  readonly created_at: number
  readonly expires_at: number | null
  readonly seen_at: number | null
}

/** The principal of a live key, acting for whom made the key: neither revoked nor expired, made by a person who is still known. */
export const agentAsItIs = `
  select principal.tenant, principal.id, json_set(principal.record, '$.onBehalfOf', api_key.created_by) as record
    from api_key
    join principal on principal.tenant = api_key.tenant and principal.id = api_key.principal
    join principal as owner on owner.tenant = api_key.tenant and owner.id = api_key.created_by
    where api_key.revoked_at is null and coalesce(api_key.expires_at, 9007199254740991) > @now and owner.id like 'User::%'`

const columns = 'hash, api_key.tenant, api_key.id, principal, name, created_by, created_at, expires_at, seen_at'

/** The rows of API keys: only hashes of them. */
export function apiKeyRows(db: Database) {
  const insert = db.prepare(
    `insert into api_key (hash, tenant, id, principal, name, created_by, created_at, expires_at, seen_at)
       values (@hash, @tenant, @id, @principal, @name, @created_by, @created_at, @expires_at, @seen_at)`,
  )
  const alive = db.prepare<[{ hash: string; now: number }], { record: string }>(`${agentAsItIs} and api_key.hash = @hash`)
  const seen = db.prepare('update api_key set seen_at = @now where hash = @hash and coalesce(seen_at, 0) < @now - 60000')
  const list = db.prepare<[string], ApiKeyRow>(
    `select ${columns} from api_key where tenant = ? and revoked_at is null order by created_at desc, id limit 1000`,
  )
  const revoke = db.prepare<unknown[], { principal: string }>(
    'update api_key set revoked_at = ? where tenant = ? and id = ? and revoked_at is null returning principal',
  )
  const forget = db.prepare('delete from principal where tenant = ? and id = ?')
  return {
    add: (row: ApiKeyRow): void => void insert.run(row),
    /** The principal as JSON, while the key is good; notes once a minute that it was used. */
    check(hash: string, now: number): string | undefined {
      const row = alive.get({ hash, now })
      if (row) seen.run({ hash, now })
      return row?.record
    },
    list: (tenant: string): ApiKeyRow[] => list.all(tenant),
    /** The key's principal goes with it, in one transaction. */
    revoke(tenant: string, id: string, now: number): boolean {
      const revoked = revoke.get(now, tenant, id)
      if (revoked) forget.run(tenant, revoked.principal)
      return revoked !== undefined
    },
  }
}
