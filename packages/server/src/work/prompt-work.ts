import type { PromptModel, Suspicion } from '@agentgate/core'
import { type OneWorker, oneWorker } from './one-worker.ts'

export type PromptWork = PromptModel & Required<Pick<PromptModel, 'warmUp'>> & Pick<OneWorker<string, Suspicion>, 'close'>

/** Milliseconds that a text may wait for its turn, and then be judged: far longer than the longest takes. */
const limit = 2_000

/** The built-in model of the prompt guard in a thread of its own, one for the whole server: reading long texts stops nothing else. */
export function promptWork(file: URL = new URL('./prompt-worker.ts', import.meta.url)): PromptWork {
  // What the process has taken, not this thread alone: no reason to end it.
  const { ask, close } = oneWorker<string, Suspicion>(file, { memory: Number.POSITIVE_INFINITY, questions: Number.POSITIVE_INFINITY })
  const judge: PromptModel['judge'] = async (text, signal) => {
    const suspicion = await ask(text, { limit, wait: limit, signal })
    if (suspicion === undefined) throw new Error(`The prompt guard did not answer in ${limit / 1000} seconds.`)
    return suspicion
  }
  return {
    name: 'built-in',
    judge,
    async warmUp() {
      await judge('Hello.', AbortSignal.timeout(30_000))
    },
    close,
  }
}
