import { Worker } from 'node:worker_threads'
import { solverAnswer, type CheckOptions, type Solver, type SolverAnswer } from '@agentgate/core'
import type { Checked, ToCheck } from './z3-messages.ts'

export interface Z3Work extends Solver {
  /** Ends the worker; whoever still waits is told so. */
  readonly close: () => Promise<void>
  /** Whether a worker is running: it is started by the first question, and ended when it has grown too large. */
  readonly running: () => boolean
}

export interface Z3WorkOptions {
  /** Megabytes that a worker's Z3 may have taken before another takes its place. */
  readonly memory?: number
  /** Questions that one worker answers. */
  readonly questions?: number
  /** Questions that may wait at once: more are refused with a `RangeError`. */
  readonly waiting?: number
}

interface Job {
  readonly script: string
  readonly options: CheckOptions
  readonly resolve: (answer: SolverAnswer) => void
  readonly reject: (error: unknown) => void
}

/** How much longer than its limit a question may take before the worker is ended: Z3 ends most by itself. */
const grace = 500
/** Milliseconds in which Z3 is loaded, or never will be. */
const loading = 30_000

/** Z3 in one worker thread, one question at a time, in the order they were asked. */
export function z3Work({ memory = 400, questions = 5_000, waiting = 1_000 }: Z3WorkOptions = {}): Z3Work {
  const queue: Job[] = []
  let worker: Promise<Worker> | undefined
  let busy = false
  let closed = false
  let answered = 0

  return {
    check(script, options = {}) {
      return new Promise((resolve, reject) => {
        options.signal?.throwIfAborted()
        if (closed) throw new Error('The solver was closed.')
        if (queue.length >= waiting) throw new RangeError(`${waiting} questions wait for the solver already: ask again later.`)
        const job: Job = { script, options, resolve, reject }
        const { signal } = options
        signal?.addEventListener(
          'abort',
          () => {
            const at = queue.indexOf(job)
            if (at >= 0) queue.splice(at, 1)
            reject(signal.reason)
          },
          { once: true },
        )
        queue.push(job)
        void next()
      })
    },
    async close() {
      closed = true
      for (const { reject } of queue.splice(0)) reject(new Error('The solver was closed.'))
      await end()
    },
    running: () => worker !== undefined,
  }

  async function next(): Promise<void> {
    if (busy) return
    const job = queue.shift()
    if (!job) return
    busy = true
    try {
      job.resolve(await answer(job))
    } catch (error) {
      job.reject(error)
    } finally {
      busy = false
      void next()
    }
  }

  async function answer({ script, options: { terms = [], limit = 5_000, signal } }: Job): Promise<SolverAnswer> {
    worker ??= started()
    const thread = await worker.catch(async (error: unknown) => {
      worker = undefined
      throw error
    })
    signal?.throwIfAborted()
    const found = await asked(
      thread,
      { id: ++answered, script: `(set-option :timeout ${Math.ceil(limit)})\n${script}`, terms },
      limit,
      signal,
    )
    if (found === undefined) {
      await end()
      return { answer: 'unknown', why: 'the time for the question is over, and the solver was stopped' }
    }
    if (found.memory > memory || answered % questions === 0) await end()
    return solverAnswer(found)
  }

  /** `undefined` when the time is over. Rejects when the signal aborts or the worker breaks; either way it is ended. */
  async function asked(thread: Worker, question: ToCheck, limit: number, signal: AbortSignal | undefined): Promise<Checked | undefined> {
    const { promise, resolve, reject } = Promise.withResolvers<Checked | undefined>()
    const onMessage = (said: Checked) => said.id === question.id && resolve(said)
    const onExit = () => reject(new Error(closed ? 'The solver was closed.' : 'The solver broke off.'))
    const onAbort = () => reject(signal?.reason)
    const timer = setTimeout(() => resolve(undefined), limit + grace)
    thread.on('message', onMessage).once('error', onExit).once('exit', onExit)
    signal?.addEventListener('abort', onAbort, { once: true })
    try {
      thread.postMessage(question)
      return await promise
    } catch (error) {
      await end()
      throw error
    } finally {
      clearTimeout(timer)
      signal?.removeEventListener('abort', onAbort)
      thread.off('message', onMessage).off('error', onExit).off('exit', onExit)
    }
  }

  async function started(): Promise<Worker> {
    const thread = new Worker(new URL('./z3-worker.ts', import.meta.url))
    // A worker that breaks between two questions is replaced by the next.
    thread.on('error', () => {
      worker = undefined
    })
    // An idle worker keeps no process alive.
    thread.unref()
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const timer = setTimeout(() => reject(new Error('Z3 was not loaded in time.')), loading)
    const onError = (error: unknown) => reject(error)
    thread.once('message', () => resolve()).once('error', onError)
    try {
      await promise
      return thread
    } catch (error) {
      await thread.terminate()
      throw error
    } finally {
      clearTimeout(timer)
      thread.off('error', onError)
    }
  }

  async function end(): Promise<void> {
    const thread = worker
    worker = undefined
    await (await thread?.catch(() => undefined))?.terminate()
  }
}
