import { type Block, laterOf, mostBlocks } from '@agentgate/core'
import type { Database } from './database.ts'

/** The rows of what is blocked: each one as JSON. */
export function blockRows(db: Database) {
  return {
    block: async (block: Block): Promise<void> =>
      db.change(async (sql) => {
        await sql`select pg_advisory_xact_lock(hashtextextended(${`block ${block.tenant}`}, 0))`
        const [known] = await sql<{ record: string }[]>`
          select record from block where tenant = ${block.tenant} and subject = ${block.subject}`
        const later = laterOf(known && (JSON.parse(known.record) as Block), block)
        await sql`insert into block (tenant, subject, until, record)
          values (${later.tenant}, ${later.subject}, ${later.until}, ${JSON.stringify(later)})
          on conflict (tenant, subject) do update set until = excluded.until, record = excluded.record`
        await sql`delete from block where tenant = ${block.tenant} and subject in (
          select subject from block where tenant = ${block.tenant} order by until desc offset ${mostBlocks})`
      }),
    unblock: async (tenant: string, subject: string): Promise<boolean> =>
      db.change(async (sql) => (await sql`delete from block where tenant = ${tenant} and subject = ${subject}`).count > 0),
    list: async (tenant: string, now: number): Promise<string[]> =>
      db.read(async (sql) => {
        const rows = await sql<{ record: string }[]>`
          select record from block where tenant = ${tenant} and until > ${now} order by subject`
        return rows.map(({ record }) => record)
      }),
  }
}
