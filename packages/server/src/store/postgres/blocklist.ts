import { type Block, laterOf, mostBlocks } from '@agentgate/core'
import type { Database } from './database.ts'

/** The rows of blocked networks: each one as JSON. */
export function blockRows(db: Database) {
  return {
    block: async (block: Block): Promise<void> =>
      db.change(async (sql) => {
        await sql`select pg_advisory_xact_lock(hashtextextended(${`block ${block.tenant}`}, 0))`
        const [known] = await sql<{ record: string }[]>`
          select record from block where tenant = ${block.tenant} and network = ${block.network}`
        const later = laterOf(known && (JSON.parse(known.record) as Block), block)
        await sql`insert into block (tenant, network, until, record)
          values (${later.tenant}, ${later.network}, ${later.until}, ${JSON.stringify(later)})
          on conflict (tenant, network) do update set until = excluded.until, record = excluded.record`
        await sql`delete from block where tenant = ${block.tenant} and network in (
          select network from block where tenant = ${block.tenant} order by until desc offset ${mostBlocks})`
      }),
    unblock: async (tenant: string, network: string): Promise<boolean> =>
      db.change(async (sql) => (await sql`delete from block where tenant = ${tenant} and network = ${network}`).count > 0),
    list: async (tenant: string, now: number): Promise<string[]> =>
      db.read(async (sql) => {
        const rows = await sql<{ record: string }[]>`
          select record from block where tenant = ${tenant} and until > ${now} order by network`
        return rows.map(({ record }) => record)
      }),
  }
}
