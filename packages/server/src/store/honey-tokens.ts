import type { HoneyToken, HoneyTokens } from '@agentgate/core'
import type { Store } from './store.ts'

/** Honey tokens in the store, each as JSON. */
export function storedHoneyTokens(store: Store): HoneyTokens {
  return {
    plant: async (token) => store.ask('honeyTokens', 'plant', token),
    list: async (tenant) => (await store.ask('honeyTokens', 'list', tenant)).map((record) => JSON.parse(record) as HoneyToken),
    touch: async (tenant, id, at) => store.ask('honeyTokens', 'touch', tenant, id, at),
    retire: async (tenant, id, at) => store.ask('honeyTokens', 'retire', tenant, id, at),
  }
}
