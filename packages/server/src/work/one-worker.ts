import { Worker } from 'node:worker_threads'

/** What a worker says of a question: its words, or why it could not answer. */
export interface Said<A> {
  readonly id: number
  readonly answer?: A
  readonly error?: string
  /** Megabytes that the worker had taken at most. */
  readonly memory: number
}

export interface WorkerOptions {
  /** Megabytes that a worker may have taken before another takes its place. */
  readonly memory?: number
  /** Questions that one worker answers. */
  readonly questions?: number
  /** Questions that may wait at once: more are refused with a `RangeError`. */
  readonly waiting?: number
}

export interface Asked {
  /** Milliseconds after which the worker is ended and nothing is known. */
  readonly limit: number
  /** Milliseconds that it may wait for its turn: then it rejects with a `RangeError`, and the worker is not asked. */
  readonly wait?: number
  readonly signal?: AbortSignal | undefined
}

/** One worker thread, one question at a time, in the order they were asked. */
export interface OneWorker<Q, A> {
  /** `undefined` when the time is over. Rejects with the worker's error, with the signal's reason, or when the worker breaks off. */
  readonly ask: (question: Q, asked: Asked) => Promise<A | undefined>
  /** Ends the worker; whoever still waits is told so. */
  readonly close: () => Promise<void>
  /** Whether a worker is running: it is started by the first question, and ended when it has grown too large or a question is given up. */
  readonly running: () => boolean
}

interface Job<Q, A> extends Asked {
  readonly question: Q
  readonly resolve: (answer: A | undefined) => void
  readonly reject: (error: unknown) => void
  /** To be called once it has its answer: nobody listens for the signal any more. */
  readonly over: () => void
}

/** Milliseconds in which a worker is loaded, or never will be. */
const loading = 30_000

/** A worker of this file, which says `ready` when it can be asked, and then answers `{id, question}` by `Said`. */
export function oneWorker<Q, A>(file: URL, { memory = 400, questions = 5_000, waiting = 1_000 }: WorkerOptions = {}): OneWorker<Q, A> {
  const queue: Job<Q, A>[] = []
  let worker: Promise<Worker> | undefined
  let busy = false
  let closed = false
  let asked = 0

  return {
    ask(question, { limit, wait, signal }) {
      return new Promise((resolve, reject) => {
        signal?.throwIfAborted()
        if (closed) throw new Error('The worker was closed.')
        if (queue.length >= waiting) throw new RangeError(`${waiting} questions wait for the worker already: ask again later.`)
        const leave = () => {
          const at = queue.indexOf(job)
          if (at >= 0) queue.splice(at, 1)
          reject(signal?.reason)
        }
        const tooLong = () => {
          const at = queue.indexOf(job)
          if (at < 0) return
          queue.splice(at, 1)
          signal?.removeEventListener('abort', leave)
          reject(new RangeError(`The worker was busy for ${wait} ms: ask again later.`))
        }
        const timer = wait === undefined ? undefined : setTimeout(tooLong, wait)
        const over = () => {
          clearTimeout(timer)
          signal?.removeEventListener('abort', leave)
        }
        const job: Job<Q, A> = { question, limit, signal, resolve, reject, over }
        signal?.addEventListener('abort', leave, { once: true })
        queue.push(job)
        void next()
      })
    },
    async close() {
      closed = true
      for (const { reject, over } of queue.splice(0)) {
        over()
        reject(new Error('The worker was closed.'))
      }
      await end()
    },
    running: () => worker !== undefined,
  }

  async function next(): Promise<void> {
    const job = busy ? undefined : queue.shift()
    if (!job) return
    busy = true
    try {
      job.resolve(await answered(job))
    } catch (error) {
      job.reject(error)
    } finally {
      job.over()
      busy = false
      void next()
    }
  }

  async function answered({ question, limit, signal }: Job<Q, A>): Promise<A | undefined> {
    worker ??= watched(started())
    const thread = await worker
    signal?.throwIfAborted()
    const said = await heard(thread, { id: ++asked, question }, limit, signal)
    if (said === undefined || said.memory > memory || asked % questions === 0) await end()
    if (said?.error !== undefined) throw new TypeError(said.error)
    return said?.answer
  }

  async function heard(
    thread: Worker,
    message: { readonly id: number; readonly question: Q },
    limit: number,
    signal: AbortSignal | undefined,
  ): Promise<Said<A> | undefined> {
    const { promise, resolve, reject } = Promise.withResolvers<Said<A> | undefined>()
    const onMessage = (said: Said<A>) => said.id === message.id && resolve(said)
    const onExit = () => reject(new Error(closed ? 'The worker was closed.' : 'The worker broke off.'))
    const onAbort = () => reject(signal?.reason)
    const timer = setTimeout(() => resolve(undefined), limit)
    thread.on('message', onMessage).once('error', onExit).once('exit', onExit)
    signal?.addEventListener('abort', onAbort, { once: true })
    try {
      thread.postMessage(message)
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

  /** A worker that ends between two questions is replaced by the next. */
  function watched(starting: Promise<Worker>): Promise<Worker> {
    const forget = () => {
      if (worker === starting) worker = undefined
    }
    starting.then((thread) => thread.once('exit', forget), forget)
    return starting
  }

  async function started(): Promise<Worker> {
    // It takes no options of the process: `node -e …` would be run anew.
    const thread = new Worker(file, { execArgv: [] })
    // Whoever waits hears that it ended. Without a listener, an error between two questions would end the process.
    thread.on('error', () => undefined)
    // An idle worker keeps no process alive.
    thread.unref()
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const timer = setTimeout(() => reject(new Error('The worker was not loaded in time.')), loading)
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
