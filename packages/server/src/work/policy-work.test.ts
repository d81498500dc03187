import { afterAll, describe, expect, it } from 'vitest'
import { Abandoned, policyWork, TimeOver } from './policy-work.ts'

const work = policyWork()
afterAll(() => work.close())
const reading = (many: number) => ({
  source: {
    form: 'cedar' as const,
    text: Array.from({ length: many }, (_, index) => `@id("p${index}") forbid (principal, action, resource);`).join('\n'),
  },
  tools: [],
})
/** Keeps a thread busy for longer than any test takes. */
const endless = {
  set: {
    id: 'x',
    text: Array.from({ length: 900 }, (_, index) => `permit (principal, action, resource) when { context.tool like "*${index}*z*" };`).join(
      '\n',
    ),
  },
  among: [],
  against: {
    id: 'y',
    text: Array.from(
      { length: 900 },
      (_, index) => `permit (principal, action, resource) when { context.resource like "*a${index}*b*" };`,
    ).join('\n'),
  },
  questions: ['difference' as const, 'findings' as const],
  tools: [],
}

describe('tasks about policies', () => {
  it('of several callers take turns, whoever came first with many', async () => {
    const done: string[] = []
    const asked = ['many', 'many', 'many', 'many', 'one'].map((by, index) =>
      work.do('prepare', reading(100), { by }).then(() => done.push(`${by} ${index}`)),
    )
    await Promise.all(asked)
    expect(done).toEqual(['many 0', 'one 4', 'many 1', 'many 2', 'many 3'])
  }, 60_000)

  it('of several tenants take turns, however many callers one of them has', async () => {
    const done: string[] = []
    const asked = ['a1', 'a2', 'a3', 'a4', 'b1'].map((by) =>
      work.do('prepare', reading(100), { tenant: by.slice(0, 1), by }).then(() => done.push(by)),
    )
    await Promise.all(asked)
    expect(done).toEqual(['a1', 'b1', 'a2', 'a3', 'a4'])
  }, 60_000)

  it('do not wait for ever: the solver had no time, and what is urgent is told to come again', async () => {
    const short = policyWork({ waiting: 200 })
    const gone = new AbortController()
    const underway = short.do('analyze', endless, { tenant: 'a', by: 'a', signal: gone.signal })
    await expect(short.do('analyze', endless, { tenant: 'b', by: 'b' })).rejects.toMatchObject({
      name: 'TimeOver',
      message: expect.stringContaining('The solver had no time') as string,
    })
    gone.abort()
    await expect(underway).rejects.toBeInstanceOf(Abandoned)
    const hard = {
      set: 'x',
      before: [endless.against],
      after: [endless.set],
      tools: [],
      solve: { difference: 'all' as const, invariants: true },
    }
    const changing = short.do('weigh', hard, { tenant: 'a', by: 'a', urgent: true }).catch(() => undefined)
    await expect(short.do('weigh', hard, { tenant: 'b', by: 'b', urgent: true })).rejects.toBeInstanceOf(RangeError)
    await short.close()
    await changing
  }, 60_000)

  it('with little to read do not wait for those with much', async () => {
    const done: string[] = []
    const long = work.do('prepare', reading(6_000), { by: 'a' }).then(() => done.push('much'))
    await work.do('prepare', reading(5), { by: 'b' }).then(() => done.push('little'))
    await long
    expect(done).toEqual(['little', 'much'])
  }, 60_000)

  it('wait for so many of one caller only, and others are still taken', async () => {
    const asked = Array.from({ length: 30 }, () => work.do('prepare', reading(1), { by: 'greedy' }))
    const other = work.do('prepare', reading(1), { by: 'other' })
    const settled = await Promise.allSettled(asked)
    const refused = settled.filter(({ status }) => status === 'rejected')
    expect(refused.length).toBeGreaterThan(0)
    for (const each of refused) expect(each).toMatchObject({ reason: expect.any(RangeError) as RangeError })
    expect(await other).toMatchObject({ policies: 1 })
  }, 60_000)

  it('excuse an invariant that was violated already, word for word, and no other one of the same name', async () => {
    const only = (says: string, effect: string) =>
      `@id("same") @invariant("${says}") forbid (principal, action in Action::"${effect}", resource) when { context.pii_count < 5 };`
    const readers = { id: 'readers', text: 'permit (principal, action in [Action::"read", Action::"write"], resource);' }
    const inv = (invariants: string) => ({ id: 'inv', text: 'forbid (principal == User::"nobody", action, resource);', invariants })
    const weighed = async (invariants: string) => {
      const sets = { before: [readers, inv(only('no reads', 'read'))], after: [readers, inv(invariants)] }
      return work.do('weigh', { set: 'inv', ...sets, tools: [], solve: { difference: 'none', invariants: true } }, { urgent: true })
    }
    const other = await weighed(only('no writes', 'write'))
    expect([other.invariants, other.already]).toMatchObject([[{ answer: 'violated', says: 'no writes' }], []])
    const same = await weighed(only('no reads', 'read').replace(' when', '\n  when'))
    expect([same.invariants, same.already]).toMatchObject([[{ answer: 'violated' }], ['inv/same']])
  }, 60_000)

  it('are broken off or never begun when nobody wants to know, and the next is done', async () => {
    const [first, second] = [new AbortController(), new AbortController()]
    const underway = work.do('analyze', endless, { by: 'a', signal: first.signal })
    const waiting = work.do('analyze', endless, { by: 'b', signal: second.signal })
    second.abort()
    await expect(waiting).rejects.toBeInstanceOf(Abandoned)
    // What changes has a thread of its own, and reading another.
    expect(await work.do('prepare', reading(1))).toMatchObject({ policies: 1 })
    const set = { id: 'x', text: 'permit (principal, action in Action::"read", resource);' }
    const invariants = '@invariant("no reads") forbid (principal, action in Action::"read", resource);'
    const solve = { difference: 'none', invariants: true } as const
    const weighed = await work.do('weigh', { set: 'x', before: [], after: [{ ...set, invariants }], tools: [], solve }, { urgent: true })
    expect(weighed.invariants).toMatchObject([{ answer: 'violated' }])
    first.abort()
    await expect(underway).rejects.toBeInstanceOf(Abandoned)
    const last = await work.do('analyze', { set: { ...set, invariants }, among: [set], questions: ['invariants'], tools: [] })
    expect(last.invariants).toMatchObject([{ answer: 'violated' }])
  }, 60_000)

  it('end when they take longer than they may', async () => {
    const short = policyWork({ solving: 50 })
    await expect(short.do('analyze', endless)).rejects.toBeInstanceOf(TimeOver)
    await short.close()
  }, 60_000)
})
