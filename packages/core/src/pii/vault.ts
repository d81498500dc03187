import type { SessionId, TenantId } from '../call.ts'

/** Whose pairs: nothing kept for one owner and session is ever recalled for another. */
export interface Owner {
  readonly tenant: TenantId
  readonly principal: string
  readonly session: SessionId
}

/** Keeps which token stands for which value. Values are sealed at rest; a value's identity is a keyed hash, never a bare digest. */
export interface Vault {
  /** The tokens for these values, in order: `<KIND_n>`, n from 1 per kind and session; the same value always gets the same token. */
  readonly keep: (owner: Owner, values: readonly { readonly kind: string; readonly value: string }[]) => Promise<readonly string[]>
  /** The values behind tokens of this session; `undefined` where it never kept one, or it was forgotten or expired. */
  readonly recall: (owner: Owner, tokens: readonly string[]) => Promise<readonly (string | undefined)[]>
  /** Destroys the session's data key: what it kept is unreadable for good. */
  readonly forget: (owner: Owner) => Promise<void>
}
