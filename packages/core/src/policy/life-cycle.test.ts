import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { PrincipalId, TenantId } from '../call.ts'
import { stateOf, type Transition, transition } from './life-cycle.ts'
import { memoryPolicies } from './memory-policies.ts'
import type { Standing } from './policies.ts'

const versions = [1, 2, 3]
const verbs: fc.Arbitrary<Transition> = fc.oneof(
  fc.constantFrom('save', 'publish', 'deactivate', 'lock', 'unlock', 'delete').map((verb) => ({ verb }) as Transition),
  fc.integer({ min: 0, max: 4 }).map((version): Transition => ({ verb: 'activate', version })),
  fc.option(fc.constantFrom(...versions)).map((version): Transition => ({ verb: 'rollback', ...(version !== null && { version }) })),
)
const fresh: Standing = { id: 'a', locked: false, deleted: false, trail: [] }
const step = (standing: Standing | undefined, asked: Transition) => transition(standing, versions, asked, 'a')
const after = (steps: readonly Transition[], start: Standing = fresh): Standing =>
  steps.reduce((standing, asked) => {
    const moved = step(standing, asked)
    return moved.ok ? moved.to : standing
  }, start)
const code = (standing: Standing | undefined, asked: Transition) => {
  const moved = step(standing, asked)
  return moved.ok ? 'ok' : moved.code
}

describe('the life of a policy set', () => {
  it('goes from draft to published, active and inactive, and ends deleted', () => {
    expect(stateOf(undefined)).toBe('draft')
    expect(stateOf(fresh)).toBe('published')
    const active = after([{ verb: 'activate', version: 1 }])
    expect(stateOf(active)).toBe('active')
    const inactive = after([{ verb: 'deactivate' }], active)
    expect(stateOf(inactive)).toBe('inactive')
    expect(stateOf(after([{ verb: 'activate', version: 2 }], inactive))).toBe('active')
    expect(stateOf(after([{ verb: 'delete' }], inactive))).toBe('deleted')
  })

  it('says which state stands in the way', () => {
    const active = after([{ verb: 'activate', version: 1 }])
    const locked = after([{ verb: 'lock' }], active)
    const deleted = after([{ verb: 'delete' }])
    expect(code(undefined, { verb: 'activate', version: 1 })).toBe('unknown-policy')
    expect(code(fresh, { verb: 'activate', version: 9 })).toBe('unknown-version')
    expect(code(fresh, { verb: 'deactivate' })).toBe('not-active')
    expect(code(fresh, { verb: 'unlock' })).toBe('not-locked')
    expect(code(fresh, { verb: 'rollback' })).toBe('nothing-before')
    expect(code(active, { verb: 'delete' })).toBe('policy-active')
    for (const verb of ['deactivate', 'delete', 'lock'] as const) expect(code(locked, { verb })).toBe('policy-locked')
    expect(code(locked, { verb: 'activate', version: 2 })).toBe('policy-locked')
    expect(code(deleted, { verb: 'publish' })).toBe('policy-deleted')
  })

  it('goes back step by step to what was active before', () => {
    const third = after(versions.map((version) => ({ verb: 'activate', version })))
    const second = after([{ verb: 'rollback' }], third)
    expect(second).toMatchObject({ active: 2, trail: [1] })
    expect(after([{ verb: 'rollback' }], second)).toMatchObject({ active: 1, trail: [] })
    expect(after([{ verb: 'deactivate' }, { verb: 'rollback' }], third)).toMatchObject({ active: 3 })
    expect(after([{ verb: 'rollback', version: 1 }], third)).toMatchObject({ active: 1 })
  })

  it('never changes what is active, nor deletes, while it is locked', () => {
    fc.assert(
      fc.property(fc.array(verbs), fc.array(verbs), (before, meanwhile) => {
        const locked = { ...after(before), locked: true }
        const while_ = after(
          meanwhile.filter(({ verb }) => verb !== 'unlock'),
          locked,
        )
        expect([while_.active, while_.deleted, while_.locked]).toEqual([locked.active, locked.deleted, true])
      }),
    )
  })

  it('changes nothing any more once it is deleted', () => {
    fc.assert(
      fc.property(fc.array(verbs), fc.array(verbs), (before, later) => {
        const { active: _, ...rest } = after(before)
        const deleted: Standing = { ...rest, locked: false, deleted: true }
        expect(after(later, deleted)).toEqual(deleted)
      }),
    )
  })

  it('has a version active only if it was published, and never one of a deleted set', () => {
    fc.assert(
      fc.property(fc.array(verbs), (steps) => {
        const { active, deleted, trail } = after(steps)
        if (active !== undefined) expect(versions).toContain(active)
        if (deleted) expect(active).toBeUndefined()
        for (const each of trail) expect(versions).toContain(each)
      }),
    )
  })

  it('says whether anything is different afterwards', () => {
    fc.assert(
      fc.property(fc.array(verbs), verbs, (steps, asked) => {
        const before = after(steps)
        const moved = step(before, asked)
        if (moved.ok && !moved.changes) expect(moved.to).toEqual(before)
        if (moved.ok && moved.changes) expect(moved.to).not.toEqual(before)
      }),
    )
  })

  it('ends concurrent transitions as if they had come one after the other', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(verbs, { maxLength: 4 }), fc.array(verbs, { minLength: 2, maxLength: 5 }), async (before, atOnce) => {
        const policies = memoryPolicies()
        const tenant = 't' as TenantId
        for (const text of versions.map(String)) {
          const set = { id: 'a', text, digest: text, publishedAt: 0, publishedBy: 'User::u' as PrincipalId }
          await policies.publish(tenant, set)
        }
        await policies.move(tenant, 0, after(before))
        const done: Transition[] = []
        const run = async (asked: Transition): Promise<void> => {
          const { generation, sets } = await policies.standings(tenant)
          const moved = step(sets[0], asked)
          if (!moved.ok || !moved.changes) return
          if (await policies.move(tenant, generation, moved.to)) done.push(asked)
          else await run(asked)
        }
        await Promise.all(atOnce.map(run))
        expect((await policies.standings(tenant)).sets[0]).toEqual(after(done, after(before)))
      }),
      { numRuns: 60 },
    )
  })
})
