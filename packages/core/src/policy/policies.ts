import type { PrincipalId, TenantId } from '../call.ts'

/** A named, versioned bundle of Cedar policies. `digest` is the SHA-256, hex, of the canonical form of `text`. */
export interface PolicySet {
  readonly id: string
  readonly version: number
  readonly digest: string
  /** Cedar text: what is judged, whatever form it was written in. */
  readonly text: string
  /** The form it was written in, when not Cedar. */
  readonly source?: { readonly form: 'quick' | 'conditioned'; readonly json: string }
  readonly publishedAt: number
  readonly publishedBy: PrincipalId
}

/** The policy sets of each tenant. A published version never changes. */
export interface Policies {
  /** All or nothing; publishing the same text again returns the version it has. */
  readonly publish: (tenant: TenantId, set: Omit<PolicySet, 'version'>) => Promise<PolicySet>
  /**
   * Makes exactly one version of a set active, or none with `undefined`. The caller then moves the ledger's epoch.
   * Rejects with a `RangeError` when that version was never published, and nothing changes.
   */
  readonly activate: (tenant: TenantId, id: string, version: number | undefined) => Promise<void>
  /** One version a set, sorted by the set's id. */
  readonly active: (tenant: TenantId) => Promise<readonly PolicySet[]>
  /** All versions of a set, newest first; of every set when `id` is absent. */
  readonly history: (tenant: TenantId, id?: string) => Promise<readonly PolicySet[]>
  /** The text with this digest, whichever set published it: bundles carry it. */
  readonly byDigest: (tenant: TenantId, digest: string) => Promise<PolicySet | undefined>
}

/** Keeps policy sets in memory: for tests and the in-process gate. Forgotten when the process ends. */
export function memoryPolicies(): Policies {
  const published = new Map<TenantId, PolicySet[]>()
  const activated = new Map<TenantId, Map<string, PolicySet>>()
  const of = (tenant: TenantId) => published.get(tenant) ?? []

  return {
    async publish(tenant, set) {
      const versions = of(tenant).filter(({ id }) => id === set.id)
      const same = versions.find(({ digest }) => digest === set.digest)
      if (same) return same
      const version = Object.freeze({ ...set, version: 1 + Math.max(0, ...versions.map((one) => one.version)) })
      published.set(tenant, [version, ...of(tenant)])
      return version
    },
    async activate(tenant, id, version) {
      const active = new Map(activated.get(tenant))
      if (version === undefined) active.delete(id)
      else active.set(id, known(of(tenant), id, version))
      activated.set(tenant, active)
    },
    active: async (tenant) => [...(activated.get(tenant)?.values() ?? [])].sort((a, b) => (a.id < b.id ? -1 : 1)),
    history: async (tenant, id) => of(tenant).filter((set) => id === undefined || set.id === id),
    byDigest: async (tenant, digest) => of(tenant).find((set) => set.digest === digest),
  }
}

function known(sets: readonly PolicySet[], id: string, version: number): PolicySet {
  const found = sets.find((set) => set.id === id && set.version === version)
  if (found) return found
  throw new RangeError(`Policy set \`${id}\` has no version ${version}: publish it before it is activated.`)
}
