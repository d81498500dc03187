import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Effect, PrincipalId, TenantId } from '../call.ts'
import { type Asked, deepestChain, type Grant, type GrantOnFile, refusedUnder, widened } from './grant.ts'

const tenant = 'acme' as TenantId
const someone = (n: number) => `Agent::a${n}` as PrincipalId
interface Asking extends Asked {
  readonly by: number
}
const ask = (more: { tool?: string; effect?: Effect; resource?: string; by?: number; cost?: number; taint?: string } = {}): Asking => ({
  tenant,
  by: more.by ?? 1,
  tool: { name: more.tool ?? 'read_report', effect: more.effect ?? 'read', ...(more.cost !== undefined && { cost: more.cost }) },
  resource: more.resource ?? '/reports/2026',
  context: { taint: more.taint ?? 'none' },
})
const refused = (chain: readonly GrantOnFile[], { by, ...asked }: Asking, now: number) => refusedUnder(chain, someone(by), asked, now)
/** A grant that person `n` holds of person `n - 1`. */
const grant = (n: number, more: Partial<GrantOnFile> = {}): GrantOnFile => ({
  id: `g${n}`,
  tenant,
  issuer: someone(n - 1),
  holder: someone(n),
  ...(n > 1 && { parent: `g${n - 1}` }),
  actions: ['read_report'],
  resources: ['/reports/*'],
  issuedAt: 100,
  expiresAt: 200,
  ...more,
})
const chainOf = (depth: number) => Array.from({ length: depth }, (_, at) => grant(depth - at))

const paths = [
  '/reports/*',
  '/reports/2026/*',
  '/reports/2026',
  '/reports/2026/may',
  '/secret',
  '/reports/../secret',
  '/reports/%2e%2e/s',
  '*',
]
const anActions = fc.subarray(['read_report', 'write_report', 'effect:read', 'effect:write'], { minLength: 1 })
const aResources = fc.subarray(paths, { minLength: 1 })
const anAsk = fc
  .record({
    tool: fc.constantFrom('read_report', 'write_report', 'other'),
    effect: fc.constantFrom<Effect>('read', 'write'),
    resource: fc.constantFrom(...paths),
  })
  .map((asked) => ask({ ...asked, by: 2 }))

describe('a grant', () => {
  it('covers its tools and effects, on its resources and below its paths', () => {
    const under = (more: Partial<Grant>, asked: Asking) => refused([grant(1, more)], asked, 150)
    expect(under({}, ask())).toBeUndefined()
    expect(under({}, ask({ tool: 'drop' }))).toBe('grant-exceeded')
    expect(under({ actions: ['effect:read'] }, ask({ tool: 'look_up' }))).toBeUndefined()
    expect(under({ actions: ['effect:read'] }, ask({ effect: 'write' }))).toBe('grant-exceeded')
    expect(under({}, ask({ resource: '/reports' }))).toBe('grant-exceeded')
    expect(under({}, ask({ resource: '/reportsx/1' }))).toBe('grant-exceeded')
    expect(under({ resources: ['/reports/2026'] }, ask({ resource: '/reports/2026/may' }))).toBe('grant-exceeded')
    expect(under({ resources: ['*'] }, ask({ resource: 'anything' }))).toBeUndefined()
  })

  it.each([
    '/reports/../secret',
    '/reports/./x',
    '/reports//x',
    '/reports/%2e%2e/x',
    '/reports/..\\x',
    '/reports/.. /x',
    '/reports/a;b',
    '/reports/',
    '/reports/<EMAIL_1>',
    '/reports/..\u3164/x',
    '/reports/a\u200bb',
  ])('covers nothing below a path that somebody may read otherwise: %s', (resource) =>
    expect(refused([grant(1)], ask({ resource }), 150)).toBe('grant-exceeded'),
  )

  it('is for its holder, in its tenant, while it lasts', () => {
    expect(refused([], ask(), 150)).toBe('grant-unknown')
    expect(refused([grant(1)], ask({ by: 2 }), 150)).toBe('grant-unknown')
    expect(refused([grant(1)], { ...ask(), tenant: 'other' as TenantId }, 150)).toBe('grant-unknown')
    expect(refused([grant(1)], ask(), 199)).toBeUndefined()
    expect(refused([grant(1)], ask(), 200)).toBe('grant-expired')
    expect(refused([grant(1)], ask(), 99)).toBe('grant-expired')
    expect(refused([grant(1, { revokedAt: 120 })], ask(), 150)).toBe('grant-revoked')
  })

  it('covers what keeps to its constraints', () => {
    const under = (constraints: Grant['constraints'], asked: Asking) =>
      refused([grant(1, { ...(constraints && { constraints }) })], asked, 150)
    expect(under({ maxCost: 5 }, ask({ cost: 5 }))).toBeUndefined()
    expect(under({ maxCost: 5 }, ask({ cost: 6 }))).toBe('grant-exceeded')
    expect(under({ maxCost: 5 }, ask())).toBe('grant-exceeded')
    expect(under({ taint: 'user' }, ask({ taint: 'user' }))).toBeUndefined()
    expect(under({ taint: 'user' }, ask({ taint: 'untrusted' }))).toBe('grant-exceeded')
    expect(under({ taint: 'none' }, ask({ taint: 'user' }))).toBe('grant-exceeded')
    expect(under({ taint: 'none' }, { ...ask(), context: {} })).toBe('grant-exceeded')
  })

  it('is handed on from a root, by whoever holds it, not too often', () => {
    const [own = grant(0), root = grant(0)] = chainOf(2)
    expect(refused([own, root], ask({ by: 2 }), 150)).toBeUndefined()
    expect(refused([own], ask({ by: 2 }), 150)).toBe('grant-unknown')
    expect(refused([own, { ...root, holder: someone(7) }], ask({ by: 2 }), 150)).toBe('grant-unknown')
    expect(refused([own, { ...root, tenant: 'other' as TenantId }], ask({ by: 2 }), 150)).toBe('grant-unknown')
    expect(refused(chainOf(deepestChain), ask({ by: deepestChain }), 150)).toBeUndefined()
    expect(refused(chainOf(deepestChain + 1), ask({ by: deepestChain + 1 }), 150)).toBe('grant-unknown')
  })

  it('says in which fields it would be wider than what it is handed on from', () => {
    expect(widened(grant(2), grant(1))).toEqual([])
    expect(widened(grant(2, { actions: ['read_report', 'drop'], resources: ['*'], expiresAt: 201 }), grant(1))).toEqual([
      'actions',
      'resources',
      'expiresAt',
    ])
    expect(widened(grant(2, { issuer: someone(9), parent: 'g9', tenant: 'other' as TenantId }), grant(1))).toEqual([
      'tenant',
      'issuer',
      'parent',
    ])
    expect(widened(grant(2, { resources: ['/reports/../*'] }), grant(1))).toEqual(['resources'])
    const read = grant(1, { actions: ['effect:read'] })
    expect(widened(grant(2), read)).toEqual(['actions'])
    expect(widened(grant(2), read, (tool) => (tool === 'read_report' ? 'read' : undefined))).toEqual([])
    expect(widened(grant(2, { actions: ['drop'] }), read, (tool) => (tool === 'read_report' ? 'read' : 'delete'))).toEqual(['actions'])
    const strict = grant(1, { constraints: { maxCost: 5, taint: 'user' }, obligations: ['approval'] })
    expect(widened(grant(2), strict)).toEqual(['constraints', 'obligations'])
    expect(widened(grant(2, { constraints: { maxCost: 6, taint: 'user' }, obligations: ['approval'] }), strict)).toEqual(['constraints'])
    expect(widened(grant(2, { constraints: { maxCost: 5, taint: 'none' }, obligations: ['approval'] }), strict)).toEqual([])
  })

  it('never covers more than what it is handed on from', () => {
    fc.assert(
      fc.property(anActions, aResources, anActions, aResources, anAsk, (actions, resources, others, places, asked) => {
        const [root, own] = [grant(1, { actions, resources }), grant(2, { actions: others, resources: places })]
        const { parent: _, ...first } = grant(1, { holder: someone(2) })
        const alone = ({ actions, resources }: Grant) => refused([{ ...first, actions, resources }], asked, 150)
        // Whatever issuing let pass, both must cover the call; and what only narrows covers nothing that the root does not.
        if (refused([own, root], asked, 150) === undefined) expect([alone(own), alone(root)]).toEqual([undefined, undefined])
        if (widened(own, root).length === 0 && alone(own) === undefined) expect(alone(root)).toBeUndefined()
      }),
    )
  })

  it('never allows more when a link is revoked, in whatever order, or gone', () => {
    const depth = fc.integer({ min: 1, max: deepestChain })
    fc.assert(
      fc.property(depth, fc.array(fc.nat(deepestChain - 1), { minLength: 1 }), fc.nat(deepestChain - 1), (links, order, gone) => {
        const chain = chainOf(links)
        const asked = ask({ by: links })
        const revoke = (revoked: readonly number[]) =>
          revoked.reduce<GrantOnFile[]>((so, at) => so.map((link, n) => (n === at ? { ...link, revokedAt: 120 } : link)), chain)
        const found = refused(revoke(order), asked, 150)
        expect(found).toBe(order.some((at) => at < links) ? 'grant-revoked' : undefined)
        expect(refused(revoke(order.toReversed()), asked, 150)).toBe(found)
        if (gone < links) expect(refused(chain.toSpliced(gone, 1), asked, 150)).toBe('grant-unknown')
      }),
    )
  })
})
