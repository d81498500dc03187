import type { Database } from 'better-sqlite3'
import { agentAsItIs } from './api-keys.ts'

/** The rows of principals: each one as JSON. */
export function principalRows(db: Database) {
  const find = db.prepare<[string, string], { record: string }>('select record from principal where tenant = ? and id = ?')
  const keyed = db.prepare<[{ tenant: string; id: string }], unknown>(
    'select 1 from api_key where tenant = @tenant and id = substr(@id, 8) and principal = @id',
  )
  const agent = db.prepare<[{ tenant: string; id: string; now: number }], { record: string }>(
    `${agentAsItIs} and api_key.tenant = @tenant and api_key.id = substr(@id, 8) and api_key.principal = @id`,
  )
  const put = db.prepare(
    'insert into principal (tenant, id, record) values (?, ?, ?) on conflict (tenant, id) do update set record = excluded.record',
  )
  const remove = db.prepare('delete from principal where tenant = ? and id = ?')
  return {
    /** An agent that a key authenticates is known for as long as its key is good. */
    find: (tenant: string, id: string, now: number): string | undefined =>
      (keyed.get({ tenant, id }) ? agent.get({ tenant, id, now }) : find.get(tenant, id))?.record,
    grant: (tenant: string, id: string, record: string): void => void put.run(tenant, id, record),
    revoke: (tenant: string, id: string): void => void remove.run(tenant, id),
  }
}
