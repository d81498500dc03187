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
  /** Makes exactly one version of a set active, or none with `undefined`. The caller then moves the ledger's epoch. */
  readonly activate: (tenant: TenantId, id: string, version: number | undefined) => Promise<void>
  readonly active: (tenant: TenantId) => Promise<readonly PolicySet[]>
  /** All versions of a set, newest first; of every set when `id` is absent. */
  readonly history: (tenant: TenantId, id?: string) => Promise<readonly PolicySet[]>
  /** The text with this digest, whichever set published it: bundles carry it. */
  readonly byDigest: (tenant: TenantId, digest: string) => Promise<PolicySet | undefined>
}
