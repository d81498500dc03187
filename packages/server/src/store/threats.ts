import { type RaisedThreat, stepsOf, type Threats } from '@agentgate/core'
import type { Store } from './store.ts'

/** Threats in the store, each as JSON. */
export function storedThreats(store: Store): Threats {
  return {
    raise: async (seen) => threatOf(await store.ask('threats', 'raise', seen)),
    async find(tenant, id) {
      const record = await store.ask('threats', 'find', tenant, id)
      return record === undefined ? undefined : threatOf(record)
    },
    list: async (tenant, { state, limit = 50 } = {}) => (await store.ask('threats', 'list', tenant, state, limit)).map(threatOf),
    async move(tenant, id, to, by, at) {
      const moved = await store.ask('threats', 'move', tenant, id, to, by, at)
      return moved === 'unknown' || moved === 'closed' ? moved : threatOf(moved)
    },
  }
}

function threatOf(record: string): RaisedThreat {
  const threat = JSON.parse(record) as RaisedThreat
  return { ...threat, steps: stepsOf(threat) }
}
