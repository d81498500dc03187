import type { TenantId } from '../call.ts'
import type { CustomRecognizer } from './custom.ts'
import type { Retention } from './custody.ts'

/** What a tenant has set for personal data. `revision` is 0 before the first change, and grows by one with each. */
export interface PiiSettings {
  readonly revision: number
  readonly recognizers: readonly CustomRecognizer[]
  readonly retention: Retention
  /** Kinds of recognizers that are gone, whose tokens may still stand for values: no token of them is text, or passes for one. */
  readonly retired: readonly string[]
}

export const noPiiSettings: PiiSettings = { revision: 0, recognizers: [], retention: {}, retired: [] }

/** Keeps what each tenant has set for personal data. */
export interface PiiSettingsStore {
  readonly read: (tenant: TenantId) => Promise<PiiSettings>
  /** Replaces the settings of `revision`: `false`, and nothing is changed, when they are of another by now. */
  readonly write: (tenant: TenantId, revision: number, settings: Omit<PiiSettings, 'revision'>) => Promise<boolean>
}

/** Settings in memory, gone with the process. */
export function memoryPiiSettings(): PiiSettingsStore {
  const tenants = new Map<TenantId, PiiSettings>()
  const read = (tenant: TenantId) => tenants.get(tenant) ?? noPiiSettings
  return {
    read: async (tenant) => read(tenant),
    async write(tenant, revision, { recognizers, retention, retired }) {
      if (read(tenant).revision !== revision) return false
      tenants.set(tenant, { revision: revision + 1, recognizers, retention, retired })
      return true
    },
  }
}
