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

/** Counts what is spent against a limit, in whole units (calls, micro-dollars). */
export interface Counter {
  /** Takes `amount` from `key` if that stays within the limit. Atomic: of two takers of the last unit, one is refused. A refusal takes nothing. */
  readonly reserve: (reservation: Reservation, limit: Limit, now: number) => Promise<Reserved>
  /** Makes a reservation final, with the amount that was really spent if it differs. Unknown or released ids: no effect. */
  readonly commit: (id: string, amount?: number) => Promise<void>
  /** Gives a reservation back. Unknown or committed ids: no effect. */
  readonly release: (id: string) => Promise<void>
}
