import { afterAll, describe, expect, it } from 'vitest'
import { oneWorker } from './one-worker.ts'

const file = (body: string) =>
  new URL(`data:text/javascript,import { parentPort, threadId } from 'node:worker_threads'; parentPort.postMessage('ready'); ${body}`)
const opened: { close: () => Promise<void> }[] = []
afterAll(() => Promise.all(opened.map(({ close }) => close())))
const open = <Q, A>(...given: Parameters<typeof oneWorker>) => {
  const work = oneWorker<Q, A>(...given)
  opened.push(work)
  return work
}

const slow = file(
  `parentPort.on('message', ({ id, question }) => setTimeout(() => parentPort.postMessage({ id, answer: question, memory: 1 }), question));`,
)
/** Says which thread it is; is stuck, or ends, when it is told so. */
const faulty = file(`parentPort.on('message', ({ id, question }) => {
  if (question === 'stick') for (;;);
  if (question === 'die') process.exit(1);
  parentPort.postMessage({ id, answer: threadId, memory: 1 });
});`)

describe('a question to one worker', () => {
  const work = open<number, number>(slow)

  it('is answered in its turn, unless it is told how long it may wait and waits longer', async () => {
    const first = work.ask(400, { limit: 60_000 })
    const impatient = work.ask(1, { limit: 60_000, wait: 50 })
    const patient = work.ask(2, { limit: 60_000, wait: 60_000 })
    await expect(impatient).rejects.toThrow('busy for 50 ms')
    expect(await Promise.all([first, patient])).toEqual([400, 2])
  })

  it('does not stop being answered because it once waited', async () => {
    expect(await work.ask(150, { limit: 60_000, wait: 100 })).toBe(150)
  })

  it('waits for one question of somebody who asks for much, and not for all of them', async () => {
    const order: string[] = []
    const ask = (tenant: string, who: string, ms: number) =>
      work.ask(ms, { limit: 60_000, by: [tenant, who] }).then(() => order.push(`${tenant}${who}`))
    await Promise.all([
      ...Array.from({ length: 4 }, () => ask('t', 'a', 60)),
      ask('t', 'b', 1),
      ask('t', 'b', 1),
      ...Array.from({ length: 2 }, () => ask('u', 'c', 1)),
    ])
    expect(order.indexOf('uc')).toBe(1)
    expect(order.slice(0, 5).toSorted()).toEqual(['ta', 'tb', 'tb', 'uc', 'uc'])
    expect(order.slice(5)).toEqual(['ta', 'ta', 'ta'])
  })

  it('is refused when it cannot be sent, and the next is answered', async () => {
    await expect(work.ask((() => 1) as never, { limit: 1_000 })).rejects.toThrow('could not be cloned')
    expect(await work.ask(1, { limit: 1_000 })).toBe(1)
  })
})

describe('questions that a worker is given ahead', () => {
  const all = (work: ReturnType<typeof open<string, number>>, questions: readonly string[], limit = 1_000) =>
    Promise.allSettled(questions.map((question) => work.ask(question, { limit })))

  it('are answered by another worker when it is stuck on the first, which alone is given up', async () => {
    const work = open<string, number>(faulty, { ahead: 4 })
    const answers = await all(work, ['', 'stick', '', ''], 300)
    expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'fulfilled', 'fulfilled'])
    const [first, stuck, ...others] = answers.map((each) => (each.status === 'fulfilled' ? each.value : each.reason))
    expect(first).toBeTypeOf('number')
    expect(stuck).toBeUndefined()
    expect(others.every((each) => typeof each === 'number' && each !== first)).toBe(true)
  })

  it('are answered by another worker when it dies of the first, which alone is lost', async () => {
    const work = open<string, number>(faulty, { ahead: 4 })
    expect((await all(work, ['die', '', '', 'die', ''])).map(({ status }) => status)).toEqual([
      'rejected',
      'fulfilled',
      'fulfilled',
      'rejected',
      'fulfilled',
    ])
  })

  it('are not lost when whoever asked the first goes away', async () => {
    const work = open<string, number>(faulty, { ahead: 4 })
    const gone = new AbortController()
    await work.ask('', { limit: 1_000 })
    const first = work.ask('stick', { limit: 60_000, signal: gone.signal })
    const others = all(work, ['', ''])
    gone.abort(new Error('gone'))
    await expect(first).rejects.toThrow('gone')
    expect((await others).map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled'])
  })
})

describe('a worker that was long over a question', () => {
  /** Works for so many milliseconds. */
  const working = new URL(
    `data:text/javascript,import { parentPort } from 'node:worker_threads'; import { answering } from '${new URL('./answering.ts', import.meta.url).href}'; answering(parentPort, (ms) => { if (ms < 0) throw new Error('no'); for (const until = performance.now() + ms; performance.now() < until;); return ms }, () => 1); parentPort.postMessage('ready');`,
  )

  it('gives back what it was given ahead: who came meanwhile waits for that one only', async () => {
    const work = open<number, number>(working, { ahead: 4 })
    await work.ask(0, { limit: 5_000 })
    const order: string[] = []
    const ask = (who: string, ms: number) => work.ask(ms, { limit: 5_000, by: ['t', who] }).then(() => order.push(who))
    const flood = Array.from({ length: 6 }, () => ask('a', 60))
    await Promise.all([...flood, ask('b', 1), ask('c', 1)])
    expect(order.slice(0, 3).toSorted()).toEqual(['a', 'b', 'c'])
    expect(order.slice(3)).toEqual(['a', 'a', 'a', 'a', 'a'])
  })

  it('answers all of them in the end, errors included', async () => {
    const work = open<number, number>(working, { ahead: 4 })
    const questions = [1, 30, -1, 2, 30, 3, 40, 4, -1, 5]
    const answers = await Promise.allSettled(questions.map((ms, at) => work.ask(ms, { limit: 5_000, by: ['t', `${at % 3}`] })))
    expect(answers.map((each) => (each.status === 'fulfilled' ? each.value : -1))).toEqual(questions)
  })
})

describe('a worn worker', () => {
  it('works on until another is ready, when it is to be relieved: every question is answered, and each of three threads has answered', async () => {
    const work = open<string, number>(faulty, { ahead: 4, questions: 10, relieved: true })
    const threads = new Set<number | undefined>()
    for (const end = performance.now() + 20_000; performance.now() < end && threads.size < 3; ) {
      const answers = await Promise.all(['', '', '', ''].map((question) => work.ask(question, { limit: 5_000 })))
      for (const each of answers) threads.add(each)
    }
    expect(threads).not.toContain(undefined)
    expect(threads.size).toBe(3)
  })
})
