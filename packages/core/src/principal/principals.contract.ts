import { describe, expect, it } from 'vitest'
import type { Principal, PrincipalId, TenantId } from '../call.ts'
import type { Principals } from './principals.ts'

const acme = 'acme' as TenantId
const other = 'other' as TenantId
const agent = 'Agent::a1' as PrincipalId
const known: Principal = { id: agent, tenant: acme, onBehalfOf: 'User::u1' as PrincipalId, roles: ['developer', 'approver'], mfa: false }

/** What every store of principals must do. `make` answers an empty one. */
export function principalsContract(name: string, make: () => Promise<Principals> | Principals): void {
  describe(`principals: ${name}`, () => {
    it('knows nobody who was not granted', async () => {
      const principals = await make()
      expect(await principals.find(acme, agent)).toBeUndefined()
    })

    it('finds a principal with all that was granted, in order', async () => {
      const principals = await make()
      const person: Principal = { id: 'User::u1' as PrincipalId, tenant: acme, roles: [], mfa: true }
      await principals.grant(known)
      await principals.grant(person)
      expect(await principals.find(acme, agent)).toEqual(known)
      expect(await principals.find(acme, person.id)).toEqual(person)
    })

    it('replaces what was granted before: a role that is left out is gone', async () => {
      const principals = await make()
      await principals.grant(known)
      const less: Principal = { id: agent, tenant: acme, roles: ['viewer'], mfa: false }
      await principals.grant(less)
      expect(await principals.find(acme, agent)).toEqual(less)
    })

    it('knows nothing of the revoked at the very next look', async () => {
      const principals = await make()
      await principals.grant(known)
      await principals.revoke(acme, agent)
      expect(await principals.find(acme, agent)).toBeUndefined()
      await principals.revoke(acme, agent)
      await principals.grant({ ...known, roles: ['viewer'] })
      expect((await principals.find(acme, agent))?.roles).toEqual(['viewer'])
    })

    it('keeps tenants apart', async () => {
      const principals = await make()
      await principals.grant(known)
      expect(await principals.find(other, agent)).toBeUndefined()
      await principals.revoke(other, agent)
      expect(await principals.find(acme, agent)).toEqual(known)
    })

    it('is not changed by what happens to the roles that it was given', async () => {
      const principals = await make()
      const roles = ['viewer']
      await principals.grant({ ...known, roles })
      roles.push('admin')
      expect((await principals.find(acme, agent))?.roles).toEqual(['viewer'])
    })
  })
}
