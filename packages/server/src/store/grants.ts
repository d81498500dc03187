import { type Grant, type GrantOnFile, type Grants, mostHeld, mostLinks, type PrincipalId } from '@agentgate/core'
import type { GrantRow } from './grant-row.ts'
import type { Store } from './store.ts'

/** Grants in the store, each as JSON, with when it was revoked. */
export function storedGrants(store: Store): Grants {
  return {
    issue: async (grant) => store.ask('grants', 'issue', grant, JSON.stringify(grant)),
    chain: async (tenant, id) => (await store.ask('grants', 'chain', tenant, id, mostLinks)).map(onFile),
    revoke: async (tenant, id, at) => store.ask('grants', 'revoke', tenant, id, at),
    held: async (tenant, holders, now) =>
      (await store.ask('grants', 'ofHolders', tenant, [...new Set(holders)], now, mostHeld)).map(({ holder, revoked, standing }) => ({
        holder: holder as PrincipalId,
        revoked,
        standing: standing.map(onFile),
      })),
    async list(tenant, { holder = null, concerning, standing = null, before = null, limit }) {
      const listed = { tenant, holder, concerning: concerning ? JSON.stringify(concerning) : null, standing, before, limit }
      return (await store.ask('grants', 'list', listed)).map(onFile)
    },
  }
}

function onFile({ record, revoked_at: revokedAt }: GrantRow): GrantOnFile {
  return { ...(JSON.parse(record) as Grant), ...(revokedAt !== null && { revokedAt }) }
}
