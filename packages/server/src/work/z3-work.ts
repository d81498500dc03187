import { type Solver, solverAnswer } from '@agentgate/core'
import { type OneWorker, oneWorker, type WorkerOptions } from './one-worker.ts'

export interface Script {
  readonly script: string
  readonly terms: readonly string[]
}

/** Z3's words: `sat`, `unsat`, `unknown` or an error, and its model. */
export interface Words {
  readonly answer: string
  readonly model: string
}

export type Z3Work = Solver & Pick<OneWorker<Script, Words>, 'close' | 'running'>

/** How much longer than its limit a question may take before the worker is ended: Z3 ends most by itself. */
const grace = 500

/** Z3 in a worker thread. */
export function z3Work(options: WorkerOptions = {}): Z3Work {
  const { ask, close, running } = oneWorker<Script, Words>(new URL(`./z3-worker${import.meta.url.slice(-3)}`, import.meta.url), options)
  return {
    async check(script, { terms = [], limit = 5_000, signal } = {}) {
      const question = { script: `(set-option :timeout ${Math.ceil(limit)})\n${script}`, terms }
      const words = await ask(question, { limit: limit + grace, signal })
      return words ? solverAnswer(words) : { answer: 'unknown', why: 'the time for the question is over, and the solver was stopped' }
    },
    close,
    running,
  }
}
