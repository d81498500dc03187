import type { TypeAndId } from '@cedar-policy/cedar-wasm/nodejs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { memoryApprovals } from '../approval/approvals.ts'
import { approval } from '../approval/control.ts'
import { type Call, type MaskedCall, type PrincipalId, withFacts } from '../call.ts'
import { combine, type Found } from '../decision.ts'
import { canonical, digestOf, readCedar } from './cedar-text.ts'
import { policy } from './control.ts'
import { answerOf } from './evaluation.ts'
import { compilePolicies } from './evaluator.ts'
import type { PolicySet } from './policies.ts'
import { readRequest } from './request.ts'

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
          ...(approval !== null && { approval: { id: 'a', by: 'User::v', quorum: approval, given: { approver: approval } } }),
        },
      }) as unknown as Call as MaskedCall,
  )

const order = { deny: 0, hold: 1, allow: 2, pass: -1 }
const decide = async (texts: readonly string[], call: MaskedCall) => {
  return order[(await policy({ active: async () => texts.map((text, index) => setOf(text, index)) }).evaluate(call, asking)).verdict]
}
const setOf = (text: string, index: number): PolicySet =>
  ({
    id: `s${index}`,
    version: 1,
    digest: digestOf(canonical(text)),
    text,
    publishedAt: 0,
    publishedBy: 'User::u',
  }) as unknown as PolicySet

/** What becomes of a call that these people answer one after the other, each who may. */
async function answered(texts: readonly string[], call: MaskedCall, answers: readonly (readonly string[])[]): Promise<number> {
  const approvals = memoryApprovals()
  const { recall, controls } = approval({ approvals, commit: (value) => JSON.stringify(value), newId: () => 'a' })
  const judging = policy({ active: async () => texts.map((text, index) => setOf(text, index)) })
  const once = async () => {
    const recalled = { ...(await recall.evaluate(call, asking)), control: recall.name, ms: 0 }
    const seen = withFacts(call, recalled.facts)
    const found: Found[] = [recalled, { ...(await judging.evaluate(seen, asking)), control: 'policy', ms: 0 }]
    for (const { name, evaluate } of controls)
      found.push({ ...(await evaluate(seen, { ...asking, earlier: found })), control: name, ms: 0 })
    return combine(found).verdict
  }
  let verdict = await once()
  for (const [at, roles] of answers.entries()) {
    const question = await approvals.find(call.tenant, 'a')
    const may = question && (question.roles.length === 0 || question.roles.some((role) => roles.includes(role)))
    if (may) await approvals.answer(call.tenant, 'a', { by: `User::${at}` as PrincipalId, approved: true, reason: '', at: 0, roles })
    verdict = await once()
  }
  return order[verdict]
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

  it('when a permit is removed, whoever is asked and whatever they answer', async () => {
    const people = ['approver', 'legal', 'admin']
    const duties = fc.tuple(fc.constantFrom('any', ...people), fc.constantFrom(1, 1, 2, 3), fc.boolean())
    const permitsOf = fc
      .array(duties, { minLength: 1, maxLength: 4 })
      .map((all) =>
        all.map(
          ([role, count, confirm]) =>
            `@approval("${role}")${count > 1 ? ` @approval_quorum("${count}")` : ''}${confirm ? ' @confirm("preview")' : ''} permit (principal, action, resource);`,
        ),
      )
    const answers = fc.array(fc.subarray(people), { maxLength: 5 })
    let widest = 0
    await fc.assert(
      fc.asyncProperty(permitsOf, answers, calls, fc.nat(), async (texts, answering, asked, which) => {
        const { approval: _, ...context } = asked.context
        const call = { ...asked, context } as MaskedCall
        const all = await answered(texts, call, answering)
        widest = Math.max(widest, all)
        expect(await answered(texts.toSpliced(which % texts.length, 1), call, answering)).toBeLessThanOrEqual(all)
      }),
      { numRuns: 400 },
    )
    expect(widest).toBe(order.allow)
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

  it('when a role that only permits is taken away, whatever forbids other roles', async () => {
    const others = forbids.filter((text) => !text.includes('Role::"r"'))
    await fc.assert(
      fc.asyncProperty(arranged, fc.array(others, { maxLength: 3 }), async ({ permits, call }, forbidding) => {
        const fewer = {
          ...call,
          principal: { ...call.principal, roles: call.principal.roles.filter((role) => role !== 'r') },
        } as MaskedCall
        const rules = [...written(permits), ...forbidding]
        expect(await decide(rules, fewer)).toBeLessThanOrEqual(await decide(rules, call))
      }),
      { numRuns: 150 },
    )
  })

  it('when a grant is taken away: a role, a role above a role, an agent above an agent, where forbids ask for none of these', () => {
    const names = { Role: ['r0', 'r1', 'r2', 'r3'], Agent: ['a0', 'a1', 'a2'] }
    const uids = Object.entries(names).flatMap(([type, ids]) => ids.map((id) => ({ type, id })))
    const above = (uid: TypeAndId) =>
      uids.filter((other) => uids.indexOf(other) > uids.indexOf(uid) && (uid.type === 'Agent' || other.type === 'Role'))
    const edges = uids.flatMap((from) =>
      [...above(from), ...(from.type === 'Agent' ? uids.filter(({ type }) => type === 'Role') : [])].map((to) => ({ from, to })),
    )
    const rules = fc.array(
      fc.record({
        who: fc.constantFrom(...uids.map(({ type, id }) => `${type}::"${id}"`)),
        how: fc.constantFrom('scope', 'condition', 'either'),
        mfa: fc.boolean(),
      }),
      { minLength: 1, maxLength: 5 },
    )
    const text = (asked: { who: string; how: string; mfa: boolean }) => {
      const also = asked.mfa ? 'context.mfa && ' : ''
      if (asked.how === 'scope') return `permit (principal in ${asked.who}, action, resource)${asked.mfa ? ' when { context.mfa }' : ''};`
      const test = asked.how === 'condition' ? `principal in ${asked.who}` : `(principal == ${asked.who} || principal in ${asked.who})`
      return `permit (principal, action, resource) when { ${also}${test} };`
    }
    const blocks = ['forbid (principal, action, resource) unless { context.mfa };', 'forbid (principal == User::"x", action, resource);']
    fc.assert(
      fc.property(rules, fc.subarray(blocks), fc.subarray(edges), fc.nat(), fc.boolean(), (some, blocking, granted, which, mfa) => {
        const read = readCedar([...some.map(text), ...blocking].join('\n'))
        if (!read.ok) throw new Error(JSON.stringify(read.errors))
        const evaluate = compilePolicies(read.policies)
        const decision = (grants: typeof edges) => {
          const entities = uids.map((uid) => ({ uid, attrs: {}, parents: grants.filter(({ from }) => from === uid).map(({ to }) => to) }))
          const principal = { type: 'Agent', id: 'a0' }
          const request = {
            principal,
            action: { type: 'Action', id: 't' },
            resource: { type: 'Resource', id: '/a' },
            context: { mfa },
            entities,
          }
          return answerOf(evaluate(readRequest(request))).decision
        }
        const fewer = granted.length === 0 ? granted : granted.toSpliced(which % granted.length, 1)
        if (decision(granted) === 'deny') expect(decision(fewer)).toBe('deny')
      }),
      { numRuns: 400 },
    )
  })

  it('when a role that only permits is taken away and nothing forbids', async () => {
    await fc.assert(
      fc.asyncProperty(arranged, async ({ permits, call }) => {
        const fewer = { ...call, principal: { ...call.principal, roles: call.principal.roles.slice(1) } } as MaskedCall
        expect(await decide(written(permits), fewer)).toBeLessThanOrEqual(await decide(written(permits), call))
      }),
      { numRuns: 150 },
    )
  })
})
