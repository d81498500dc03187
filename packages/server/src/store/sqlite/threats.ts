import { mostThreats, movedTo, type RaisedThreat, type SeenThreat, sameThreat, seenAgain, type ThreatState } from '@agentgate/core/storing'
import type { PrincipalId } from '@agentgate/core'
import type { Database } from 'better-sqlite3'

/** The rows of threats: each one as JSON, with what it is found by. */
export function threatRows(db: Database) {
  const same = db.prepare<[string, string, string, number], { record: string }>(
    `select record from threat where tenant = ? and kind = ? and subject = ? and open = 1 and last_at >= ? order by last_at desc limit 1`,
  )
  const find = db.prepare<[string, string], { record: string }>('select record from threat where tenant = ? and id = ?')
  const put = db.prepare(
    `insert into threat (tenant, id, kind, subject, state, open, last_at, record) values (@tenant, @id, @kind, @subject, @state, @open, @lastAt, @record)
     on conflict do update set state = excluded.state, open = excluded.open, last_at = excluded.last_at, record = excluded.record`,
  )
  const count = db.prepare<[string], { n: number }>('select count(*) as n from threat where tenant = ?')
  const drop = db.prepare(
    'delete from threat where (tenant, id) in (select tenant, id from threat where tenant = ? order by open, last_at limit ?)',
  )
  const list = db.prepare<[string, number], { record: string }>(
    'select record from threat where tenant = ? order by last_at desc, id desc limit ?',
  )
  const inState = db.prepare<[string, string, number], { record: string }>(
    'select record from threat where tenant = ? and state = ? order by last_at desc, id desc limit ?',
  )

  function keep(threat: RaisedThreat): string {
    const { tenant, id, kind, subject, state, lastAt } = threat
    const record = JSON.stringify(threat)
    put.run({ tenant, id, kind, subject, state, open: state === 'pending' || state === 'acknowledged' ? 1 : 0, lastAt, record })
    return record
  }

  return {
    raise(seen: SeenThreat): string {
      const known = same.get(seen.tenant, seen.kind, seen.subject, seen.at - sameThreat)
      if (!known) {
        const over = (count.get(seen.tenant)?.n ?? 0) + 1 - mostThreats
        if (over > 0) drop.run(seen.tenant, over)
      }
      return keep(seenAgain(known && (JSON.parse(known.record) as RaisedThreat), seen))
    },
    find: (tenant: string, id: string): string | undefined => find.get(tenant, id)?.record,
    list: (tenant: string, state: ThreatState | undefined, limit: number): string[] =>
      (state === undefined ? list.all(tenant, limit) : inState.all(tenant, state, limit)).map(({ record }) => record),
    move(tenant: string, id: string, to: Exclude<ThreatState, 'pending'>, by: PrincipalId, at: number): string {
      const known = find.get(tenant, id)
      if (!known) return 'unknown'
      const moved = movedTo(JSON.parse(known.record) as RaisedThreat, to, by, at)
      return moved === 'closed' ? moved : keep(moved)
    },
  }
}
