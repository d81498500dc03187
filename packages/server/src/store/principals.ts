import type { Principal, Principals } from '@agentgate/core'
import type { Store } from './store.ts'

/** Principals in SQLite. */
export function sqlitePrincipals(store: Store): Principals {
  return {
    async find(tenant, id) {
      const record = await store.ask('principals', 'find', tenant, id)
      return record === undefined ? undefined : (JSON.parse(record) as Principal)
    },
    grant: async (principal) => store.ask('principals', 'grant', principal.tenant, principal.id, JSON.stringify(principal)),
    revoke: async (tenant, id) => store.ask('principals', 'revoke', tenant, id),
  }
}
