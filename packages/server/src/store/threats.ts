import type { RaisedThreat, Threats } from '@agentgate/core'
import type { Store } from './store.ts'

/** Threats in the store, each as JSON. */
export function storedThreats(store: Store): Threats {
  return {
    raise: async (seen) => threatOf(await store.ask('threats', 'raise', seen)),
    list: async (tenant, { state, limit = 50 } = {}) => (await store.ask('threats', 'list', tenant, state, limit)).map(threatOf),
    async move(tenant, id, to, by, at) {
      const moved = await store.ask('threats', 'move', tenant, id, to, by, at)
      return moved === 'unknown' || moved === 'closed' ? moved : threatOf(moved)
    },
  }
}

function threatOf(record: string): RaisedThreat {
  return JSON.parse(record) as RaisedThreat
}
