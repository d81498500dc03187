import { describe, expect, it } from 'vitest'
import type { PrincipalId, TenantId } from '../call.ts'
import type { Policies, PolicySet, Standing } from './policies.ts'

const acme = 'acme' as TenantId
const other = 'other' as TenantId
const someone = 'User::u1' as PrincipalId

const draft = (id: string, text: string): Omit<PolicySet, 'version'> => ({
  id,
  text,
  digest: Buffer.from(`${text}`.padEnd(32, '.').slice(0, 32)).toString('hex'),
  publishedAt: 1_700_000_000_000,
  publishedBy: someone,
})
const standing = (id: string, active?: number): Standing => ({
  id,
  locked: false,
  deleted: false,
  trail: [],
  ...(active !== undefined && { active }),
})
const written = (text: string) => {
  const { id: _, publishedAt, publishedBy, ...rest } = draft('', text)
  return { ...rest, editedAt: publishedAt, editedBy: publishedBy }
}
const told = (type: string, id: string) => ({ type, facts: { set: id } })

/** Activates whatever else happened meanwhile. */
async function activate(policies: Policies, tenant: TenantId, id: string, version?: number): Promise<void> {
  const { generation } = await policies.standings(tenant)
  if (!(await policies.move(tenant, generation, standing(id, version)))) await activate(policies, tenant, id, version)
}

/** What every store of policy sets must do. `make` answers an empty one. */
export function policiesContract(name: string, make: () => Promise<Policies> | Policies): void {
  describe(`policies: ${name}`, () => {
    it('numbers the versions of a set from 1', async () => {
      const policies = await make()
      expect((await policies.publish(acme, draft('a', 'one'))).version).toBe(1)
      expect((await policies.publish(acme, draft('a', 'two'))).version).toBe(2)
      expect((await policies.publish(acme, draft('b', 'three'))).version).toBe(1)
    })

    it('answers the version that the same texts already have', async () => {
      const policies = await make()
      const first = await policies.publish(acme, draft('a', 'one'))
      await policies.publish(acme, draft('a', 'two'))
      const again = await policies.publish(acme, { ...draft('a', 'one'), publishedAt: 9, publishedBy: 'User::u2' as PrincipalId })
      expect(again).toEqual(first)
      expect(await policies.versions(acme, 'a')).toHaveLength(2)
      expect((await policies.publish(acme, { ...draft('a', 'one'), invariants: 'i' })).version).toBe(3)
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
        invariants: '@invariant("i") forbid (principal, action, resource);',
      } as const
      await policies.publish(acme, set)
      expect(await policies.version(acme, 'a', 1)).toEqual({ ...set, version: 1 })
      expect(await policies.byDigest(acme, set.digest)).toEqual({ ...set, version: 1 })
      const { digest, publishedAt, publishedBy } = set
      expect(await policies.versions(acme, 'a')).toEqual([
        { id: 'a', version: 1, digest, publishedAt, publishedBy, form: 'quick', hasInvariants: true },
      ])
      expect(await policies.version(acme, 'a', 2)).toBeUndefined()
    })

    it('lists versions newest first, of one set or of all', async () => {
      const policies = await make()
      await policies.publish(acme, draft('a', 'one'))
      await policies.publish(acme, draft('b', 'two'))
      await policies.publish(acme, draft('a', 'three'))
      expect((await policies.versions(acme, 'a')).map(({ version }) => version)).toEqual([2, 1])
      expect((await policies.versions(acme)).map(({ id, version }) => [id, version])).toEqual([
        ['a', 2],
        ['b', 1],
        ['a', 1],
      ])
      expect(await policies.versions(acme, 'none')).toEqual([])
    })

    it('has nothing active until something is activated', async () => {
      const policies = await make()
      await policies.publish(acme, draft('a', 'one'))
      expect(await policies.active(acme)).toEqual([])
      expect(await policies.standings(acme)).toEqual({ generation: 0, sets: [standing('a')] })
    })

    it('has one active version a set, sorted by id', async () => {
      const policies = await make()
      await policies.publish(acme, draft('b', 'zero'))
      await policies.publish(acme, draft('a', 'one'))
      await policies.publish(acme, draft('a', 'two'))
      await activate(policies, acme, 'b', 1)
      await activate(policies, acme, 'a', 1)
      await activate(policies, acme, 'a', 2)
      expect((await policies.active(acme)).map(({ id, version }) => [id, version])).toEqual([
        ['a', 2],
        ['b', 1],
      ])
      await activate(policies, acme, 'a')
      expect((await policies.active(acme)).map(({ id }) => id)).toEqual(['b'])
    })

    it('remembers how a set stands, and counts each change of it', async () => {
      const policies = await make()
      await policies.publish(acme, draft('a', 'one'))
      const to: Standing = { id: 'a', active: 1, locked: true, deleted: false, trail: [3, 1, 2] }
      expect(await policies.move(acme, 0, to)).toBe(true)
      expect(await policies.standings(acme)).toEqual({ generation: 1, sets: [to] })
      await policies.publish(acme, draft('a', 'two'))
      await policies.saveDraft(acme, 'a', written('three'))
      expect((await policies.standings(acme)).generation).toBe(1)
      expect(await policies.move(acme, 1, { id: 'a', locked: false, deleted: true, trail: [1] })).toBe(true)
      expect(await policies.active(acme)).toEqual([])
    })

    it('changes nothing for one who has seen an older generation', async () => {
      const policies = await make()
      await policies.publish(acme, draft('a', 'one'))
      await policies.publish(acme, draft('b', 'two'))
      expect(await policies.move(acme, 0, standing('a', 1))).toBe(true)
      expect(await policies.move(acme, 0, standing('b', 1), told('policy.activated', 'b'))).toBe(false)
      expect((await policies.active(acme)).map(({ id }) => id)).toEqual(['a'])
      expect(await policies.untold(acme)).toEqual([])
    })

    it('lets exactly one of several changes at once happen', async () => {
      const policies = await make()
      for (const text of ['one', 'two', 'three', 'four']) await policies.publish(acme, draft('a', text))
      const done = await Promise.all([1, 2, 3, 4].map((version) => policies.move(acme, 0, standing('a', version))))
      expect(done.filter(Boolean)).toHaveLength(1)
      expect((await policies.active(acme)).map(({ version }) => version)).toEqual([done.indexOf(true) + 1])
    })

    it('refuses to activate what was never published, and changes nothing', async () => {
      const policies = await make()
      await policies.publish(acme, draft('a', 'one'))
      await activate(policies, acme, 'a', 1)
      await expect(policies.move(acme, 1, standing('a', 2), told('policy.activated', 'a'))).rejects.toThrow(RangeError)
      await expect(policies.move(acme, 1, standing('none', 1))).rejects.toThrow(RangeError)
      expect((await policies.active(acme)).map(({ version }) => version)).toEqual([1])
      expect(await policies.standings(acme)).toMatchObject({ generation: 1 })
      expect(await policies.untold(acme)).toEqual([])
    })

    it('keeps what happened, in order, until it was told', async () => {
      const policies = await make()
      await policies.publish(acme, draft('a', 'one'), { event: told('policy.published', 'a') })
      await policies.publish(acme, draft('a', 'one'), { event: told('policy.published', 'a') })
      await policies.move(acme, 0, standing('a', 1), told('policy.activated', 'a'))
      await policies.saveDraft(acme, 'b', written('two'), { event: told('policy.saved', 'b') })
      const events = await policies.untold(acme)
      expect(events.map(({ event }) => event['type'])).toEqual(['policy.published', 'policy.activated', 'policy.saved'])
      expect(events[0]?.event).toEqual({ type: 'policy.published', facts: { set: 'a', version: 1 } })
      await policies.told(acme, events[0]?.seq ?? 0)
      expect((await policies.untold(acme)).map(({ seq }) => seq)).toEqual(events.slice(1).map(({ seq }) => seq))
      expect((await policies.events(acme, 'a')).map(({ event }) => event['type'])).toEqual(['policy.activated', 'policy.published'])
      expect(await policies.untold(other)).toEqual([])
    })

    it('numbers the saves of a draft, and keeps it apart from what is published', async () => {
      const policies = await make()
      expect(await policies.draft(acme, 'a')).toBeUndefined()
      expect((await policies.saveDraft(acme, 'a', written('one')))?.revision).toBe(1)
      const second = { ...written('two'), invariants: 'i', source: { form: 'conditioned', json: '{}' } } as const
      expect((await policies.saveDraft(acme, 'a', second, { expected: 1 }))?.revision).toBe(2)
      expect(await policies.saveDraft(acme, 'a', written('three'), { expected: 1, event: told('policy.saved', 'a') })).toBeUndefined()
      expect(await policies.draft(acme, 'a')).toEqual({ ...second, revision: 2 })
      expect(await policies.drafts(acme)).toEqual([{ id: 'a', revision: 2, editedAt: second.editedAt, editedBy: someone }])
      expect(await policies.versions(acme)).toEqual([])
      expect((await policies.standings(acme)).sets).toEqual([])
      expect(await policies.draft(other, 'a')).toBeUndefined()
      await policies.dropDraft(acme, 'a')
      expect(await policies.drafts(acme)).toEqual([])
    })

    it('takes a draft away when that revision is published, and no newer one', async () => {
      const policies = await make()
      await policies.saveDraft(acme, 'a', written('one'))
      await policies.saveDraft(acme, 'a', written('two'))
      await policies.publish(acme, draft('a', 'one'), { draft: 1 })
      expect(await policies.draft(acme, 'a')).toMatchObject({ revision: 2 })
      await policies.publish(acme, draft('a', 'two'), { draft: 2 })
      expect(await policies.draft(acme, 'a')).toBeUndefined()
    })

    it('loads several sets at once, published or as drafts, each with its event', async () => {
      const policies = await make()
      const first = await policies.publish(acme, draft('b', 'one'))
      await policies.load(acme, [
        { publish: draft('a', 'one'), event: told('policy.published', 'a') },
        { publish: draft('b', 'one'), event: told('policy.published', 'b') },
        { publish: draft('b', 'two'), event: told('policy.published', 'b') },
        { id: 'c', draft: written('three'), event: told('policy.saved', 'c') },
      ])
      expect((await policies.versions(acme)).map(({ id, version }) => [id, version])).toEqual([
        ['b', 2],
        ['a', 1],
        ['b', first.version],
      ])
      expect(await policies.draft(acme, 'c')).toMatchObject({ text: 'three', revision: 1 })
      expect((await policies.untold(acme)).map(({ event }) => event['type'])).toEqual([
        'policy.published',
        'policy.published',
        'policy.saved',
      ])
    })

    it('never shows one tenant the sets of another', async () => {
      const policies = await make()
      const set = await policies.publish(acme, draft('a', 'one'))
      await activate(policies, acme, 'a', 1)
      expect(await policies.active(other)).toEqual([])
      expect(await policies.versions(other)).toEqual([])
      expect(await policies.version(other, 'a', 1)).toBeUndefined()
      expect(await policies.byDigest(other, set.digest)).toBeUndefined()
      expect(await policies.standings(other)).toEqual({ generation: 0, sets: [] })
      await expect(policies.move(other, 0, standing('a', 1))).rejects.toThrow(RangeError)
      expect((await policies.publish(other, draft('a', 'two'))).version).toBe(1)
    })

    it('never changes a published version', async () => {
      const policies = await make()
      const mutable = draft('a', 'one') as { text: string } & Omit<PolicySet, 'version' | 'text'>
      await policies.publish(acme, mutable)
      mutable.text = 'changed'
      expect((await policies.version(acme, 'a', 1))?.text).toBe('one')
    })
  })
}
