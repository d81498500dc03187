import { describe, expect, it } from 'vitest'
import type { PrincipalId, TenantId } from '../call.ts'
import type { Policies, PolicySet } from './policies.ts'

const acme = 'acme' as TenantId
const other = 'other' as TenantId

const draft = (id: string, text: string): Omit<PolicySet, 'version'> => ({
  id,
  text,
  digest: Buffer.from(`${text}`.padEnd(32, '.').slice(0, 32)).toString('hex'),
  publishedAt: 1_700_000_000_000,
  publishedBy: 'User::u1' as PrincipalId,
})

/** What every store of policy sets must do. `make` answers an empty one. */
export function policiesContract(name: string, make: () => Promise<Policies> | Policies): void {
  describe(`policies: ${name}`, () => {
    it('numbers the versions of a set from 1', async () => {
      const policies = await make()
      expect((await policies.publish(acme, draft('a', 'one'))).version).toBe(1)
      expect((await policies.publish(acme, draft('a', 'two'))).version).toBe(2)
      expect((await policies.publish(acme, draft('b', 'three'))).version).toBe(1)
    })

    it('answers the version that a text already has', async () => {
      const policies = await make()
      const first = await policies.publish(acme, draft('a', 'one'))
      await policies.publish(acme, draft('a', 'two'))
      const again = await policies.publish(acme, { ...draft('a', 'one'), publishedAt: 9, publishedBy: 'User::u2' as PrincipalId })
      expect(again).toEqual(first)
      expect(await policies.history(acme, 'a')).toHaveLength(2)
    })

    it('gives each of several publications at once its own version', async () => {
      const policies = await make()
      const sets = await Promise.all(Array.from({ length: 8 }, (_, index) => policies.publish(acme, draft('a', `text ${index}`))))
      expect(sets.map(({ version }) => version).sort()).toEqual([1, 2, 3, 4, 5, 6, 7, 8])
    })

    it('keeps everything that a version was published with', async () => {
      const policies = await make()
      const set = {
        ...draft('a', 'permit (principal, action, resource);\n// ünïcode'),
        source: { form: 'quick', json: '{"pre_rules":[]}' },
      } as const
      await policies.publish(acme, set)
      expect(await policies.history(acme, 'a')).toEqual([{ ...set, version: 1 }])
      expect(await policies.byDigest(acme, set.digest)).toEqual({ ...set, version: 1 })
    })

    it('lists versions newest first, of one set or of all', async () => {
      const policies = await make()
      await policies.publish(acme, draft('a', 'one'))
      await policies.publish(acme, draft('b', 'two'))
      await policies.publish(acme, draft('a', 'three'))
      expect((await policies.history(acme, 'a')).map(({ version }) => version)).toEqual([2, 1])
      expect((await policies.history(acme)).map(({ text }) => text)).toEqual(['three', 'two', 'one'])
      expect(await policies.history(acme, 'none')).toEqual([])
    })

    it('has nothing active until something is activated', async () => {
      const policies = await make()
      await policies.publish(acme, draft('a', 'one'))
      expect(await policies.active(acme)).toEqual([])
    })

    it('has one active version a set, sorted by id', async () => {
      const policies = await make()
      await policies.publish(acme, draft('b', 'zero'))
      await policies.publish(acme, draft('a', 'one'))
      await policies.publish(acme, draft('a', 'two'))
      await policies.activate(acme, 'b', 1)
      await policies.activate(acme, 'a', 1)
      await policies.activate(acme, 'a', 2)
      expect((await policies.active(acme)).map(({ id, version }) => [id, version])).toEqual([
        ['a', 2],
        ['b', 1],
      ])
      await policies.activate(acme, 'a', undefined)
      expect((await policies.active(acme)).map(({ id }) => id)).toEqual(['b'])
    })

    it('refuses to activate what was never published, and changes nothing', async () => {
      const policies = await make()
      await policies.publish(acme, draft('a', 'one'))
      await policies.activate(acme, 'a', 1)
      await expect(policies.activate(acme, 'a', 2)).rejects.toThrow(RangeError)
      await expect(policies.activate(acme, 'none', 1)).rejects.toThrow(RangeError)
      expect((await policies.active(acme)).map(({ version }) => version)).toEqual([1])
    })

    it('ends concurrent activations in one of them', async () => {
      const policies = await make()
      await policies.publish(acme, draft('a', 'one'))
      await policies.publish(acme, draft('a', 'two'))
      await Promise.all([1, 2, 1, 2].map((version) => policies.activate(acme, 'a', version)))
      expect(await policies.active(acme)).toHaveLength(1)
    })

    it('never shows one tenant the sets of another', async () => {
      const policies = await make()
      const set = await policies.publish(acme, draft('a', 'one'))
      await policies.activate(acme, 'a', 1)
      expect(await policies.active(other)).toEqual([])
      expect(await policies.history(other)).toEqual([])
      expect(await policies.byDigest(other, set.digest)).toBeUndefined()
      await expect(policies.activate(other, 'a', 1)).rejects.toThrow(RangeError)
      expect((await policies.publish(other, draft('a', 'two'))).version).toBe(1)
    })

    it('never changes a published version', async () => {
      const policies = await make()
      const mutable = draft('a', 'one') as { text: string } & Omit<PolicySet, 'version' | 'text'>
      await policies.publish(acme, mutable)
      mutable.text = 'changed'
      expect((await policies.history(acme, 'a'))[0]?.text).toBe('one')
    })
  })
}
