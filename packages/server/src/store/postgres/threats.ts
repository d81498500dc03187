import {
  mostThreats,
  movedTo,
  type PrincipalId,
  type RaisedThreat,
  type SeenThreat,
  sameThreat,
  seenAgain,
  type ThreatState,
} from '@agentgate/core'
import type { Database, Sql } from './database.ts'

/** The rows of threats: each one as JSON, with what it is found by. */
export function threatRows(db: Database) {
  async function keep(sql: Sql, threat: RaisedThreat): Promise<string> {
    const { tenant, id, kind, subject, state, lastAt } = threat
    const record = JSON.stringify(threat)
    const open = state === 'pending' || state === 'acknowledged'
    await sql`insert into threat (tenant, id, kind, subject, state, open, last_at, record)
      values (${tenant}, ${id}, ${kind}, ${subject}, ${state}, ${open}, ${lastAt}, ${record})
      on conflict (tenant, id) do update set state = excluded.state, open = excluded.open, last_at = excluded.last_at, record = excluded.record`
    return record
  }

  return {
    raise: async (seen: SeenThreat): Promise<string> =>
      db.change(async (sql) => {
        // Of two servers that see the same at once, one waits for the other.
        await sql`select pg_advisory_xact_lock(hashtextextended(${`threat ${seen.tenant}`}, 0))`
        const [known] = await sql<{ record: string }[]>`select record from threat
          where tenant = ${seen.tenant} and kind = ${seen.kind} and subject = ${seen.subject} and open and last_at >= ${seen.at - sameThreat}
          order by last_at desc limit 1`
        if (!known) {
          await sql`delete from threat where tenant = ${seen.tenant} and id in (
            select id from threat where tenant = ${seen.tenant} order by open desc, last_at desc offset ${mostThreats - 1})`
        }
        return keep(sql, seenAgain(known && (JSON.parse(known.record) as RaisedThreat), seen))
      }),
    find: async (tenant: string, id: string): Promise<string | undefined> =>
      db.read(async (sql) => {
        const [row] = await sql<{ record: string }[]>`select record from threat where tenant = ${tenant} and id = ${id}`
        return row?.record
      }),
    list: async (tenant: string, state: ThreatState | undefined, limit: number): Promise<string[]> =>
      db.read(async (sql) => {
        const rows = await sql<{ record: string }[]>`select record from threat
          where tenant = ${tenant} and (${state ?? null}::text is null or state = ${state ?? null}) order by last_at desc, id desc limit ${limit}`
        return rows.map(({ record }) => record)
      }),
    move: async (tenant: string, id: string, to: Exclude<ThreatState, 'pending'>, by: PrincipalId, at: number): Promise<string> =>
      db.change(async (sql) => {
        const [known] = await sql<{ record: string }[]>`select record from threat where tenant = ${tenant} and id = ${id} for update`
        if (!known) return 'unknown'
        const moved = movedTo(JSON.parse(known.record) as RaisedThreat, to, by, at)
        return moved === 'closed' ? moved : keep(sql, moved)
      }),
  }
}
