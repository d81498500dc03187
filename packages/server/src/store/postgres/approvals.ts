import { type ApprovalAnswer, withAnswer } from '@agentgate/core/storing'
import { again, type ApprovalRow, askedOf, type Listed } from '../sqlite/approvals.ts'
import type { Database } from './database.ts'

/** The rows of the questions put before people. */
export function approvalRows(db: Database) {
  return {
    /** Of several that ask the same at once, one files the question and all get it. */
    ask: async (row: ApprovalRow): Promise<ApprovalRow> =>
      db.change(async (sql) => {
        await sql`
          insert into approval (tenant, id, call, binding, masked, why, asked_at, expires_at, quorum, ways, roles, answers, state, mac)
            values (${row.tenant}, ${row.id}, ${row.call}, ${row.binding}, ${row.masked}, ${row.why}, ${row.asked_at}, ${row.expires_at},
              ${row.quorum}, ${row.ways}, ${row.roles}, ${row.answers}, ${row.state}, ${row.mac})
            on conflict (tenant, call, binding) do nothing`
        const [filed] = await sql<ApprovalRow[]>`
          select tenant, id, call, binding, masked, why, asked_at, expires_at, quorum, ways, roles, answers, state, mac from approval
            where tenant = ${row.tenant} and call = ${row.call} and binding = ${row.binding} for update`
        const changed = filed && again(filed, row)
        if (changed) {
          await sql`update approval set quorum = ${changed.quorum}, ways = ${changed.ways}, roles = ${changed.roles}, state = ${changed.state}
            where tenant = ${row.tenant} and id = ${filed.id}`
        }
        return changed ?? filed ?? row
      }),
    answer: async (tenant: string, id: string, given: ApprovalAnswer): Promise<boolean> =>
      db.change(async (sql) => {
        const [row] = await sql<ApprovalRow[]>`
          select expires_at, quorum, ways, answers, state from approval where tenant = ${tenant} and id = ${id} for update`
        const answered = row && withAnswer(askedOf(row), given)
        if (!answered) return false
        await sql`update approval set state = ${answered.state}, answers = ${JSON.stringify(answered.answers)} where tenant = ${tenant} and id = ${id}`
        return true
      }),
    find: async (tenant: string, id: string): Promise<ApprovalRow | undefined> =>
      db.read(async (sql) => {
        const [row] = await sql<ApprovalRow[]>`
          select tenant, id, call, binding, masked, why, asked_at, expires_at, quorum, ways, roles, answers, state, mac from approval
            where tenant = ${tenant} and id = ${id}`
        return row
      }),
    list: async ({ tenant, call, state, open, overdue, before, limit }: Listed): Promise<ApprovalRow[]> =>
      db.read(async (sql) => [
        ...(await sql<ApprovalRow[]>`
          select tenant, id, call, binding, masked, why, asked_at, expires_at, quorum, ways, roles, answers, state, mac from approval
            where tenant = ${tenant} ${call === null ? sql`` : sql`and call = ${call}`} ${state === null ? sql`` : sql`and state = ${state}`}
              ${open === 0 ? sql`` : sql`and not closed`} ${overdue === null ? sql`` : sql`and expires_at <= ${overdue}`}
              ${before === null ? sql`` : sql`and seq < (select seq from approval where tenant = ${tenant} and id = ${before})`}
            order by seq desc limit ${limit}`),
      ]),
    close: async (tenant: string, id: string): Promise<void> =>
      db.change(async (sql) => void (await sql`update approval set closed = true where tenant = ${tenant} and id = ${id}`)),
  }
}
