import { type Block, laterOf, mostBlocks } from '@agentgate/core/storing'
import type { Database } from 'better-sqlite3'

/** The rows of what is blocked: each one as JSON. */
export function blockRows(db: Database) {
  const find = db.prepare<[string, string], { record: string }>('select record from block where tenant = ? and subject = ?')
  const put = db.prepare(
    `insert into block (tenant, subject, until, record) values (?, ?, ?, ?)
     on conflict do update set until = excluded.until, record = excluded.record`,
  )
  const count = db.prepare<[string], { n: number }>('select count(*) as n from block where tenant = ?')
  const drop = db.prepare(
    'delete from block where (tenant, subject) in (select tenant, subject from block where tenant = ? order by until limit ?)',
  )
  const remove = db.prepare('delete from block where tenant = ? and subject = ?')
  const list = db.prepare<[string, number], { record: string }>('select record from block where tenant = ? and until > ? order by subject')
  return {
    block(block: Block): void {
      const known = find.get(block.tenant, block.subject)
      const later = laterOf(known && (JSON.parse(known.record) as Block), block)
      put.run(later.tenant, later.subject, later.until, JSON.stringify(later))
      const over = (count.get(block.tenant)?.n ?? 0) - mostBlocks
      if (over > 0) drop.run(block.tenant, over)
    },
    unblock: (tenant: string, subject: string): boolean => remove.run(tenant, subject).changes > 0,
    list: (tenant: string, now: number): string[] => list.all(tenant, now).map(({ record }) => record),
  }
}
