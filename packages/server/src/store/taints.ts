import { taints as labels, type Taints } from '@agentgate/core'
import type { Store } from './store.ts'

/** What has entered each session, in the store. */
export function storedTaints(store: Store): Taints {
  return {
    find: async ({ tenant, id, session }) => labels[await store.ask('taints', 'find', tenant, id, session)] ?? 'untrusted',
    raise: async ({ tenant, id, session }, taint) => store.ask('taints', 'raise', tenant, id, session, labels.indexOf(taint)),
  }
}
