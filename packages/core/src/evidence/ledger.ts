import type { TenantId } from '../call.ts'
import type { Json } from '../json.ts'

export type EntryType = 'decision' | 'outcome' | 'amendment' | 'approval' | 'audit' | 'erasure'

/** A statement to be appended. `body` is the leaf: its exact bytes are hashed, stored and proved. */
export interface NewEntry {
  readonly type: EntryType
  /** Canonical JSON (RFC 8785), UTF-8. Holds no personal data. */
  readonly body: string
  /** Names that only one entry of the tenant may ever take: `outcome/<call>`, `approval/<id>`, `audit/<seq>`. */
  readonly keys?: readonly string[]
  /** Moves the tenant's epoch: a policy activation or a revocation. Decisions made under the older epoch are not appended. */
  readonly moves?: boolean
  /** The private record of a call, replaced in the same transaction as the append. Never hashed, never shown as it is. */
  readonly beside?: { readonly id: string; readonly record: Json }
}

export interface Entry {
  readonly index: number
  readonly type: EntryType
  readonly body: string
  /** When it was appended, by the store's clock: informative, not part of the leaf. */
  readonly at: number
}

/** The tree of one tenant: RFC 9162, SHA-256. `root` is hex. */
export interface Head {
  readonly size: number
  readonly root: string
  readonly epoch: number
}

/** `taken`: another entry has one of the keys. `moved`: the epoch is not the one given. Either way nothing was written. */
export type Appended = { readonly first: number; readonly head: Head } | { readonly taken: string } | { readonly moved: number }

/** An append-only log of statements, one tree a tenant. */
export interface Ledger {
  /** All or none, in order. Returns once durable; an exception means that nobody can tell whether it is. */
  readonly append: (tenant: TenantId, entries: readonly NewEntry[], given?: { readonly epoch: number }) => Promise<Appended>
  /** Entries `from` (inclusive) to `to` (exclusive), at most 1,000 at a time. */
  readonly read: (tenant: TenantId, from: number, to: number) => Promise<readonly Entry[]>
  readonly head: (tenant: TenantId) => Promise<Head>
  /** Hashes (hex) of complete subtrees: node `index` at `level`, where level 0 are the leaves. For inclusion and consistency proofs. */
  readonly nodes: (tenant: TenantId, at: readonly { readonly level: number; readonly index: number }[]) => Promise<readonly string[]>
}
