/** What is taken from a limit. `id` makes taking and giving back idempotent. */
export interface Reservation {
  readonly id: string
  readonly key: string
  readonly amount: number
}

export interface Limit {
  readonly max: number
  /** Milliseconds of the exact sliding window; absent: the amount never comes back by itself. */
  readonly window?: number
}

/** `wait`: milliseconds until the same reservation could succeed, absent if time alone never helps. */
export type Reserved = { readonly ok: true; readonly used: number } | { readonly ok: false; readonly used: number; readonly wait?: number }

/** How long a reservation that nobody settled counts, in milliseconds: what a crashed process took comes back after that. */
export const lapse = 3_600_000

/**
 * Counts what is spent against a limit, in whole units (calls, micro-dollars).
 *
 * An amount that was reserved at `t` under a window counts until `t + window`, exclusively. Amounts taken without a window
 * count until the end of time, and only against limits without one; under the two kinds of limit a key is two keys.
 */
export interface Counter {
  /**
   * Takes `amount` from `key` if that stays within the limit. Atomic: of two takers of the last unit, one is refused. A
   * refusal takes nothing, and the same id again takes nothing more. A `RangeError` unless all are whole, and not negative.
   */
  readonly reserve: (reservation: Reservation, limit: Limit, now: number) => Promise<Reserved>
  /**
   * Makes a reservation final, with the amount that was really spent if it differs. Unknown, released and final ids: no
   * effect. A reservation that had lapsed counts again.
   */
  readonly commit: (id: string, amount?: number) => Promise<void>
  /** Gives a reservation back. Unknown or committed ids: no effect. */
  readonly release: (id: string) => Promise<void>
}

/** Throws the `RangeError` of `reserve`. */
export function checkReservation({ amount }: Reservation, { max, window }: Limit, now: number): void {
  for (const [name, value] of Object.entries({ amount, max, window: window ?? 1, now })) {
    if (!Number.isSafeInteger(value) || value < (name === 'window' ? 1 : 0))
      throw new RangeError(`The ${name} of a reservation is ${value}: it must be a whole number, and not negative.`)
  }
}

/** Throws the `RangeError` of `commit` for an amount that cannot have been spent. */
export function checkSpent(amount: number | undefined): void {
  if (amount !== undefined && (!Number.isSafeInteger(amount) || amount < 0))
    throw new RangeError(`The amount spent is ${amount}: it must be a whole number, and not negative.`)
}

/** Milliseconds from `now` until `missing` has left, when each of `taken` (oldest first) leaves a window after it was taken. */
export function waitFor(
  missing: number,
  taken: Iterable<{ readonly amount: number; readonly at: number }>,
  window: number,
  now: number,
): number | undefined {
  for (const { amount, at } of taken) {
    missing -= amount
    if (missing <= 0) return at + window - now
  }
  return undefined
}

interface Taken {
  readonly id: string
  readonly at: number
  amount: number
  counts: boolean
  final: boolean
}

/** What is taken from one key. INVARIANT: `used` is the sum of what counts in `taken`, and of what was folded into it. */
interface Key {
  used: number
  /** When the last of it has left its window. */
  until: number
  /** Oldest first. Under a limit without a window, what is final is folded away. */
  readonly taken: Taken[]
  readonly open: Set<Taken>
}

/** Counts in memory: for tests and the in-process gate. Starts from nothing with each process. */
export function memoryCounter(): Counter {
  const keys = new Map<string, Key>()
  const places = new Map<string, { readonly key: Key; readonly taken: Taken; readonly windowed: boolean }>()

  function count(key: Key, taken: Taken, counts: boolean): void {
    if (taken.counts !== counts) key.used += counts ? taken.amount : -taken.amount
    taken.counts = counts
  }

  function forget(key: Key, taken: Taken): void {
    count(key, taken, false)
    key.open.delete(taken)
    places.delete(taken.id)
  }

  function leave(key: Key, until: number): void {
    for (let oldest = key.taken[0]; oldest && oldest.at <= until; oldest = key.taken[0]) {
      key.taken.shift()
      forget(key, oldest)
    }
  }

  /** Keys that nobody asks for again must not pile up. */
  function tidy(now: number): void {
    for (const [name, key] of keys) {
      if (key.until > now) continue
      leave(key, now)
      keys.delete(name)
    }
  }

  return {
    async reserve(reservation, limit, now) {
      checkReservation(reservation, limit, now)
      const { id, amount } = reservation
      const { max, window } = limit
      const name = `${window === undefined ? 'total' : 'window'}/${reservation.key}`
      const key = keys.get(name) ?? { used: 0, until: 0, taken: [], open: new Set() }
      if (keys.size % 1024 === 1023) tidy(now)
      keys.set(name, key)
      key.until = Math.max(key.until, now + (window ?? Number.POSITIVE_INFINITY))

      if (window !== undefined) leave(key, now - window)
      for (const taken of key.open) if (taken.at <= now - lapse) count(key, taken, false)

      if (places.has(id)) return { ok: true, used: key.used }
      if (key.used + amount <= max) {
        const taken = { id, at: now, amount, counts: true, final: false }
        key.used += amount
        key.open.add(taken)
        places.set(id, { key, taken, windowed: window !== undefined })
        key.taken.splice(key.taken.findLastIndex(({ at }) => at <= now) + 1, 0, taken)
        return { ok: true, used: key.used }
      }
      const leaving = key.taken.values().filter(({ counts }) => counts)
      const wait = window === undefined || amount > max ? undefined : waitFor(key.used + amount - max, leaving, window, now)
      return { ok: false, used: key.used, ...(wait !== undefined && { wait }) }
    },
    async commit(id, amount) {
      checkSpent(amount)
      const place = places.get(id)
      if (!place || place.taken.final) return
      const { key, taken, windowed } = place
      count(key, taken, false)
      taken.amount = amount ?? taken.amount
      taken.final = true
      count(key, taken, true)
      key.open.delete(taken)
      if (windowed) return
      places.delete(id)
      key.taken.splice(key.taken.indexOf(taken), 1)
    },
    async release(id) {
      const place = places.get(id)
      if (!place || place.taken.final) return
      forget(place.key, place.taken)
      place.key.taken.splice(place.key.taken.indexOf(place.taken), 1)
    },
  }
}
