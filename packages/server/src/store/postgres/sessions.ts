import type { PlacedRow, Rotated, SessionRow } from '../sqlite/sessions.ts'
import type { Database, Sql } from './database.ts'

/** The rows of sessions and of the refresh tokens that each has had: only hashes of them. */
export function sessionRows(db: Database) {
  return {
    open: async (row: SessionRow, refresh: string): Promise<void> =>
      db.change(async (sql) => {
        await sql`insert into session (tenant, id, person, created_at, seen_at, expires_at, user_agent)
          values (${row.tenant}, ${row.id}, ${row.user}, ${row.created_at}, ${row.seen_at}, ${row.expires_at}, ${row.user_agent})`
        await sql`insert into refresh (hash, tenant, session) values (${refresh}, ${row.tenant}, ${row.id})`
      }),
    /** The row of the old token is locked: of two who use it at once, one comes second and finds it used. */
    rotate: async (old: string, fresh: string, now: number, idle: number, longest: number): Promise<Rotated> =>
      db.change(async (sql) => {
        const [used] = await sql<{ tenant: string; session: string; used_at: number | null }[]>`
          select tenant, session, used_at from refresh where hash = ${old} for update`
        if (!used) return { status: 'unknown' }
        const [row] = await sql<(SessionRow & { revoked_at: number | null; disabled: boolean })[]>`
          select ${columns(sql)}, session.revoked_at, person.disabled from session
            join person on person.tenant = session.tenant and person.id = session.person
            where session.tenant = ${used.tenant} and session.id = ${used.session}`
        if (!row) return { status: 'unknown' }
        const { revoked_at, disabled, ...session } = row
        if (used.used_at !== null) {
          await sql`update session set revoked_at = ${now} where tenant = ${row.tenant} and id = ${row.id} and revoked_at is null`
          return { status: 'reused', session }
        }
        if (revoked_at !== null || disabled || row.expires_at <= now) return { status: 'over' }
        const expires_at = Math.min(now + idle, row.created_at + longest)
        await sql`update refresh set used_at = ${now} where hash = ${old}`
        await sql`insert into refresh (hash, tenant, session) values (${fresh}, ${row.tenant}, ${row.id})`
        await sql`update session set seen_at = ${now}, expires_at = ${expires_at} where tenant = ${row.tenant} and id = ${row.id}`
        return { status: 'rotated', session: { ...session, seen_at: now, expires_at } }
      }),
    /** The session and its principal as JSON, while neither is over; notes once a minute that it was seen. */
    check: async (
      tenant: string,
      id: string,
      now: number,
    ): Promise<{ readonly session: SessionRow; readonly principal: string } | undefined> => {
      const [row] = await db.read(
        (sql) => sql<(SessionRow & { record: string })[]>`
          select ${columns(sql)}, principal.record from session
            join person on person.tenant = session.tenant and person.id = session.person and not person.disabled
            join principal on principal.tenant = session.tenant and principal.id = session.person
            where session.tenant = ${tenant} and session.id = ${id} and session.revoked_at is null and session.expires_at > ${now}`,
      )
      if (!row) return undefined
      if (row.seen_at < now - 60_000)
        await db.lightly(
          (sql) => sql`update session set seen_at = ${now} where tenant = ${tenant} and id = ${id} and seen_at < ${now - 60_000}`,
        )
      const { record: principal, ...session } = row
      return { session, principal }
    },
    list: async (tenant: string, user: string, now: number): Promise<SessionRow[]> =>
      db.read(async (sql) => [
        ...(await sql<SessionRow[]>`
          select ${columns(sql)} from session where tenant = ${tenant} and person = ${user} and revoked_at is null and expires_at > ${now}
            order by seen_at desc, id limit 200`),
      ]),
    revoke: async (tenant: string, user: string, id: string, now: number): Promise<boolean> =>
      db.change(async (sql) => {
        const revoked = await sql`update session set revoked_at = ${now}
          where tenant = ${tenant} and person = ${user} and id = ${id} and revoked_at is null`
        return revoked.count > 0
      }),
    stepUp: async (tenant: string, user: string, id: string, now: number): Promise<boolean> =>
      db.change(async (sql) => {
        const stepped = await sql`update session set stepped_up_at = ${now}
          where tenant = ${tenant} and person = ${user} and id = ${id} and revoked_at is null and expires_at > ${now}`
        return stepped.count > 0
      }),
    /** How many were revoked: all of a person's, but for one. */
    revokeAll: async (tenant: string, user: string, except: string | null, now: number): Promise<number> =>
      db.change(async (sql) => {
        const revoked = await sql`update session set revoked_at = ${now}
          where tenant = ${tenant} and person = ${user} and id is distinct from ${except} and revoked_at is null`
        return revoked.count
      }),
    /** Notes where a session is seen; where the person's sessions were seen before, the last first. */
    placed: async (tenant: string, user: string, id: string, here: string, now: number): Promise<PlacedRow[]> =>
      db.change(async (sql) => {
        const before = await sql<PlacedRow[]>`
          select place, placed_at from session where tenant = ${tenant} and person = ${user} and place is not null
            order by placed_at desc limit 200`
        await sql`update session set place = ${here}, placed_at = ${now} where tenant = ${tenant} and id = ${id}`
        return [...before]
      }),
    /** Drops what was over at that time, with its refresh tokens. */
    tidy: async (before: number): Promise<number> =>
      db.change(async (sql) => (await sql`delete from session where expires_at <= ${before}`).count),
  }
}

function columns(sql: Sql) {
  return sql`session.tenant, session.id, session.person as user, session.created_at, session.seen_at, session.expires_at,
    session.user_agent, session.stepped_up_at`
}
