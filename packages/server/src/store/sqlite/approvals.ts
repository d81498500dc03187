import type { Database } from 'better-sqlite3'

/** A question as a row: `masked` is the call as JSON. */
export interface ApprovalRow {
  readonly tenant: string
  readonly id: string
  readonly call: string
  readonly binding: string
  readonly masked: string
  readonly why: string
  readonly asked_at: number
  readonly expires_at: number
  readonly state: string
  readonly decided_by: string | null
  readonly decided_at: number | null
  readonly answer: string | null
}

const columns = 'tenant, id, call, binding, masked, why, asked_at, expires_at, state, decided_by, decided_at, answer'

/** The rows of the questions put before people. */
export function approvalRows(db: Database) {
  const insert = db.prepare(
    `insert into approval (${columns}) values (@tenant, @id, @call, @binding, @masked, @why, @asked_at, @expires_at, @state, @decided_by, @decided_at, @answer)`,
  )
  const same = db.prepare<[string, string, string], ApprovalRow>(
    `select ${columns} from approval where tenant = ? and call = ? and binding = ?`,
  )
  const find = db.prepare<[string, string], ApprovalRow>(`select ${columns} from approval where tenant = ? and id = ?`)
  const answer = db.prepare(
    `update approval set state = @state, decided_by = @by, decided_at = @now, answer = @reason
       where tenant = @tenant and id = @id and state = 'pending' and expires_at > @now`,
  )
  const list = db.prepare<unknown[], ApprovalRow>(
    `select ${columns} from approval where tenant = @tenant and (@call is null or call = @call) and (@state is null or state = @state)
       and (@before is null or seq < (select seq from approval where tenant = @tenant and id = @before)) order by seq desc limit @limit`,
  )

  return {
    ask(row: ApprovalRow): ApprovalRow {
      const filed = same.get(row.tenant, row.call, row.binding)
      if (!filed) insert.run(row)
      return filed ?? row
    },
    answer: (given: { tenant: string; id: string; state: string; by: string; now: number; reason: string }): boolean =>
      answer.run(given).changes > 0,
    find: (tenant: string, id: string): ApprovalRow | undefined => find.get(tenant, id),
    list: (query: { tenant: string; call: string | null; state: string | null; before: string | null; limit: number }): ApprovalRow[] =>
      list.all(query),
  }
}
