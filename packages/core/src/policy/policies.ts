import type { PrincipalId, TenantId } from '../call.ts'
import type { JsonObject } from '../json.ts'

/** What a set says, in every form that it has. `digest` is the SHA-256, hex, of the canonical form of `text`. */
export interface PolicyText {
  readonly digest: string
  /** Cedar text: what is judged, whatever form it was written in. */
  readonly text: string
  /** The form it was written in, when not Cedar. */
  readonly source?: { readonly form: 'quick' | 'conditioned'; readonly json: string }
  /** Cedar with `@invariant` annotations: what must hold of every call. Never decides, and is not in `digest`. */
  readonly invariants?: string
}

/** A named, versioned bundle of Cedar policies. */
export interface PolicySet extends PolicyText {
  readonly id: string
  readonly version: number
  readonly publishedAt: number
  readonly publishedBy: PrincipalId
}

/** A version without its texts. */
export interface PolicyVersionHead extends Pick<PolicySet, 'id' | 'version' | 'digest' | 'publishedAt' | 'publishedBy'> {
  readonly form: 'cedar' | 'quick' | 'conditioned'
  readonly hasInvariants: boolean
}

/** What is being written. Each save has the next revision, from 1. */
export interface PolicyDraft extends PolicyText {
  readonly revision: number
  readonly editedAt: number
  readonly editedBy: PrincipalId
}

/** How a set stands: all that a transition may change (`life-cycle.ts`). */
export interface Standing {
  readonly id: string
  readonly active?: number
  readonly locked: boolean
  readonly deleted: boolean
  /** The versions that were active before, the last one last; at most `trailLimit` of them. */
  readonly trail: readonly number[]
}

/** How the sets of a tenant stand. `generation` moves with every change of a standing, and with nothing else. */
export interface Standings {
  readonly generation: number
  readonly sets: readonly Standing[]
}

/** Something that happened to a set, to be told to the audit log: kept until it was, in the order it happened. */
export interface PolicyEvent {
  readonly seq: number
  readonly event: JsonObject
}

/** One set of several, to be published or saved. */
export type Loaded = { readonly event?: JsonObject } & (
  | { readonly publish: Omit<PolicySet, 'version'> }
  | { readonly id: string; readonly draft: Omit<PolicyDraft, 'revision'> }
)

/** The policy sets of each tenant. A published version never changes. */
export interface Policies {
  /**
   * All or nothing, with its event; publishing the same texts again returns the version they have, and tells no event. A
   * `draft` of that revision is gone afterwards.
   */
  readonly publish: (
    tenant: TenantId,
    set: Omit<PolicySet, 'version'>,
    more?: { readonly event?: JsonObject; readonly draft?: number },
  ) => Promise<PolicySet>
  /** Publishes or saves as drafts several sets at once, each with its event: all of them or none, also when the process dies. */
  readonly load: (tenant: TenantId, sets: readonly Loaded[]) => Promise<void>
  /**
   * Changes how one set stands, with its event, if no standing of the tenant has changed since `generation`: of two at once
   * one gets `false`, and nothing of it happened. The caller then moves the ledger's epoch. Rejects with a `RangeError` when
   * a version is to be active that was never published.
   */
  readonly move: (tenant: TenantId, generation: number, to: Standing, event?: JsonObject) => Promise<boolean>
  /** Of every set that has a version, sorted by id. */
  readonly standings: (tenant: TenantId) => Promise<Standings>
  /** One version a set, sorted by the set's id. */
  readonly active: (tenant: TenantId) => Promise<readonly PolicySet[]>
  /** All versions of a set, newest first; of every set when `id` is absent. */
  readonly versions: (tenant: TenantId, id?: string) => Promise<readonly PolicyVersionHead[]>
  readonly version: (tenant: TenantId, id: string, version: number) => Promise<PolicySet | undefined>
  /** The text with this digest, whichever set published it: bundles carry it. */
  readonly byDigest: (tenant: TenantId, digest: string) => Promise<PolicySet | undefined>
  readonly drafts: (tenant: TenantId) => Promise<readonly ({ readonly id: string } & Omit<PolicyDraft, keyof PolicyText>)[]>
  readonly draft: (tenant: TenantId, id: string) => Promise<PolicyDraft | undefined>
  /** Answers the draft with its revision, or `undefined` when `expected` is not the one that is saved (0: none). */
  readonly saveDraft: (
    tenant: TenantId,
    id: string,
    draft: Omit<PolicyDraft, 'revision'>,
    more?: { readonly expected?: number; readonly event?: JsonObject },
  ) => Promise<PolicyDraft | undefined>
  readonly dropDraft: (tenant: TenantId, id: string) => Promise<void>
  /** Events that were not told yet, at most 100 of them. */
  readonly untold: (tenant: TenantId) => Promise<readonly PolicyEvent[]>
  readonly told: (tenant: TenantId, seq: number) => Promise<void>
  /** The newest events of a set, told or not: at most 200. */
  readonly events: (tenant: TenantId, id: string) => Promise<readonly PolicyEvent[]>
}

/** How many former versions a standing remembers. */
export const trailLimit = 50

/** Two publications are one version when both their texts are the same. */
export function contentOf({ digest, invariants }: Pick<PolicyText, 'digest' | 'invariants'>): string {
  return invariants === undefined ? digest : `${digest}\n${invariants}`
}

/** A version without its texts. */
export function headOf({ id, version, digest, publishedAt, publishedBy, source, invariants }: PolicySet): PolicyVersionHead {
  return { id, version, digest, publishedAt, publishedBy, form: source?.form ?? 'cedar', hasInvariants: invariants !== undefined }
}
