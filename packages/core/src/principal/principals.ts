import type { Principal, PrincipalId, TenantId } from '../call.ts'

/** Who may ask, and what roles they have. */
export interface Principals {
  /** `undefined` for the unknown and the revoked. */
  readonly find: (tenant: TenantId, id: PrincipalId) => Promise<Principal | undefined>
  /** Makes the principal known, with exactly these roles; also one that was revoked before. */
  readonly grant: (principal: Principal) => Promise<void>
  /** Seen by the very next decision; the caller then moves the ledger's epoch. */
  readonly revoke: (tenant: TenantId, id: PrincipalId) => Promise<void>
}

/** Knows principals in memory: for tests and the in-process gate. Forgotten when the process ends. */
export function memoryPrincipals(): Principals {
  const tenants = new Map<TenantId, Map<PrincipalId, Principal>>()
  return {
    find: async (tenant, id) => tenants.get(tenant)?.get(id),
    async grant(principal) {
      const known = tenants.get(principal.tenant) ?? new Map<PrincipalId, Principal>()
      tenants.set(principal.tenant, known.set(principal.id, Object.freeze({ ...principal, roles: [...principal.roles] })))
    },
    async revoke(tenant, id) {
      tenants.get(tenant)?.delete(id)
    },
  }
}
