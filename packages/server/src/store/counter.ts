import { type Counter, checkReservation, checkSpent } from '@agentgate/core'
import type { Store } from './store.ts'

/** Counts in the store: what is taken outlives the process. With the power, the last moments before a durable change may go. */
export function storedCounter(store: Store): Counter {
  return {
    async reserve(reservation, limit, now) {
      checkReservation(reservation, limit, now)
      return store.ask('counter', 'reserve', reservation, limit, now)
    },
    async commit(id, amount) {
      checkSpent(amount)
      return store.ask('counter', 'commit', id, amount)
    },
    release: async (id) => store.ask('counter', 'release', id),
  }
}
