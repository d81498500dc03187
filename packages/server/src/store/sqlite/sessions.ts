import type { Database } from 'better-sqlite3'

export interface SessionRow {
  readonly tenant: string
  readonly id: string
  readonly user: string
  readonly created_at: number
  readonly seen_at: number
  readonly expires_at: number
  readonly user_agent: string | null
  readonly stepped_up_at: number | null
}

/** Where a session was last seen: a place as JSON. */
export interface PlacedRow {
  readonly place: string
  readonly placed_at: number
}

/** What became of a refresh token. `reused`: it had been used before, so the whole session is revoked. */
export type Rotated = { readonly status: 'unknown' | 'over' } | { readonly status: 'rotated' | 'reused'; readonly session: SessionRow }

const columns =
  'session.tenant, session.id, session.user, session.created_at, session.seen_at, session.expires_at, session.user_agent, session.stepped_up_at'

/** The rows of sessions and of the refresh tokens that each has had: only hashes of them. */
export function sessionRows(db: Database) {
  const insert = db.prepare(
    `insert into session (tenant, id, user, created_at, seen_at, expires_at, user_agent)
       values (@tenant, @id, @user, @created_at, @seen_at, @expires_at, @user_agent)`,
  )
  const insertRefresh = db.prepare('insert into refresh (hash, tenant, session) values (?, ?, ?)')
  const useRefresh = db.prepare('update refresh set used_at = ? where hash = ?')
  const byRefresh = db.prepare<[string], SessionRow & { used_at: number | null; revoked_at: number | null; disabled: number }>(
    `select ${columns}, refresh.used_at, session.revoked_at, user.disabled from refresh
       join session on session.tenant = refresh.tenant and session.id = refresh.session
       join user on user.tenant = session.tenant and user.id = session.user where refresh.hash = ?`,
  )
  const renew = db.prepare('update session set seen_at = ?, expires_at = ? where tenant = ? and id = ?')
  const alive = db.prepare<[string, string, number], SessionRow & { principal: string }>(
    `select ${columns}, principal.record as principal from session
       join user on user.tenant = session.tenant and user.id = session.user and user.disabled = 0
       join principal on principal.tenant = session.tenant and principal.id = session.user
       where session.tenant = ? and session.id = ? and session.revoked_at is null and session.expires_at > ?`,
  )
  const seen = db.prepare('update session set seen_at = @now where tenant = @tenant and id = @id and seen_at < @now - 60000')
  const list = db.prepare<[string, string, number], SessionRow>(
    `select ${columns} from session where tenant = ? and user = ? and revoked_at is null and expires_at > ? order by seen_at desc, id limit 200`,
  )
  const revoke = db.prepare('update session set revoked_at = ? where tenant = ? and user = ? and id = ? and revoked_at is null')
  const revokeAll = db.prepare(
    'update session set revoked_at = @now where tenant = @tenant and user = @user and id is not @except and revoked_at is null',
  )
  const stepUp = db.prepare(
    'update session set stepped_up_at = @now where tenant = @tenant and user = @user and id = @id and revoked_at is null and expires_at > @now',
  )
  const places = db.prepare<[string, string], PlacedRow>(
    'select place, placed_at from session where tenant = ? and user = ? and place is not null order by placed_at desc limit 200',
  )
  const place = db.prepare('update session set place = ?, placed_at = ? where tenant = ? and id = ?')
  const drop = db.prepare('delete from session where expires_at <= ?')

  return {
    open(row: SessionRow, refresh: string): void {
      insert.run(row)
      insertRefresh.run(refresh, row.tenant, row.id)
    },
    rotate(old: string, fresh: string, now: number, idle: number, longest: number): Rotated {
      const row = byRefresh.get(old)
      if (!row) return { status: 'unknown' }
      const { used_at, revoked_at, disabled, ...session } = row
      if (used_at !== null) {
        revoke.run(now, row.tenant, row.user, row.id)
        return { status: 'reused', session }
      }
      if (revoked_at !== null || disabled === 1 || row.expires_at <= now) return { status: 'over' }
      const expiresAt = Math.min(now + idle, row.created_at + longest)
      useRefresh.run(now, old)
      insertRefresh.run(fresh, row.tenant, row.id)
      renew.run(now, expiresAt, row.tenant, row.id)
      return { status: 'rotated', session: { ...session, seen_at: now, expires_at: expiresAt } }
    },
    /** The session and its principal as JSON, while neither is over; notes once a minute that it was seen. */
    check(tenant: string, id: string, now: number): { readonly session: SessionRow; readonly principal: string } | undefined {
      const row = alive.get(tenant, id, now)
      if (!row) return undefined
      seen.run({ tenant, id, now })
      const { principal, ...session } = row
      return { session, principal }
    },
    list: (tenant: string, user: string, now: number): SessionRow[] => list.all(tenant, user, now),
    revoke: (tenant: string, user: string, id: string, now: number): boolean => revoke.run(now, tenant, user, id).changes > 0,
    stepUp: (tenant: string, user: string, id: string, now: number): boolean => stepUp.run({ tenant, user, id, now }).changes > 0,
    /** How many were revoked: all of a person's, but for one. */
    revokeAll: (tenant: string, user: string, except: string | null, now: number): number =>
      revokeAll.run({ tenant, user, except, now }).changes,
    /** Notes where a session is seen; where the person's sessions were seen before, the last first. */
    placed(tenant: string, user: string, id: string, here: string, now: number): PlacedRow[] {
      const before = places.all(tenant, user)
      place.run(here, now, tenant, id)
      return before
    },
    /** Drops what was over at that time, with its refresh tokens. */
    tidy: (before: number): number => drop.run(before).changes,
  }
}
