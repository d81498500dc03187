import { afterAll, describe, expect, it } from 'vitest'
import { oneWorker } from './one-worker.ts'

const slow = new URL(
  `data:text/javascript,import { parentPort } from 'node:worker_threads'; parentPort.postMessage('ready'); parentPort.on('message', ({ id, question }) => setTimeout(() => parentPort.postMessage({ id, answer: question, memory: 1 }), question));`,
)
const work = oneWorker<number, number>(slow)
afterAll(() => work.close())

describe('a question to one worker', () => {
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
})
