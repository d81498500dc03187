import { type Clock, checkValues, systemClock, type Vault } from '@agentgate/core'
import type { Store } from './store.ts'

/** The vault in the store: sealed values, under keys that the configured secret wraps. Its lifetime is the store's. */
export function storedVault(store: Store, clock: Clock = systemClock): Vault {
  return {
    async keep(owner, values) {
      checkValues(values)
      return store.ask('vault', 'keep', owner, values, clock.now())
    },
    recall: async (owner, tokens) => store.ask('vault', 'recall', owner, tokens, clock.now()),
    forget: async (owner) => store.ask('vault', 'forget', owner),
  }
}
