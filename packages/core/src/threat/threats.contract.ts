import { describe, expect, it } from 'vitest'
import type { PrincipalId, TenantId } from '../call.ts'
import { mostSteps, sameThreat, type SeenThreat, type Threats } from './threats.ts'

const acme = 'acme' as TenantId
const other = 'other' as TenantId
const ann = 'User::ann' as PrincipalId
const seen = (id: string, at: number, more: Partial<SeenThreat> = {}): SeenThreat => ({
  id,
  tenant: acme,
  kind: 'brute_force',
  severity: 'high',
  subject: 'network:203.0.113.9',
  at,
  ...more,
})

/** What every store of threats must do. `make` answers an empty one. */
export function threatsContract(name: string, make: () => Promise<Threats> | Threats): void {
  describe(`threats: ${name}`, () => {
    it('begins a threat, and counts what is the same', async () => {
      const threats = await make()
      expect(await threats.raise(seen('t1', 100, { decision: 'd1' }))).toEqual({
        id: 't1',
        tenant: acme,
        kind: 'brute_force',
        severity: 'high',
        subject: 'network:203.0.113.9',
        decision: 'd1',
        state: 'pending',
        count: 1,
        firstAt: 100,
        lastAt: 100,
        steps: [{ at: 100, decision: 'd1' }],
      })
      expect(await threats.raise(seen('t2', 200))).toMatchObject({ id: 't1', count: 2, firstAt: 100, lastAt: 200, decision: 'd1' })
      expect(await threats.list(acme)).toHaveLength(1)
    })

    it.each([
      ['of another kind', seen('t2', 200, { kind: 'xss' })],
      ['of another subject', seen('t2', 200, { subject: 'Agent::a' })],
      ['long after', seen('t2', 101 + sameThreat)],
    ])('begins another for what is %s', async (_, next) => {
      const threats = await make()
      await threats.raise(seen('t1', 100))
      expect(await threats.raise(next)).toMatchObject({ id: 't2', count: 1 })
      expect((await threats.list(acme)).map(({ id }) => id)).toEqual(['t2', 't1'])
    })

    it('begins another after the first was closed, not after it was acknowledged', async () => {
      const threats = await make()
      await threats.raise(seen('t1', 100))
      expect(await threats.move(acme, 't1', 'acknowledged', ann, 150)).toMatchObject({ state: 'acknowledged', movedBy: ann, movedAt: 150 })
      expect(await threats.raise(seen('t2', 200))).toMatchObject({ id: 't1', state: 'acknowledged', count: 2 })
      await threats.move(acme, 't1', 'resolved', ann, 250)
      expect(await threats.raise(seen('t3', 300))).toMatchObject({ id: 't3', state: 'pending' })
      expect(await threats.list(acme, { state: 'resolved' })).toMatchObject([{ id: 't1', count: 2 }])
    })

    it('moves a threat forward only, once', async () => {
      const threats = await make()
      await threats.raise(seen('t1', 100))
      expect(await threats.move(acme, 'nothing', 'resolved', ann, 1)).toBe('unknown')
      expect(await threats.move(other, 't1', 'resolved', ann, 1)).toBe('unknown')
      const answers = await Promise.all([1, 2, 3].map((at) => threats.move(acme, 't1', 'dismissed', ann, at)))
      expect(answers.filter((each) => each === 'closed')).toHaveLength(2)
      for (const to of ['acknowledged', 'resolved', 'dismissed'] as const) expect(await threats.move(acme, 't1', to, ann, 9)).toBe('closed')
    })

    it('knows the steps of each: the first sighting, the latest ones, and every move', async () => {
      const threats = await make()
      await threats.raise(seen('t1', 0, { decision: 'd0' }))
      await threats.raise(seen('t1', 1))
      await threats.move(acme, 't1', 'acknowledged', ann, 2)
      for (let at = 3; at < 100; at++) await threats.raise(seen('t1', at, { decision: `d${at}` }))
      await threats.move(acme, 't1', 'resolved', ann, 100)
      const { steps = [], count } = (await threats.find(acme, 't1')) ?? {}
      expect([count, steps.length]).toEqual([99, mostSteps])
      expect(steps.slice(0, 2)).toEqual([
        { at: 0, decision: 'd0' },
        { at: 2, to: 'acknowledged', by: ann },
      ])
      expect(steps.slice(-2)).toEqual([
        { at: 99, decision: 'd99' },
        { at: 100, to: 'resolved', by: ann },
      ])
      expect(await threats.find(acme, 't2')).toBeUndefined()
      expect(await threats.find(other, 't1')).toBeUndefined()
    })

    it('counts all that see the same at once', async () => {
      const threats = await make()
      await Promise.all(Array.from({ length: 20 }, (_, n) => threats.raise(seen(`t${n}`, 100))))
      expect(await threats.list(acme)).toMatchObject([{ count: 20 }])
    })

    it('keeps tenants apart, and lists so many', async () => {
      const threats = await make()
      for (let n = 0; n < 5; n++) await threats.raise(seen(`t${n}`, n, { subject: `Agent::${n}` }))
      await threats.raise(seen('t0', 100, { tenant: other }))
      expect((await threats.list(acme, { limit: 2 })).map(({ id }) => id)).toEqual(['t4', 't3'])
      expect(await threats.list(other)).toMatchObject([{ id: 't0', count: 1 }])
    })
  })
}
