import { lapse, type Limit, type Reservation, type Reserved, waitFor } from '@agentgate/core/storing'
import type { Database } from 'better-sqlite3'

interface ReservationRow {
  readonly place: string
  readonly amount: number
  readonly counts: number
  readonly final: number
}

/** How long a reservation that nobody settled can still be settled late: a week, in milliseconds. */
const remembered = 7 * 86_400_000

/** The rows of limits. INVARIANT: `counted.used` is the sum of what counts in `reservation`, and of what was folded into it. */
export function counterRows(db: Database) {
  const used = db.prepare<[string], { used: number }>('select used from counted where place = ?')
  const add = db.prepare(
    `insert into counted (place, used, until) values (@place, @amount, @until) on conflict (place) do update set
       used = used + excluded.used, until = case when excluded.until is null then until else max(until, excluded.until) end`,
  )
  const insert = db.prepare('insert into reservation (id, place, at, amount, counts, final) values (?, ?, ?, ?, 1, 0)')
  const find = db.prepare<[string], ReservationRow>('select place, amount, counts, final from reservation where id = ?')
  const leave = db.prepare<[string, number], { amount: number; counts: number }>(
    'delete from reservation where place = ? and at <= ? returning amount, counts',
  )
  const lapsed = db.prepare<[string, number], { amount: number }>(
    'update reservation set counts = 0 where place = ? and at <= ? and final = 0 and counts = 1 returning amount',
  )
  const oldest = db.prepare<[string], { amount: number; at: number }>(
    'select amount, at from reservation where place = ? and counts = 1 order by at',
  )
  const remove = db.prepare('delete from reservation where id = ?')
  const finish = db.prepare('update reservation set amount = ?, counts = 1, final = 1 where id = ?')
  const dropKeys = db.prepare('delete from counted where until <= ?')
  const dropLeft = db.prepare(`delete from reservation where place like 'window/%' and place not in (select place from counted)`)
  const forgotten = db.prepare<[number], { place: string; amount: number; counts: number }>(
    'delete from reservation where final = 0 and at <= ? returning place, amount, counts',
  )

  const addTo = (place: string, amount: number, until: number | null = null) => {
    if (amount !== 0 || until !== null) add.run({ place, amount, until })
  }

  return {
    reserve({ id, key, amount }: Reservation, { max, window }: Limit, now: number): Reserved {
      const place = window === undefined ? `total/${key}` : `window/${key}`
      let gone = 0
      if (window !== undefined) for (const row of leave.all(place, now - window)) gone += row.counts * row.amount
      for (const row of lapsed.all(place, now - lapse)) gone += row.amount
      addTo(place, -gone)

      const before = used.get(place)?.used ?? 0
      if (find.get(id)) return { ok: true, used: before }
      if (before + amount <= max) {
        insert.run(id, place, now, amount)
        addTo(place, amount, window === undefined ? null : now + window)
        return { ok: true, used: before + amount }
      }
      const wait = window === undefined || amount > max ? undefined : waitFor(before + amount - max, oldest.iterate(place), window, now)
      return { ok: false, used: before, ...(wait !== undefined && { wait }) }
    },
    commit(id: string, amount: number | undefined): void {
      const row = find.get(id)
      if (!row || row.final === 1) return
      const spent = amount ?? row.amount
      addTo(row.place, spent - row.counts * row.amount)
      if (row.place.startsWith('total/')) remove.run(id)
      else finish.run(spent, id)
    },
    release(id: string): void {
      const row = find.get(id)
      if (!row || row.final === 1) return
      remove.run(id)
      addTo(row.place, -row.counts * row.amount)
    },
    /** Drops keys whose windows have passed, and reservations that nobody settled for a week. */
    tidy(now: number): void {
      if (dropKeys.run(now).changes > 0) dropLeft.run()
      for (const { place, amount, counts } of forgotten.all(now - remembered)) addTo(place, -counts * amount)
    },
  }
}
