import { createHash } from 'node:crypto'
import { lapse, type Limit, type Reservation, type Reserved } from '@agentgate/core/storing'
import type { Database, Sql } from './database.ts'

interface ReservationRow {
  readonly place: string
  readonly amount: number
  readonly counts: boolean
  readonly final: boolean
}

type Freed = Pick<ReservationRow, 'amount' | 'counts'>

/** How long a reservation that nobody settled can still be settled late: a week, in milliseconds. */
const remembered = 7 * 86_400_000

/**
 * The rows of limits. INVARIANT: `counted.used` is the sum of what counts in `reservation`, and of what was folded into it.
 * Whoever changes a place holds its lock until the end of the transaction, and reads in statements after the one that took it.
 */
export function counterRows(db: Database) {
  return {
    reserve: async ({ id, key, amount }: Reservation, { max, window }: Limit, now: number): Promise<Reserved> =>
      db.lightly(async (sql) => {
        const place = placeOf(key, window)
        const locked = lock(sql, place)
        const [, gone, lapsed, [before], [same]] = await Promise.all([
          locked,
          sql<
            Freed[]
          >`delete from reservation where place = ${place} and at <= ${window === undefined ? -1 : now - window} returning amount, counts`,
          sql<Freed[]>`update reservation set counts = false where place = ${place} and at <= ${now - lapse} and not final and counts
            returning amount, true as counts`,
          sql<{ used: number }[]>`select used from counted where place = ${place}`,
          sql`select 1 from reservation where id = ${id}`,
        ])
        const freed = sum(gone) + sum(lapsed)
        const used = (before?.used ?? 0) - freed
        const fits = same === undefined && used + amount <= max
        if (fits) {
          await Promise.all([
            sql`insert into reservation (id, place, at, amount, counts, final) values (${id}, ${place}, ${now}, ${amount}, true, false)`,
            add(sql, place, amount - freed, window === undefined ? null : now + window),
          ])
          return { ok: true, used: used + amount }
        }
        if (freed !== 0) await add(sql, place, -freed, null)
        if (same !== undefined) return { ok: true, used }
        const wait = window === undefined || amount > max ? undefined : await waitIn(sql, place, used + amount - max, window, now)
        return { ok: false, used, ...(wait !== undefined && { wait }) }
      }),
    commit: async (id: string, amount: number | undefined): Promise<void> =>
      db.lightly(async (sql) => {
        const row = await open(sql, id)
        if (!row) return
        const spent = amount ?? row.amount
        await Promise.all([
          add(sql, row.place, spent - (row.counts ? row.amount : 0), null),
          row.place.startsWith('total/')
            ? sql`delete from reservation where id = ${id}`
            : sql`update reservation set amount = ${spent}, counts = true, final = true where id = ${id}`,
        ])
      }),
    release: async (id: string): Promise<void> =>
      db.lightly(async (sql) => {
        const row = await open(sql, id)
        if (!row) return
        await Promise.all([sql`delete from reservation where id = ${id}`, add(sql, row.place, row.counts ? -row.amount : 0, null)])
      }),
    /** Drops keys whose windows have passed, and reservations that nobody settled for a week. */
    tidy: async (now: number): Promise<void> => {
      for (let found = 1; found > 0; ) {
        const places = await db.read(
          (sql) => sql<{ place: string }[]>`
            select place from counted where until <= ${now}
              union select place from reservation where not final and at <= ${now - remembered} limit 1000`,
        )
        for (const { place } of places) await db.lightly((sql) => tidyPlace(sql, place, now))
        found = places.length
      }
    },
  }
}

async function tidyPlace(sql: Sql, place: string, now: number): Promise<void> {
  await lock(sql, place)
  const dropped = await sql`delete from counted where place = ${place} and until <= ${now}`
  if (dropped.count > 0) {
    await sql`delete from reservation where place = ${place}`
    return
  }
  const forgotten = await sql<Freed[]>`
    delete from reservation where place = ${place} and not final and at <= ${now - remembered} returning amount, counts`
  await add(sql, place, -sum(forgotten), null)
}

/** A reservation that can still be settled, its place locked. */
async function open(sql: Sql, id: string): Promise<ReservationRow | undefined> {
  const [found] = await sql<{ place: string }[]>`select place from reservation where id = ${id}`
  if (!found) return undefined
  await lock(sql, found.place)
  const [row] = await sql<ReservationRow[]>`select place, amount, counts, final from reservation where id = ${id}`
  return row?.final === false ? row : undefined
}

/** Sent at once: what is asked after it begins when the lock is granted, and sees what its last holder left. */
function lock(sql: Sql, place: string) {
  return sql`select pg_advisory_xact_lock(hashtextextended(${`counter ${place}`}, 0))`.execute()
}

async function add(sql: Sql, place: string, amount: number, until: number | null): Promise<void> {
  if (amount === 0 && until === null) return
  await sql`insert into counted (place, used, until) values (${place}, ${amount}, ${until}) on conflict (place) do update set
    used = counted.used + excluded.used,
    until = case when excluded.until is null then counted.until else greatest(counted.until, excluded.until) end`
}

/** Milliseconds until `missing` has left the window: by the oldest reservations that together hold as much. */
async function waitIn(sql: Sql, place: string, missing: number, window: number, now: number): Promise<number | undefined> {
  const [row] = await sql<{ at: number }[]>`
    select at from (
      select at, sum(amount) over (order by at, id) as leaving from reservation where place = ${place} and counts
    ) as taken where leaving >= ${missing} order by at limit 1`
  return row && row.at + window - now
}

/** Bounded, whatever the key holds: an index takes no long texts, and PostgreSQL no NUL. */
function placeOf(key: string, window: number | undefined): string {
  const short = key.length <= 300 && !key.includes('\0') && !key.startsWith('sha256:')
  return `${window === undefined ? 'total' : 'window'}/${short ? key : `sha256:${createHash('sha256').update(key).digest('hex')}`}`
}

/** How much of the rows counted. */
function sum(rows: readonly Freed[]): number {
  return rows.reduce((total, { amount, counts }) => total + (counts ? amount : 0), 0)
}
