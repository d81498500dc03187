import { describe, expect, it } from 'vitest'
import type { PrincipalId, SessionId, TenantId } from '../call.ts'
import { type Tainted, type Taints, taints as labels, unnamed } from './taints.ts'

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

    it('forgets by the word of a person what has entered, and nothing else', async () => {
      const taints = await make()
      for (const each of [of('s1'), of('s2'), of('s1', 'Agent::b'), of('s1', 'Agent::a', 'other')]) await taints.raise(each, 'untrusted')
      expect(await taints.reset(of('s1'))).toBe('untrusted')
      expect(await taints.find(of('s1'))).toBe('none')
      for (const each of [of('s2'), of('s1', 'Agent::b'), of('s1', 'Agent::a', 'other')]) expect(await taints.find(each)).toBe('untrusted')
      expect(await taints.reset(of('s1'))).toBe('none')
      await taints.raise(of('s1'), 'user')
      expect(await taints.find(of('s1'))).toBe('user')
    })

    it('lists the sessions of a principal page by page, calls of no session first', async () => {
      const taints = await make()
      const names = ['s3', unnamed, 's1', 's2']
      for (const name of names) await taints.raise(of(name), name === 's2' ? 'user' : 'untrusted')
      await taints.raise(of('s0', 'Agent::b'), 'user')
      await taints.raise(of('s0', 'Agent::a', 'other'), 'user')
      const first = await taints.list(of('any'), { limit: 2 })
      expect(first).toEqual([
        { session: unnamed, taint: 'untrusted' },
        { session: 's1', taint: 'untrusted' },
      ])
      expect(await taints.list(of('any'), { limit: 9, after: 's1' })).toEqual([
        { session: 's2', taint: 'user' },
        { session: 's3', taint: 'untrusted' },
      ])
    })

    it('keeps sessions, principals and tenants apart', async () => {
      const taints = await make()
      await taints.raise(of('s1'), 'untrusted')
      for (const other of [of('s2'), of('S1'), of('s1', 'Agent::b'), of('s1', 'Agent::a', 'other')])
        expect(await taints.find(other)).toBe('none')
    })
  })
}
