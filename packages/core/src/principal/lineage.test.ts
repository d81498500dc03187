import { describe, expect, it } from 'vitest'
import type { MaskedCall, PrincipalId, TenantId } from '../call.ts'
import type { Grant } from './grant.ts'
import { memoryGrants } from './grants.ts'
import { lineage } from './lineage.ts'

const tenant = 'acme' as TenantId
const [agent, person, broker] = ['Agent::a', 'User::u', 'Agent::b'].map((id) => id as PrincipalId) as [
  PrincipalId,
  PrincipalId,
  PrincipalId,
]
const grant = (id: string, more: Partial<Grant> = {}): Grant => ({
  id,
  tenant,
  issuer: person,
  holder: agent,
  actions: ['effect:read'],
  resources: ['/reports/*'],
  issuedAt: 0,
  expiresAt: 100,
  ...more,
})
const call = (more: object = {}) =>
  ({
    tenant,
    principal: { id: agent, onBehalfOf: person, tenant, roles: [], mfa: false },
    tool: { name: 'look_up', effect: 'read' },
    resource: '/reports/may',
    context: { taint: 'none' },
    ...more,
  }) as unknown as MaskedCall

async function under(
  given: readonly Grant[],
  { now = 50, revoked = [], ...more }: { now?: number; revoked?: readonly string[]; [more: string]: unknown } = {},
) {
  const grants = memoryGrants()
  for (const each of given) await grants.issue(each)
  for (const id of revoked) await grants.revoke(tenant, id, 10)
  let chains = 0
  const counted = { ...grants, chain: (...asked: Parameters<typeof grants.chain>) => (chains++, grants.chain(...asked)) }
  const found = await lineage({ grants: counted }).evaluate(call(more), { now, earlier: [], signal: new AbortController().signal })
  return { ...found, code: found.reason?.code, chains }
}

describe('the control of grants', () => {
  it('passes whoever never held one, and those that one covers, which it names', async () => {
    expect(await under([])).toMatchObject({ verdict: 'pass', chains: 0 })
    expect(await under([grant('other', { holder: broker })])).toMatchObject({ verdict: 'pass' })
    expect(await under([grant('a'), grant('b', { actions: [] })])).toMatchObject({ verdict: 'pass', facts: { grants: ['a'] } })
  })

  it('says why none covers the call, and who of the two lacks one', async () => {
    expect(await under([grant('a')], { resource: '/other' })).toMatchObject({ verdict: 'deny', code: 'grant-exceeded' })
    expect(await under([grant('a')], { now: 100 })).toMatchObject({ code: 'grant-expired' })
    expect(await under([grant('a')], { revoked: ['a'] })).toMatchObject({ code: 'grant-revoked' })
    expect(await under([grant('a', { parent: 'gone' })])).toMatchObject({ code: 'grant-unknown' })
    const both = await under([grant('a'), grant('p', { holder: person, resources: ['/else'] })])
    expect([both.code, both.reason?.message]).toEqual(['grant-exceeded', expect.stringContaining('`User::u`')])
    expect(await under([grant('a'), grant('p', { holder: person })])).toMatchObject({ verdict: 'pass', facts: { grants: ['a', 'p'] } })
  })

  it('takes one without a duty before one with it, and holds where there is none', async () => {
    const watched = grant('w', { issuedAt: 5, obligations: ['approval'] })
    expect(await under([grant('a'), watched])).toMatchObject({ verdict: 'pass', facts: { grants: ['a'] } })
    expect(await under([watched])).toMatchObject({ verdict: 'hold', code: 'approval-required', obligations: [{ policy: 'grant/w' }] })
    expect(await under([watched], { context: { taint: 'none', approval: {} } })).toMatchObject({ verdict: 'pass' })
    const above = [grant('root', { holder: broker, obligations: ['approval'] }), grant('own', { issuer: broker, parent: 'root' })]
    expect(await under(above)).toMatchObject({ verdict: 'hold', obligations: [{ policy: 'grant/root' }] })
  })

  it('reads only the chains of those that cover the call by themselves, and none after the first that does', async () => {
    const root = grant('root', { holder: broker })
    const children = Array.from({ length: 9 }, (_, n) =>
      grant(`c${n}`, { issuer: broker, parent: 'root', issuedAt: n, ...(n > 2 && { resources: ['/else'] }) }),
    )
    expect(await under([root, ...children])).toMatchObject({ verdict: 'pass', facts: { grants: ['c2'] }, chains: 1 })
    expect(await under([root, ...children], { revoked: ['root'] })).toMatchObject({ chains: 3 })
  })
})
