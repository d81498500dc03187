import { type Approval, type CallId, type MaskedCall, memoryApprovals, type PrincipalId, type TenantId } from '@agentgate/core'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { authenticApprovals } from './authentic-approvals.ts'

const tenant = 't1' as TenantId
const commitment = new Uint8Array(32).fill(1)
const question: Approval = {
  id: 'a1',
  tenant,
  callId: 'c1' as CallId,
  binding: 'bound',
  call: { tool: { name: 'drop' }, input: { '2': 1, '10': 'ü', deep: [{ at: 1.5 }] } } as unknown as MaskedCall,
  why: 'it waits',
  askedAt: 1,
  expiresAt: 100,
  quorum: 2,
  ways: [],
  roles: [],
  answers: [],
  state: 'pending',
}
const by = (name: string) => ({ by: `User::${name}` as PrincipalId, approved: true, reason: 'fine', at: 5, roles: ['approver'] })

/** What is in a database, and somebody who can write there: `edit` changes what the next reads find. */
function edited() {
  const memory = memoryApprovals()
  let edit = (approval: Approval): Approval => approval
  const read = (approval: Approval) => edit(JSON.parse(JSON.stringify(approval)))
  const told: string[] = []
  const approvals = authenticApprovals(
    {
      ...memory,
      ask: async (approval) => read(await memory.ask(approval)),
      find: async (of, id) => {
        const found = await memory.find(of, id)
        return found && read(found)
      },
      list: async (of, query) => (await memory.list(of, query)).map(read),
    },
    { commitment, told: ({ id }) => void told.push(id) },
  )
  return { approvals, told, change: (to: (approval: Approval) => Approval) => void (edit = to) }
}

describe('approvals that somebody can write past us', () => {
  it('are as they were when nobody does', async () => {
    const { approvals, told } = edited()
    expect((await approvals.ask(question)).forged).toBeUndefined()
    expect((await approvals.ask(question)).forged).toBeUndefined()
    expect(await approvals.answer(tenant, 'a1', by('one'))).toBe(true)
    const reworded = await approvals.ask({ ...question, quorum: 3, ways: [{ quorum: 2, role: 'approver' }], askedAt: 7 })
    expect(reworded).toMatchObject({ state: 'pending', quorum: 3 })
    for (const name of ['two', 'three']) expect(await approvals.answer(tenant, 'a1', by(name))).toBe(true)
    expect(await approvals.find(tenant, 'a1')).toMatchObject({ state: 'approved', answers: [{}, {}, {}] })
    expect(
      [reworded, await approvals.find(tenant, 'a1'), ...(await approvals.list(tenant, { limit: 9 }))].some((each) => each?.forged),
    ).toBe(false)
    expect(told).toEqual([])
  })

  const changes: readonly (readonly [string, (asked: Approval) => Partial<Approval>])[] = [
    ['that they were approved', () => ({ state: 'approved' })],
    ['that nobody denied them', ({ answers }) => ({ answers: answers.map((each) => ({ ...each, approved: true })), state: 'approved' })],
    ['an answer more', ({ answers }) => ({ answers: [...answers, by('nobody')] })],
    [
      'an answer more, with the mac of another',
      ({ answers }) => ({ answers: [...answers, { ...by('nobody'), mac: answers[0]?.mac ?? '' }] }),
    ],
    ['how often one answer counts', ({ answers }) => ({ answers: [...answers, ...answers], state: 'approved' })],
    ['who answered', ({ answers }) => ({ answers: answers.map((each) => ({ ...each, by: 'User::x' as PrincipalId })) })],
    ['the roles of who answered', ({ answers }) => ({ answers: answers.map((each) => ({ ...each, roles: ['admin'] })) })],
    ['when it was answered', ({ answers }) => ({ answers: answers.map((each) => ({ ...each, at: 6 })) })],
    ['why', ({ answers }) => ({ answers: answers.map((each) => ({ ...each, reason: '' })) })],
    ['what people are shown', ({ call }) => ({ call: { ...call, input: { harmless: true } } as unknown as MaskedCall })],
    ['why it waits', () => ({ why: 'no reason' })],
    ['how long they last', () => ({ expiresAt: 1_000_000 })],
    ['which call they are of', () => ({ callId: 'c2' as CallId })],
    ['what binds them', () => ({ binding: 'other' })],
    ['their id', () => ({ id: 'a2' })],
    ['their tenant', () => ({ tenant: 't2' as TenantId })],
    ['their mac', () => ({ mac: 'AAAA' })],
  ]
  it.each(changes)('are forged once somebody changes %s', async (what, change) => {
    const { approvals, told, change: edit } = edited()
    await approvals.ask(question)
    await approvals.answer(tenant, 'a1', { ...by('one'), approved: what !== 'that nobody denied them' })
    edit((asked) => ({ ...asked, ...change(asked) }))
    expect(await approvals.find(tenant, 'a1')).toMatchObject({ forged: true })
    expect(await approvals.list(tenant, { limit: 9 })).toMatchObject([{ forged: true }])
    expect(await approvals.ask(question)).toMatchObject({ forged: true })
    expect(await approvals.answer(tenant, 'a1', by('two'))).toBe(false)
    expect(told).toHaveLength(1)
  })

  it('are forged without a mac, or under another key', async () => {
    const { approvals, change } = edited()
    await approvals.ask(question)
    change(({ mac: _, ...asked }) => asked)
    expect(await approvals.find(tenant, 'a1')).toMatchObject({ forged: true })
    change((asked) => asked)
    const memory = memoryApprovals()
    const asked = await approvals.find(tenant, 'a1')
    if (asked) await memory.ask(asked)
    const others = authenticApprovals(memory, { commitment: new Uint8Array(32).fill(2), told: () => undefined })
    expect(await others.find(tenant, 'a1')).toMatchObject({ forged: true })
  })

  it('read as they were asked, whatever JSON the call is', async () => {
    await fc.assert(
      fc.asyncProperty(fc.json(), fc.string({ unit: 'binary' }), async (input, why) => {
        const { approvals } = edited()
        await approvals.ask({ ...question, why, call: { input: JSON.parse(input) } as unknown as MaskedCall })
        await approvals.answer(tenant, 'a1', { ...by('one'), reason: why })
        expect((await approvals.find(tenant, 'a1'))?.forged).toBeUndefined()
      }),
    )
  })
})
