import { type ApprovalAnswer, type ApprovalAsked, askedAgain, withAnswer } from '@agentgate/core/storing'
import type { Database } from 'better-sqlite3'

/** A question as a row: `masked` (the call), `ways`, `roles` and `answers` are JSON. */
export interface ApprovalRow {
  readonly tenant: string
  readonly id: string
  readonly call: string
  readonly binding: string
  readonly masked: string
  readonly why: string
  readonly asked_at: number
  readonly expires_at: number
  readonly quorum: number
  readonly ways: string
  readonly roles: string
  readonly answers: string
  readonly state: string
  readonly mac: string | null
}

export interface Listed {
  readonly tenant: string
  readonly call: string | null
  readonly state: string | null
  readonly open: 0 | 1
  readonly overdue: number | null
  readonly before: string | null
  readonly limit: number
}

const columns = 'tenant, id, call, binding, masked, why, asked_at, expires_at, quorum, ways, roles, answers, state, mac'

/** The rows of the questions put before people. */
export function approvalRows(db: Database) {
  const insert = db.prepare(
    `insert into approval (${columns}) values (@tenant, @id, @call, @binding, @masked, @why, @asked_at, @expires_at, @quorum, @ways, @roles, @answers, @state, @mac)`,
  )
  const same = db.prepare<[string, string, string], ApprovalRow>(
    `select ${columns} from approval where tenant = ? and call = ? and binding = ?`,
  )
  const find = db.prepare<[string, string], ApprovalRow>(`select ${columns} from approval where tenant = ? and id = ?`)
  const answer = db.prepare('update approval set state = @state, answers = @answers where tenant = @tenant and id = @id')
  const reword = db.prepare(
    'update approval set quorum = @quorum, ways = @ways, roles = @roles, state = @state where tenant = @tenant and id = @id',
  )
  const close = db.prepare('update approval set closed = 1 where tenant = ? and id = ?')
  const list = db.prepare<unknown[], ApprovalRow>(
    `select ${columns} from approval where tenant = @tenant and (@call is null or call = @call) and (@state is null or state = @state)
       and (@open = 0 or closed = 0) and (@overdue is null or expires_at <= @overdue)
       and (@before is null or seq < (select seq from approval where tenant = @tenant and id = @before)) order by seq desc limit @limit`,
  )

  return {
    ask(row: ApprovalRow): ApprovalRow {
      const filed = same.get(row.tenant, row.call, row.binding)
      if (!filed) insert.run(row)
      const changed = filed && again(filed, row)
      if (changed) reword.run(changed)
      return changed ?? filed ?? row
    },
    /** INVARIANT: the store asks for one thing at a time, so nothing happens between reading a question and answering it. */
    answer(tenant: string, id: string, given: ApprovalAnswer): boolean {
      const row = find.get(tenant, id)
      const answered = row && withAnswer(askedOf(row), given)
      if (!answered) return false
      answer.run({ tenant, id, state: answered.state, answers: JSON.stringify(answered.answers) })
      return true
    },
    find: (tenant: string, id: string): ApprovalRow | undefined => find.get(tenant, id),
    list: (query: Listed): ApprovalRow[] => list.all(query),
    close: (tenant: string, id: string): void => void close.run(tenant, id),
  }
}

/** The row of a question that is asked again with other answers wanted; `undefined` where it stays as it is. */
export function again(filed: ApprovalRow, row: ApprovalRow): ApprovalRow | undefined {
  const wanted = (each: ApprovalRow) => ({ ...askedOf(each), roles: JSON.parse(each.roles) as readonly string[] })
  const changed = askedAgain(wanted(filed), { ...wanted(row), askedAt: row.asked_at })
  return changed && { ...filed, quorum: changed.quorum, ways: row.ways, roles: row.roles, state: changed.state }
}

/** INVARIANT: `state` and `answers` were written by a store, from what `withAnswer` said. */
export function askedOf({
  expires_at,
  quorum,
  ways,
  answers,
  state,
}: Pick<ApprovalRow, 'expires_at' | 'quorum' | 'ways' | 'answers' | 'state'>): ApprovalAsked {
  return { expiresAt: expires_at, quorum, ways: JSON.parse(ways), answers: JSON.parse(answers), state: state as ApprovalAsked['state'] }
}
