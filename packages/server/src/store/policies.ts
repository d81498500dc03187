import type { Policies, PolicySet } from '@agentgate/core'
import type { Store } from './store.ts'

/** Policy sets in SQLite. */
export function sqlitePolicies(store: Store): Policies {
  return {
    publish: async (tenant, set) => setOf(await store.ask('policies', 'publish', tenant, set.id, set.digest, JSON.stringify(set))),
    activate: async (tenant, id, version) => store.ask('policies', 'activate', tenant, id, version),
    active: async (tenant) => (await store.ask('policies', 'active', tenant)).map(setOf),
    history: async (tenant, id) => (await store.ask('policies', 'history', tenant, id ?? null)).map(setOf),
    async byDigest(tenant, digest) {
      const row = await store.ask('policies', 'byDigest', tenant, digest)
      return row && setOf(row)
    },
  }
}

function setOf({ version, record }: { readonly version: number; readonly record: string }): PolicySet {
  return { ...(JSON.parse(record) as Omit<PolicySet, 'version'>), version }
}
