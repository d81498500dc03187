import { Buffer } from 'node:buffer'
import { afterAll, describe, expect, it } from 'vitest'
import type { ProofAnswer } from '../work/proof-question.ts'
import { proofWork } from './proof-work.ts'

/** Works for as long as the number in a call’s input says, then says how many it has answered. */
const file = new URL(
  `data:text/javascript;base64,${Buffer.from(
    `import { parentPort } from 'node:worker_threads'
   import { answering } from '${new URL('../work/answering.ts', import.meta.url).href}'
   let count = 0
   const answer = (question) => {
     const until = performance.now() + (question.judged?.call.input.ms ?? 0)
     while (performance.now() < until);
     return { said: 'alive', version: String(++count) }
   }
   answering(parentPort, answer, () => 1)
   parentPort.postMessage('ready')`,
  ).toString('base64')}`,
)
const opened: { close: () => Promise<void> }[] = []
afterAll(() => Promise.all(opened.map(({ close }) => close())))
const open = (limit: number) => {
  const work = proofWork({ limit, file })
  opened.push(work)
  return work
}
const question = (tenant: string, id: string, ms: number, more: object = {}) =>
  ({
    ask: 'script',
    judged: { call: { tenant, principal: { id }, input: { ms, ...more } } },
    basis: {},
    sets: [],
  }) as unknown as Parameters<ReturnType<typeof open>['ask']>[0]
const version = (answer: ProofAnswer) => (answer.said === 'alive' ? answer.version : '')

describe('proofs that take long', () => {
  it('do not delay those of others beyond one of them, however many somebody asks for', async () => {
    const work = open(5_000)
    await work.alive()
    const flood = Array.from({ length: 8 }, () => work.ask(question('t', 'Agent::a', 80)))
    const other = version(await work.ask(question('u', 'Agent::b', 0)))
    // After the one that asked whether it is alive, and the one of the flood that it had begun.
    expect(Number(other)).toBe(3)
    await Promise.all(flood)
  })

  it('are stopped at their time, which the others do not pay for', async () => {
    const work = open(2_000)
    await work.alive()
    const stuck = work.ask(question('t', 'Agent::a', 60_000))
    const others = Array.from({ length: 6 }, (_, at) => work.ask(question('t', `Agent::${at}`, 0)))
    await expect(stuck).rejects.toMatchObject({ code: 'solver-unavailable' })
    expect((await Promise.all(others)).map(({ said }) => said)).toEqual(others.map(() => 'alive'))
  })

  it('of calls with long texts have a worker of their own, which others do not wait for', async () => {
    const work = open(60_000)
    await work.alive()
    const slow = work.ask(question('t', 'Agent::a', 30_000, { note: '日本'.repeat(20_000) }))
    const ended = slow.catch((error: unknown) => error)
    expect(version(await work.ask(question('t', 'Agent::b', 0)))).toBe('2')
    await work.close()
    expect(await ended).toBeInstanceOf(Error)
  })
})
