import type { Database } from './database.ts'
import { agentAsItIs } from './api-keys.ts'

/** The rows of principals: each one as JSON. */
export function principalRows(db: Database) {
  return {
    /** An agent that a key authenticates is known for as long as its key is good. */
    find: async (tenant: string, id: string, now: number): Promise<string | undefined> =>
      db.read(async (sql) => {
        const [found] = await sql<{ record: string; hash: string | null }[]>`
          select principal.record, api_key.hash from principal
            left join api_key on api_key.tenant = principal.tenant and api_key.id = substr(principal.id, 8) and api_key.principal = principal.id
            where principal.tenant = ${tenant} and principal.id = ${id}`
        return found && found.hash !== null ? agentAsItIs(sql, found.hash, now).then((agent) => agent?.record) : found?.record
      }),
    grant: async (tenant: string, id: string, record: string): Promise<void> =>
      db.change(async (sql) => {
        await sql`insert into principal (tenant, id, record) values (${tenant}, ${id}, ${record})
          on conflict (tenant, id) do update set record = excluded.record`
      }),
    revoke: async (tenant: string, id: string): Promise<void> =>
      db.change(async (sql) => void (await sql`delete from principal where tenant = ${tenant} and id = ${id}`)),
  }
}
