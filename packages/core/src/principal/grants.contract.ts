import { describe, expect, it } from 'vitest'
import type { PrincipalId, TenantId } from '../call.ts'
import type { Grant } from './grant.ts'
import { type Grants, mostHeld, mostLinks } from './grants.ts'

const acme = 'acme' as TenantId
const other = 'other' as TenantId
const grant = (id: string, more: Partial<Grant> = {}): Grant => ({
  id,
  tenant: acme,
  issuer: 'User::ann' as PrincipalId,
  holder: 'Agent::a1' as PrincipalId,
  actions: ['read_report', 'effect:read'],
  resources: ['/reports/*'],
  issuedAt: 100,
  expiresAt: 200,
  ...more,
})

/** What every store of grants must do. `make` answers an empty one. */
export function grantsContract(name: string, make: () => Promise<Grants> | Grants): void {
  describe(`grants: ${name}`, () => {
    it('answers a grant with all that it is handed on from, the root last', async () => {
      const grants = await make()
      const [root, middle, last] = [grant('root'), grant('middle', { parent: 'root' }), grant('last', { parent: 'middle' })]
      for (const each of [root, middle, last]) expect(await grants.issue(each)).toBe(true)
      expect(await grants.chain(acme, 'last')).toEqual([last, middle, root])
      expect(await grants.chain(acme, 'root')).toEqual([root])
      expect(await grants.chain(acme, 'nothing')).toEqual([])
    })

    it('ends a chain where a link is missing, and one that is too long or goes in a circle', async () => {
      const grants = await make()
      await grants.issue(grant('orphan', { parent: 'gone' }))
      expect(await grants.chain(acme, 'orphan')).toEqual([grant('orphan', { parent: 'gone' })])
      for (let n = 0; n < 12; n++) await grants.issue(grant(`g${n}`, n > 0 ? { parent: `g${n - 1}` } : {}))
      expect(await grants.chain(acme, 'g11')).toHaveLength(mostLinks)
      await grants.issue(grant('self', { parent: 'self' }))
      expect(await grants.chain(acme, 'self')).toHaveLength(mostLinks)
    })

    it('keeps what was issued first under an id', async () => {
      const grants = await make()
      await grants.issue(grant('one'))
      expect(await grants.issue(grant('one', { actions: ['delete_all'] }))).toBe(false)
      expect(await grants.chain(acme, 'one')).toEqual([grant('one')])
    })

    it('tells of a revocation at the very next look, and keeps the first', async () => {
      const grants = await make()
      await grants.issue(grant('root'))
      await grants.issue(grant('last', { parent: 'root' }))
      expect(await grants.revoke(acme, 'root', 150)).toBe(true)
      expect(await grants.revoke(acme, 'root', 160)).toBe(false)
      expect(await grants.revoke(acme, 'nothing', 160)).toBe(false)
      expect(await grants.chain(acme, 'last')).toEqual([grant('last', { parent: 'root' }), { ...grant('root'), revokedAt: 150 }])
    })

    it('lists the newest first, of one holder or of all', async () => {
      const grants = await make()
      const holder = 'Agent::a2' as PrincipalId
      await grants.issue(grant('old'))
      await grants.issue(grant('new', { holder, issuedAt: 120 }))
      await grants.issue(grant('newer', { issuedAt: 130 }))
      await grants.revoke(acme, 'old', 150)
      const ids = async (of: Parameters<Grants['list']>[1]) => (await grants.list(acme, of)).map(({ id }) => id)
      expect(await ids({ limit: 10 })).toEqual(['newer', 'new', 'old'])
      expect(await ids({ limit: 2 })).toEqual(['newer', 'new'])
      expect(await ids({ holder, limit: 10 })).toEqual(['new'])
      expect((await grants.list(acme, { limit: 10 })).at(-1)).toEqual({ ...grant('old'), revokedAt: 150 })
    })

    it('lists page by page, what concerns somebody, and what stands', async () => {
      const grants = await make()
      const [one, two] = ['Agent::one' as PrincipalId, 'Agent::two' as PrincipalId]
      await grants.issue(grant('a', { holder: one, issuedAt: 120 }))
      await grants.issue(grant('b', { issuer: one, holder: two, issuedAt: 120 }))
      await grants.issue(grant('c', { holder: two, issuedAt: 120, expiresAt: 150 }))
      await grants.issue(grant('d', { holder: two, issuedAt: 130 }))
      await grants.revoke(acme, 'd', 150)
      const ids = async (of: Partial<Parameters<Grants['list']>[1]>) => (await grants.list(acme, { limit: 10, ...of })).map(({ id }) => id)
      expect(await ids({ limit: 2 })).toEqual(['d', 'c'])
      expect(await ids({ before: 'c', limit: 1 })).toEqual(['b'])
      expect(await ids({ before: 'b' })).toEqual(['a'])
      expect(await ids({ before: 'a' })).toEqual([])
      expect(await ids({ before: 'nothing' })).toEqual([])
      expect(await ids({ holder: two, before: 'd' })).toEqual(['c', 'b'])
      expect(await ids({ concerning: [one] })).toEqual(['b', 'a'])
      expect(await ids({ concerning: [one, two], before: 'd', limit: 2 })).toEqual(['c', 'b'])
      expect(await ids({ concerning: [] })).toEqual([])
      expect(await ids({ standing: 149 })).toEqual(['c', 'b', 'a'])
      expect(await ids({ standing: 150 })).toEqual(['b', 'a'])
    })

    it('tells who was ever handed a grant, and what of it stands', async () => {
      const grants = await make()
      const two = 'Agent::a2' as PrincipalId
      const holders = ['Agent::a1' as PrincipalId, two, 'Agent::a3' as PrincipalId]
      expect(await grants.held(acme, holders, 150)).toEqual([])
      await grants.issue(grant('old', { obligations: ['approval'], constraints: { maxCost: 5 } }))
      await grants.issue(grant('new', { issuedAt: 120, expiresAt: 180 }))
      await grants.issue(grant('ended', { issuedAt: 130 }))
      const later = 'Agent::a4' as PrincipalId
      await grants.issue(grant('own', { holder: later }))
      await grants.issue(grant('on', { holder: later, parent: 'old', issuedAt: 140 }))
      expect((await grants.held(acme, [later], 150))[0]?.standing.map(({ id }) => id)).toEqual(['own', 'on'])
      await grants.revoke(acme, 'ended', 140)
      await grants.issue(grant('gone', { holder: two, expiresAt: 110 }))
      const at = async (now: number) =>
        Object.fromEntries((await grants.held(acme, holders, now)).map(({ holder, standing }) => [holder, standing.map(({ id }) => id)]))
      expect(await at(150)).toEqual({ 'Agent::a1': ['new', 'old'], 'Agent::a2': [] })
      expect(await at(180)).toEqual({ 'Agent::a1': ['old'], 'Agent::a2': [] })
      expect(await at(200)).toEqual({ 'Agent::a1': [], 'Agent::a2': [] })
      const [held] = await grants.held(acme, ['Agent::a1' as PrincipalId], 190)
      expect(held?.standing).toEqual([grant('old', { obligations: ['approval'], constraints: { maxCost: 5 } })])
      expect(held?.revoked).toBe(true)
      expect((await grants.held(acme, holders, 190)).at(-1)?.revoked).toBe(false)
      expect(await grants.held(other, holders, 150)).toEqual([])
      for (let n = 0; n < mostHeld + 3; n++) await grants.issue(grant(`m${n}`))
      expect((await grants.held(acme, ['Agent::a1' as PrincipalId], 150))[0]?.standing).toHaveLength(mostHeld)
    })

    it('keeps tenants apart', async () => {
      const grants = await make()
      await grants.issue(grant('one'))
      await grants.issue(grant('child', { tenant: other, parent: 'one' }))
      expect(await grants.chain(other, 'one')).toEqual([])
      expect(await grants.chain(other, 'child')).toHaveLength(1)
      expect(await grants.list(other, { limit: 10 })).toHaveLength(1)
      expect(await grants.revoke(other, 'one', 150)).toBe(false)
      expect(await grants.chain(acme, 'one')).toEqual([grant('one')])
    })
  })
}
