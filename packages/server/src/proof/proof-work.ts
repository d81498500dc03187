import type { Json } from '@agentgate/core'
import type { Asker } from '../work/fair-queue.ts'
import { type OneWorker, oneWorker, type WorkerOptions } from '../work/one-worker.ts'
import type { ProofAnswer, ProofQuestion } from '../work/proof-question.ts'
import { longerThan } from './longer-than.ts'
import { ProofError } from './proof-error.ts'

export interface ProofWorkOptions extends WorkerOptions {
  /** Milliseconds for one proof. Twice as long it may wait for its turn, and for a worker that is starting. */
  readonly limit: number
  /** The worker's file: another in tests of one that is stuck. */
  readonly file?: URL | undefined
}

/** Asks Z3 about decisions, off the event loop: those who ask take turns. */
export interface ProofWork {
  /** Throws a `ProofError` when there is no answer in time. */
  readonly ask: (question: Exclude<ProofQuestion, { readonly ask: 'alive' }>) => Promise<ProofAnswer>
  readonly alive: () => Promise<ProofAnswer>
  readonly close: () => Promise<void>
}

/** Characters and members from which a call is long. Long texts take Z3 long: such calls have a worker of their own, that no other waits for. */
const long = 20_000

export function proofWork({ limit, file, ...options }: ProofWorkOptions): ProofWork {
  const usual = new URL(`../work/proof-worker${import.meta.url.slice(-3)}`, import.meta.url)
  const lane = (): OneWorker<ProofQuestion, ProofAnswer> =>
    oneWorker(file ?? usual, { questions: 100_000, ahead: 16, relieved: true, ...options })
  const lanes = { usual: lane(), long: lane() }

  return {
    async ask(question) {
      const { call } = question.judged
      const by: Asker = [call.tenant, call.principal.id]
      const { ask } = longerThan(long, call as unknown as Json) ? lanes.long : lanes.usual
      const inTurn = (each: ProofQuestion) => inTime(ask(each, { limit, wait: 2 * limit, by }))
      // The worker keeps the texts that it has read, and says which it lacks.
      const found = await inTurn({ ...question, sets: question.sets.map(({ id, digest }) => ({ id, digest })) })
      return found.said === 'texts' ? inTurn(question) : found
    },
    alive: () => inTime(lanes.usual.ask({ ask: 'alive' }, { limit, wait: 2 * limit })),
    async close() {
      await Promise.all([lanes.usual.close(), lanes.long.close()])
    },
  }

  async function inTime(asked: Promise<ProofAnswer | undefined>): Promise<ProofAnswer> {
    const { promise: late, reject } = Promise.withResolvers<never>()
    const timer = setTimeout(
      () => reject(new ProofError('solver-unavailable', 'The solver could not be started in time.')),
      2 * limit + 1_000,
    )
    try {
      const found = await Promise.race([asked, late])
      if (found === undefined) throw new ProofError('solver-unavailable', `The solver did not answer within ${limit} ms, and was stopped.`)
      return found
    } finally {
      clearTimeout(timer)
    }
  }
}
