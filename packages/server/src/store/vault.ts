import { checkValues, type Clock, type Custody, type JsonObject, systemClock, type Vault } from '@agentgate/core'
import type { Store } from './store.ts'

/** The vault in the store: sealed values, under keys that the configured secret wraps. Its lifetime is the store's. */
export function storedVault(store: Store, clock: Clock = systemClock): Vault & Custody {
  return {
    open: async (owner, terms) => store.ask('vault', 'open', owner, terms, clock.now()),
    async keep(owner, values) {
      checkValues(values)
      return store.ask('vault', 'keep', owner, values, clock.now())
    },
    recall: async (owner, tokens) => store.ask('vault', 'recall', owner, tokens, clock.now()),
    forget: async (owner) => store.ask('vault', 'forget', owner),
    async sessions(tenant, query) {
      const rows = await store.ask('vault', 'sessions', tenant, query, clock.now())
      return rows.map((row) => ({
        ...row,
        about: JSON.parse(row.about) as JsonObject,
        kinds: JSON.parse(row.kinds) as { [kind: string]: number },
      }))
    },
    holdings: async (tenant) => store.ask('vault', 'holdings', tenant, clock.now()),
    present: async (tenant, keys) => store.ask('vault', 'present', tenant, keys),
    rotate: async (tenant) => store.ask('vault', 'rotate', tenant, clock.now()),
    rewrap: async (tenant, limit, reached) => store.ask('vault', 'rewrap', tenant, limit, clock.now(), reached),
    erase: async (tenant, subject) => store.ask('vault', 'erase', tenant, subject, clock.now()),
    purge: async (tenant, retention = {}) => store.ask('vault', 'purge', tenant, retention, clock.now()),
  }
}
