import { type SessionId, taints as labels, type Taints } from '@agentgate/core'
import type { Store } from './store.ts'

/** What has entered each session, in the store. */
export function storedTaints(store: Store): Taints {
  return {
    find: async ({ tenant, id, session }) => labels[await store.ask('taints', 'find', tenant, id, session)] ?? 'untrusted',
    raise: async ({ tenant, id, session }, taint) => store.ask('taints', 'raise', tenant, id, session, labels.indexOf(taint)),
    reset: async ({ tenant, id, session }) => labels[await store.ask('taints', 'reset', tenant, id, session)] ?? 'untrusted',
    list: async ({ tenant, id }, { after, limit }) =>
      (await store.ask('taints', 'list', tenant, id, after ?? null, limit)).map(({ session, taint }) => ({
        // INVARIANT: only `raise` puts rows there.
        session: session as SessionId,
        taint: labels[taint] ?? 'untrusted',
      })),
  }
}
