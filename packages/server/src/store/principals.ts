import { type Clock, type Principal, type Principals, systemClock } from '@agentgate/core'
import type { Store } from './store.ts'

/** Principals in the store. The agent of an API key is unknown once the key is revoked or expired, or whoever made it is gone. */
export function storedPrincipals(store: Store, clock: Clock = systemClock): Principals {
  return {
    async find(tenant, id) {
      const record = await store.ask('principals', 'find', tenant, id, clock.now())
      return record === undefined ? undefined : (JSON.parse(record) as Principal)
    },
    grant: async (principal) => store.ask('principals', 'grant', principal.tenant, principal.id, JSON.stringify(principal)),
    revoke: async (tenant, id) => store.ask('principals', 'revoke', tenant, id),
  }
}
