import type { Principal, PrincipalId, TenantId } from '../call.ts'

/** Who may ask, and what roles they have. */
export interface Principals {
  /** `undefined` for the unknown and the revoked. */
  readonly find: (tenant: TenantId, id: PrincipalId) => Promise<Principal | undefined>
  readonly grant: (principal: Principal) => Promise<void>
  /** Seen by the very next decision; the caller then moves the ledger's epoch. */
  readonly revoke: (tenant: TenantId, id: PrincipalId) => Promise<void>
}
