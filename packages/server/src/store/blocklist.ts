import type { Block, Blocklist } from '@agentgate/core'
import type { Store } from './store.ts'

/** What is blocked, in the store, each as JSON. */
export function storedBlocklist(store: Store): Blocklist {
  return {
    block: async (block) => store.ask('blocklist', 'block', block),
    unblock: async (tenant, subject) => store.ask('blocklist', 'unblock', tenant, subject),
    list: async (tenant, now) => (await store.ask('blocklist', 'list', tenant, now)).map((record) => JSON.parse(record) as Block),
  }
}
