import { noPiiSettings, type PiiSettings, type PiiSettingsStore } from '@agentgate/core'
import type { Store } from './store.ts'

/** What tenants have set for personal data, in the store. */
export function storedPiiSettings(store: Store): PiiSettingsStore {
  return {
    async read(tenant) {
      const row = await store.ask('piiSettings', 'find', tenant)
      // INVARIANT: `write` wrote it.
      return row ? { ...noPiiSettings, ...(JSON.parse(row.record) as PiiSettings), revision: row.revision } : noPiiSettings
    },
    write: async (tenant, revision, { recognizers, retention, retired }) =>
      store.ask('piiSettings', 'put', tenant, revision, JSON.stringify({ recognizers, retention, retired })),
  }
}
