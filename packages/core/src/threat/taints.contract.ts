import { describe, expect, it } from 'vitest'
import type { PrincipalId, SessionId, TenantId } from '../call.ts'
import { type Tainted, type Taints, taints as labels } from './taints.ts'

const of = (session: string, id = 'Agent::a', tenant = 'acme'): Tainted => ({
  tenant: tenant as TenantId,
  id: id as PrincipalId,
  session: session as SessionId,
})

/** What every store of taints must do. `make` answers an empty one. */
export function taintsContract(name: string, make: () => Promise<Taints> | Taints): void {
  describe(`taints: ${name}`, () => {
    it('knows nothing against a session that nothing has entered', async () => {
      expect(await (await make()).find(of('s1'))).toBe('none')
    })

    it('only ever raises', async () => {
      for (const first of labels) {
        for (const second of labels) {
          const taints = await make()
          await taints.raise(of('s1'), first)
          await taints.raise(of('s1'), second)
          expect(await taints.find(of('s1')), `${first}, then ${second}`).toBe(
            labels[Math.max(labels.indexOf(first), labels.indexOf(second))],
          )
        }
      }
    })

    it('keeps the worse of many at once', async () => {
      const taints = await make()
      await Promise.all([...labels, ...labels, ...labels].map((label) => taints.raise(of('s1'), label)))
      expect(await taints.find(of('s1'))).toBe('untrusted')
    })

    it('keeps sessions, principals and tenants apart', async () => {
      const taints = await make()
      await taints.raise(of('s1'), 'untrusted')
      for (const other of [of('s2'), of('S1'), of('s1', 'Agent::b'), of('s1', 'Agent::a', 'other')])
        expect(await taints.find(other)).toBe('none')
    })
  })
}
