import { createHmac } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { Call, MaskedCall, PrincipalId, TenantId } from '../call.ts'
import type { Asking } from '../control.ts'
import type { Found } from '../decision.ts'
import { memoryApprovals } from './approvals.ts'
import { approval } from './control.ts'

const tenant = 't1' as TenantId
const bob = 'User::bob' as PrincipalId
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
    await approvals.answer(tenant, 'a0', { approved: true, by: bob, reason: '', now: 2 })
    const again = await decide(call(), 3)
    expect(again.recalled).toMatchObject({ verdict: 'pass', approval: 'a0', facts: { approval: { id: 'a0', by: bob } } })
    expect(again.wanted.verdict).toBe('pass')
    expect(again.asked).toEqual({ verdict: 'pass' })
  })

  it('denies when a person said no, and when nobody answered in time', async () => {
    const { approvals, decide } = room()
    await decide(call(), 0)
    await decide(call({ id: 'c2' }), 0)
    await approvals.answer(tenant, 'a0', { approved: false, by: bob, reason: 'no', now: 2 })
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
      await approvals.answer(tenant, 'a0', { approved: true, by: bob, reason: '', now: 2 })
      expect((await decide(call(other), 3)).asked.verdict, JSON.stringify(other)).toBe('hold')
    }
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
