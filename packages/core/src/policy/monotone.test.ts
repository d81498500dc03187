import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Call, MaskedCall } from '../call.ts'
import { canonical, digestOf } from './cedar-text.ts'
import { policy } from './control.ts'
import type { PolicySet } from './policies.ts'

const asking = { now: 0, earlier: [], signal: new AbortController().signal }
const obligations = fc.subarray([
  '@approval("approver")',
  '@approval_quorum("2")',
  '@mfa("required")',
  '@rate("1/1m")',
  '@confirm("preview")',
])
const scope = fc.constantFrom(
  'principal, action, resource',
  'principal in Role::"r", action, resource',
  'principal in Role::"q", action in Action::"write", resource',
  'principal, action, resource in Resource::"/a"',
)
const condition = fc.constantFrom(
  '',
  ' when { context.mfa }',
  ' when { context.pii_count == 0 }',
  ' unless { context has approval }',
  ' when { context.input.missing }',
)
const permits = fc.tuple(obligations, scope, condition).map(([duties, within, when]) => ({ duties, rest: `permit (${within})${when};` }))
const forbids = fc
  .tuple(fc.constantFrom('', '@hold("approval") ', '@hold("mfa") '), scope, condition)
  .map(([hold, within, when]) => `${hold}forbid (${within})${when};`)

const calls = fc
  .record({
    roles: fc.subarray(['r', 'q']),
    mfa: fc.boolean(),
    resource: fc.constantFrom('/a/b', '/c'),
    approval: fc.option(fc.constantFrom(1, 2)),
    confirmed: fc.boolean(),
    pii_count: fc.constantFrom(0, 1),
  })
  .map(
    ({ roles, mfa, resource, approval, confirmed, pii_count }) =>
      ({
        id: 'c',
        tenant: 't',
        principal: { id: 'User::u', tenant: 't', roles, mfa },
        session: 's',
        tool: { name: 'tool', digest: '', effect: 'write', boundary: 'external', arguments: {} },
        action: 'tool',
        resource,
        input: {},
        context: {
          now: 0,
          confirmed,
          pii_count,
          ...(approval !== null && { approval: { id: 'a', by: 'User::v', quorum: approval, roles: ['approver'] } }),
        },
      }) as unknown as Call as MaskedCall,
  )

const order = { deny: 0, hold: 1, allow: 2, pass: -1 }
const decide = async (texts: readonly string[], call: MaskedCall) => {
  const set = (text: string, index: number): PolicySet =>
    ({
      id: `s${index}`,
      version: 1,
      digest: digestOf(canonical(text)),
      text,
      publishedAt: 0,
      publishedBy: 'User::u',
    }) as unknown as PolicySet
  return order[(await policy({ active: async () => texts.map(set) }).evaluate(call, asking)).verdict]
}

const arranged = fc.record({
  permits: fc.array(permits, { minLength: 1, maxLength: 4 }),
  forbids: fc.array(forbids, { maxLength: 2 }),
  call: calls,
})
const written = (list: readonly { duties: readonly string[]; rest: string }[]) =>
  list.map(({ duties, rest }) => `${duties.join(' ')} ${rest}`)

describe('access never widens', () => {
  it('when a permit is removed', async () => {
    await fc.assert(
      fc.asyncProperty(arranged, fc.nat(), async ({ permits, forbids, call }, which) => {
        const all = await decide([...written(permits), ...forbids], call)
        const fewer = written(permits.toSpliced(which % permits.length, 1))
        expect(await decide([...fewer, ...forbids], call)).toBeLessThanOrEqual(all)
      }),
      { numRuns: 150 },
    )
  })

  it('when a permit gets one more obligation', async () => {
    await fc.assert(
      fc.asyncProperty(
        arranged,
        fc.nat(),
        fc.constantFrom('@approval("approver")', '@mfa("required")', '@budget("1.00/1d")'),
        async ({ permits, forbids, call }, which, duty) => {
          const all = await decide([...written(permits), ...forbids], call)
          const burdened = permits.map((each, index) =>
            index === which % permits.length ? { ...each, duties: [...new Set([...each.duties, duty])] } : each,
          )
          expect(await decide([...written(burdened), ...forbids], call)).toBeLessThanOrEqual(all)
        },
      ),
      { numRuns: 150 },
    )
  })

  it('when a forbid is added', async () => {
    await fc.assert(
      fc.asyncProperty(arranged, forbids, async ({ permits, forbids: some, call }, one) => {
        expect(await decide([...written(permits), ...some, one], call)).toBeLessThanOrEqual(
          await decide([...written(permits), ...some], call),
        )
      }),
      { numRuns: 150 },
    )
  })

  it('when a role that only permits is taken away', async () => {
    await fc.assert(
      fc.asyncProperty(arranged, async ({ permits, call }) => {
        const fewer = { ...call, principal: { ...call.principal, roles: call.principal.roles.slice(1) } } as MaskedCall
        expect(await decide(written(permits), fewer)).toBeLessThanOrEqual(await decide(written(permits), call))
      }),
      { numRuns: 150 },
    )
  })
})
