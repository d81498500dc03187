import { describe, expect, it } from 'vitest'
import type { PrincipalId, TenantId } from '../call.ts'
import type { Block, Blocklist } from './blocklist.ts'

const acme = 'acme' as TenantId
const block = (subject: string, until: number, more: Partial<Block> = {}): Block => ({
  tenant: acme,
  subject,
  until,
  why: 'brute_force',
  ...more,
})

/** What every blocklist must do. `make` answers an empty one. */
export function blocklistContract(name: string, make: () => Promise<Blocklist> | Blocklist): void {
  describe(`blocklist: ${name}`, () => {
    it('blocks until the time is over', async () => {
      const list = await make()
      await list.block(block('network:203.0.113.9', 100, { by: 'User::ann' as PrincipalId }))
      await list.block(block('Agent::7', 200))
      expect(await list.list(acme, 99)).toEqual([
        block('Agent::7', 200),
        block('network:203.0.113.9', 100, { by: 'User::ann' as PrincipalId }),
      ])
      expect(await list.list(acme, 100)).toEqual([block('Agent::7', 200)])
    })

    it('keeps the later of two ends', async () => {
      const list = await make()
      for (const until of [100, 300, 200]) await list.block(block('network:203.0.113.9', until))
      expect(await list.list(acme, 0)).toEqual([block('network:203.0.113.9', 300)])
    })

    it('unblocks', async () => {
      const list = await make()
      await list.block(block('network:203.0.113.9', 100))
      expect(await list.unblock(acme, 'network:203.0.113.9')).toBe(true)
      expect(await list.unblock(acme, 'network:203.0.113.9')).toBe(false)
      expect(await list.list(acme, 0)).toEqual([])
    })

    it('keeps tenants apart', async () => {
      const list = await make()
      await list.block(block('network:203.0.113.9', 100))
      expect(await list.list('other' as TenantId, 0)).toEqual([])
      expect(await list.unblock('other' as TenantId, 'network:203.0.113.9')).toBe(false)
    })
  })
}
