import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Asker, fairQueue } from './fair-queue.ts'

const served = (queue: ReturnType<typeof fairQueue<string>>, by: (job: string) => Asker, cost: (job: string) => number) => {
  const order: string[] = []
  for (let job = queue.take(); job !== undefined; job = queue.take()) {
    order.push(job)
    queue.charge(by(job), cost(job))
  }
  return order.join('')
}
const tenantOf = (job: string): Asker => [job.toLowerCase(), job]

describe('a fair queue', () => {
  it('lets those who ask take turns, however much one of them has asked for', () => {
    const queue = fairQueue<string>()
    for (const job of 'aaaab') queue.add(job, ['t', job])
    expect(
      served(
        queue,
        (job) => ['t', job],
        () => 1,
      ),
    ).toBe('abaaa')
  })

  it('shares among tenants first: many principals of one have together what another’s one has', () => {
    const queue = fairQueue<string>()
    for (const [at, job] of [...'xxxxxxyyy'].entries()) queue.add(job, [job, `${job}${job === 'x' ? at : ''}`])
    expect(
      served(
        queue,
        (job) => [job, 'any'],
        () => 1,
      ),
    ).toBe('xyxyxyxxx')
  })

  it('counts what serving costs, and not how often', () => {
    const queue = fairQueue<string>()
    for (const job of 'eeecccccc') queue.add(job, tenantOf(job))
    expect(served(queue, tenantOf, (job) => (job === 'e' ? 3 : 1))).toBe('eccceccce')
  })

  it('does not forget what somebody has had when nothing of theirs waits for a moment', () => {
    const queue = fairQueue<string>()
    queue.add('e', tenantOf('e'))
    queue.add('c', tenantOf('c'))
    expect(queue.take()).toBe('e')
    queue.charge(tenantOf('e'), 100)
    queue.add('e', tenantOf('e'))
    queue.add('c', tenantOf('c'))
    expect([queue.take(), queue.take(), queue.take()]).toEqual(['c', 'c', 'e'])
  })

  it('gives nobody credit for not having asked', () => {
    const queue = fairQueue<string>()
    for (let n = 0; n < 50; n++) {
      queue.add('a', tenantOf('a'))
      queue.take()
      queue.charge(tenantOf('a'), 1)
    }
    for (const job of 'aabb') queue.add(job, tenantOf(job))
    expect(served(queue, tenantOf, () => 1)).toMatch(/^(?:ab|ba)(?:ab|ba)$/u)
  })

  it('serves what is put back first of its asker’s, and never what was removed', () => {
    const queue = fairQueue<string>()
    for (const job of ['a1', 'a2', 'a3']) queue.add(job, ['t', 'a'])
    expect(queue.take()).toBe('a1')
    queue.putBack('a1', ['t', 'a'])
    expect(queue.remove('a2', ['t', 'a'])).toBe(true)
    expect(queue.remove('a2', ['t', 'a'])).toBe(false)
    expect(queue.clear()).toEqual(['a1', 'a3'])
    expect(queue.size()).toBe(0)
  })

  it('loses nothing and makes nothing up, of many askers and costs', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(3), fc.nat(700), fc.nat(5), fc.boolean()), { maxLength: 1_500 }), (jobs) => {
        const queue = fairQueue<number>()
        const taken: number[] = []
        for (const [at, [tenant, who, cost, takes]] of jobs.entries()) {
          queue.add(at, [`${tenant}`, `${who}`])
          queue.charge([`${tenant}`, `${who}`], cost)
          if (takes) taken.push(queue.take() ?? -1)
        }
        expect(queue.size()).toBe(jobs.length - taken.length)
        expect([...taken, ...queue.clear()].toSorted((a, b) => a - b)).toEqual(jobs.map((_, at) => at))
      }),
      { numRuns: 30 },
    )
  })
})
