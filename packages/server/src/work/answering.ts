import { type MessagePort, receiveMessageOnPort } from 'node:worker_threads'
import type { Said } from './one-worker.ts'

interface Asked<Q> {
  readonly id: number
  readonly question: Q
}

/** Milliseconds from which an answer took long. */
const long = 20

/**
 * Answers the questions that come to a worker, one after another. After one that took long it gives back those that it was
 * given ahead: others may have come meanwhile whose turn it is.
 */
export function answering<Q, A>(port: MessagePort, answer: (question: Q) => A, memory: () => number): void {
  port.on('message', ({ id, question }: Asked<Q>) => {
    const from = performance.now()
    const words = said(question)
    const again = performance.now() - from < long ? [] : waiting()
    port.postMessage({ id, ...words, ...(again.length > 0 && { again }), memory: memory() } satisfies Said<A>)
  })

  function waiting(): readonly number[] {
    const ids: number[] = []
    for (let next = receiveMessageOnPort(port); next; next = receiveMessageOnPort(port)) ids.push((next.message as Asked<Q>).id)
    return ids
  }

  function said(question: Q): Pick<Said<A>, 'answer' | 'error'> {
    try {
      return { answer: answer(question) }
    } catch (error) {
      return { error: error instanceof Error ? error.message : 'The work broke off.' }
    }
  }
}
