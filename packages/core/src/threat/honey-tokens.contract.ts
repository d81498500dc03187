import { describe, expect, it } from 'vitest'
import type { PrincipalId, TenantId } from '../call.ts'
import { type HoneyToken, type HoneyTokens, mostHoneyTokens } from './honey-tokens.ts'

const acme = 'acme' as TenantId
const token = (n: number, more: Partial<HoneyToken> = {}): HoneyToken => ({
  id: `t${n}`,
  tenant: acme,
  name: 'the backup folder',
  level: 'alert',
  mark: { key: 'k', glance: -5, digest: 'd' },
  plantedAt: n,
  plantedBy: 'User::ann' as PrincipalId,
  touches: 0,
  ...more,
})

/** What every store of honey tokens must do. `make` answers an empty one. */
export function honeyTokensContract(name: string, make: () => Promise<HoneyTokens> | HoneyTokens): void {
  describe(`honey tokens: ${name}`, () => {
    it('are kept as they were planted, newest first', async () => {
      const tokens = await make()
      for (const n of [1, 3, 2]) expect(await tokens.plant(token(n))).toBe(true)
      expect(await tokens.list(acme)).toEqual([token(3), token(2), token(1)])
    })

    it('count every touch, of many at once too', async () => {
      const tokens = await make()
      await tokens.plant(token(1))
      await Promise.all([30, 10, 20].map(async (at) => tokens.touch(acme, 't1', at)))
      await tokens.touch(acme, 'unknown', 40)
      expect(await tokens.list(acme)).toEqual([token(1, { touches: 3, touchedAt: 30 })])
    })

    it('are retired once, and stay to be seen', async () => {
      const tokens = await make()
      await tokens.plant(token(1))
      expect(await tokens.retire(acme, 't1', 50)).toBe(true)
      expect(await tokens.retire(acme, 't1', 60)).toBe(false)
      expect(await tokens.retire(acme, 't2', 60)).toBe(false)
      expect(await tokens.list(acme)).toEqual([token(1, { retiredAt: 50 })])
    })

    it('give way when they are too many: those retired first go, and none that is planted', async () => {
      const tokens = await make()
      for (let n = 0; n < mostHoneyTokens; n++) await tokens.plant(token(n))
      expect(await tokens.plant(token(5_000))).toBe(false)
      await tokens.retire(acme, 't8', 10)
      await tokens.retire(acme, 't7', 20)
      expect(await tokens.plant(token(5_001))).toBe(true)
      const ids = (await tokens.list(acme)).map(({ id }) => id)
      expect([ids.length, ids.includes('t8'), ids.includes('t7'), ids[0]]).toEqual([mostHoneyTokens, false, true, 't5001'])
    })

    it('are kept apart by tenant', async () => {
      const tokens = await make()
      await tokens.plant(token(1))
      const other = 'other' as TenantId
      expect(await tokens.list(other)).toEqual([])
      expect(await tokens.retire(other, 't1', 1)).toBe(false)
      await tokens.touch(other, 't1', 1)
      expect(await tokens.list(acme)).toEqual([token(1)])
    })
  })
}
