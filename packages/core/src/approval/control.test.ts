import { createHmac } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { type Call, type MaskedCall, type PrincipalId, type TenantId, withFacts } from '../call.ts'
import type { Asking } from '../control.ts'
import type { Found } from '../decision.ts'
import { type Answer, memoryApprovals } from './approvals.ts'
import { approval } from './control.ts'

const tenant = 't1' as TenantId
const bob = 'User::bob' as PrincipalId
const yes: Answer = { approved: true, by: bob, reason: '', at: 2, roles: ['approver', 'admin'] }
const call = (over: object = {}) =>
  ({
    id: 'c1',
    tenant,
    principal: { id: 'Agent::a', tenant, roles: [], mfa: false },
    session: 's1',
    tool: { name: 'delete_user', digest: '', effect: 'delete', boundary: 'external', arguments: {}, approval: true },
    action: 'delete_user',
    resource: 'r',
    input: { id: '123-45-6789' },
    context: {},
    ...over,
  }) as unknown as Call
const asking = (now: number, earlier: readonly Found[] = []): Asking => ({ now, earlier, signal: new AbortController().signal })

function room() {
  const approvals = memoryApprovals()
  const commit = (value: unknown) => createHmac('sha256', 'k').update(JSON.stringify(value)).digest('hex')
  let next = 0
  const { recall, controls } = approval({ approvals, commit, timeout: 1000, newId: () => `a${next++}` })
  const [want, ask] = controls
  if (!want || !ask) throw new Error('two controls')
  /** What the gate does: recall on the raw call, then want, then ask. */
  const decide = async (raw: Call, now: number) => {
    const recalled: Found = { ...(await recall.evaluate(raw, asking(now))), control: recall.name, ms: 0 }
    const seen = { ...raw, context: { ...raw.context, ...recalled.facts } } as unknown as MaskedCall
    const wanted: Found = { ...(await want.evaluate(seen, asking(now))), control: want.name, ms: 0 }
    const asked = recalled.verdict === 'deny' ? recalled : await ask.evaluate(seen, asking(now, [recalled, wanted]))
    return { recalled, wanted, asked }
  }
  return { approvals, decide, recall, ask }
}

describe('approval', () => {
  it('holds, asks once however often the call is decided, and passes when a person said yes', async () => {
    const { approvals, decide } = room()
    const first = await decide(call(), 0)
    expect(first.wanted).toMatchObject({ verdict: 'hold', reason: { code: 'approval-required' } })
    expect(first.asked).toMatchObject({ verdict: 'hold', reason: { code: 'approval-pending' }, approval: 'a0' })
    expect((await decide(call(), 1)).asked.approval).toBe('a0')
    await approvals.answer(tenant, 'a0', yes)
    const again = await decide(call(), 3)
    expect(again.recalled).toMatchObject({
      verdict: 'pass',
      approval: 'a0',
      facts: { approval: { id: 'a0', by: bob, quorum: 1, given: { approver: 1, admin: 1 } } },
    })
    expect(again.wanted.verdict).toBe('pass')
    expect(again.asked).toEqual({ verdict: 'pass' })
  })

  it('denies when a person said no, and when nobody answered in time', async () => {
    const { approvals, decide } = room()
    await decide(call(), 0)
    await decide(call({ id: 'c2' }), 0)
    await approvals.answer(tenant, 'a0', { ...yes, approved: false })
    expect((await decide(call(), 3)).recalled).toMatchObject({ verdict: 'deny', reason: { code: 'approval-denied' } })
    expect((await decide(call({ id: 'c2' }), 1000)).recalled).toMatchObject({ verdict: 'deny', reason: { code: 'approval-timeout' } })
  })

  it('is bound to exactly the call that was asked about', async () => {
    const others = [
      { input: { id: '987-65-4321' } },
      { session: 's2' },
      { action: 'x' },
      { resource: 'x' },
      { id: 'c9' },
      { tool: { ...call().tool, digest: 'changed' } },
    ]
    const principals = [
      { principal: { ...call().principal, id: 'Agent::b' } },
      { principal: { ...call().principal, onBehalfOf: 'User::u' } },
    ]
    for (const other of [...others, ...principals]) {
      const { approvals, decide } = room()
      await decide(call(), 0)
      await approvals.answer(tenant, 'a0', yes)
      expect((await decide(call(other), 3)).asked.verdict, JSON.stringify(other)).toBe('hold')
    }
  })

  it('asks for the people that the policies ask for, and tells policies how many had which role', async () => {
    const { approvals, recall, ask } = room()
    const binding: Found = { ...(await recall.evaluate(call(), asking(0))), control: recall.name, ms: 0 }
    const owed = (name: string, value: string) => ({ name, value, policy: 's/p' })
    const obligations = [owed('approval', 'approver'), owed('approval_quorum', '2'), owed('mfa', 'required')]
    const ways = [{ quorum: 2, role: 'approver' }]
    const holding: Found = { verdict: 'hold', reason: { code: 'x', message: 'why' }, obligations, ways, control: 'policy', ms: 0 }
    const pending = () => ask.evaluate(call() as MaskedCall, asking(0, [binding, holding]))
    expect((await pending()).reason?.code).toBe('approval-pending')
    expect(await approvals.find(tenant, 'a0')).toMatchObject({ quorum: 2, ways, roles: ['approver'], why: 'why' })
    await approvals.answer(tenant, 'a0', yes)
    expect((await pending()).reason?.code).toBe('approval-pending')
    await approvals.answer(tenant, 'a0', { ...yes, by: 'User::eve' as PrincipalId, roles: ['viewer', 'approver'] })
    const { facts } = await recall.evaluate(call(), asking(3))
    expect(facts).toEqual({ approval: { id: 'a0', by: bob, quorum: 2, given: { approver: 2, admin: 1, viewer: 1 } } })
    expect(await pending()).toMatchObject({
      verdict: 'hold',
      reason: { code: 'approval-pending', message: expect.stringContaining('resume') },
    })
    const answered = withFacts(call() as MaskedCall, facts)
    const again = await ask.evaluate(answered, asking(3, [binding, holding]))
    expect(again).toMatchObject({ verdict: 'deny', reason: { code: 'approval-insufficient' } })
    const confirm = [{ name: 'confirm', value: 'preview', policy: 's/p' }]
    const left: Found = { ...holding, obligations: confirm }
    expect(await ask.evaluate(answered, asking(3, [binding, left, { ...holding, obligations: [] }]))).toEqual({ verdict: 'pass' })
  })

  it('cannot tell what to ask about without the binding', async () => {
    const { ask } = room()
    const holding: Found = { verdict: 'hold', reason: { code: 'x', message: '' }, control: 'policy', ms: 0 }
    await expect(ask.evaluate(call() as MaskedCall, asking(0, [holding]))).rejects.toThrow('binding')
  })

  it('lets calls pass that nobody wants to see', async () => {
    const { decide } = room()
    const { recalled, wanted, asked } = await decide(call({ tool: { ...call().tool, approval: false } }), 0)
    expect([recalled.verdict, wanted.verdict, asked.verdict]).toEqual(['pass', 'pass', 'pass'])
  })
})
