import type { Worker } from 'node:worker_threads'
import { type Asker, fairQueue } from './fair-queue.ts'
import { startedWorker } from './started-worker.ts'

/** What a worker says of a question: its words, or why it could not answer. */
export interface Said<A> {
  readonly id: number
  readonly answer?: A
  readonly error?: string
  /** Other questions that it was given and has not worked on: they are to be asked again in their turn. */
  readonly again?: readonly number[]
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
  /** Questions that the worker is given at once, so that it need not wait for the next: 1. It answers one after another. */
  readonly ahead?: number
  /** Whether another is ready before one is ended that has grown too large or old, so that no question waits for it to load. */
  readonly relieved?: boolean
}

export interface Asked {
  /** Milliseconds after which the worker is ended and nothing is known. */
  readonly limit: number
  /** Milliseconds that it may wait for its turn: then it rejects with a `RangeError`, and the worker is not asked. */
  readonly wait?: number
  readonly signal?: AbortSignal | undefined
  /** Whose question it is: those of one take turns with those of others, by the time that each has taken. */
  readonly by?: Asker
}

/** One worker thread, which answers one question after another. */
export interface OneWorker<Q, A> {
  /** `undefined` when the time is over. Rejects with the worker's error, with the signal's reason, or when the worker breaks off. */
  readonly ask: (question: Q, asked: Asked) => Promise<A | undefined>
  /** Ends the worker; whoever still waits is told so. */
  readonly close: () => Promise<void>
  /** Whether a worker is running: it is started by the first question, and ended when it has grown too large or a question is given up. */
  readonly running: () => boolean
}

interface Job<Q, A> {
  readonly question: Q
  readonly limit: number
  readonly by: Asker
  /** Its number, once the worker has been given it. */
  id: number | undefined
  readonly resolve: (answer: A | undefined) => void
  readonly reject: (error: unknown) => void
}

const nobody: Asker = ['', '']

/** A worker of this file, which says `ready` when it can be asked, and then answers `{id, question}` by `Said`. */
export function oneWorker<Q, A>(
  file: URL,
  { memory = 400, questions = 5_000, waiting = 1_000, ahead = 1, relieved = false }: WorkerOptions = {},
): OneWorker<Q, A> {
  const queue = fairQueue<Job<Q, A>>()
  /** What the worker was given, or is to be given when it has loaded: it works on the first. */
  const given: Job<Q, A>[] = []
  let worker: Promise<Worker> | undefined
  let thread: Worker | undefined
  let relief: Promise<Worker> | undefined
  let relieving: Worker | undefined
  let since = 0
  let clock: NodeJS.Timeout | undefined
  let closed = false
  let posted = 0
  let answered = 0

  return {
    ask(question, { limit, wait, signal, by = nobody }) {
      const { promise, resolve, reject } = Promise.withResolvers<A | undefined>()
      if (signal?.aborted) return Promise.reject(signal.reason as Error)
      if (closed) return Promise.reject(new Error('The worker was closed.'))
      if (queue.size() >= waiting)
        return Promise.reject(new RangeError(`${waiting} questions wait for the worker already: ask again later.`))
      const job: Job<Q, A> = { question, limit, by, id: undefined, resolve, reject }
      const leave = () => {
        reject(signal?.reason)
        if (!queue.remove(job, by)) giveUp(job)
      }
      const tooLong = () => {
        if (queue.remove(job, by)) reject(new RangeError(`The worker was busy for ${wait} ms: ask again later.`))
      }
      const timer = wait === undefined ? undefined : setTimeout(tooLong, wait)
      signal?.addEventListener('abort', leave, { once: true })
      queue.add(job, by)
      next()
      return promise.finally(() => {
        clearTimeout(timer)
        signal?.removeEventListener('abort', leave)
      })
    },
    async close() {
      closed = true
      const all = [...given.splice(0), ...queue.clear()]
      await end()
      for (const { reject } of all) reject(new Error('The worker was closed.'))
      await relief?.then((other) => other.terminate()).catch(() => undefined)
    },
    running: () => worker !== undefined,
  }

  /** Gives the worker what it may be given, and starts one when there is none. */
  function next(): void {
    if (relieving && given.length === 0) takeOver(relieving)
    while (!relieving && given.length < ahead) {
      const job = queue.take()
      if (!job) break
      given.push(job)
    }
    if (given.length === 0) return
    if (thread) return post(thread)
    if (worker) return
    const starting = startedWorker(file)
    worker = starting
    starting.then(
      (started) => {
        if (worker !== starting) return void started.terminate()
        listen(started)
        next()
      },
      (error: unknown) => {
        if (worker !== starting) return
        worker = undefined
        lost((job) => job.reject(error))
      },
    )
  }

  function post(to: Worker): void {
    for (const job of given.filter(({ id }) => id === undefined)) {
      try {
        to.postMessage({ id: ++posted, question: job.question })
        job.id = posted
        if (job === given[0]) begin()
      } catch (error) {
        given.splice(given.indexOf(job), 1)
        job.reject(error)
      }
    }
  }

  /** The time of the first of what was given starts. */
  function begin(): void {
    clearTimeout(clock)
    since = performance.now()
    const [job] = given
    if (job?.id === undefined) return
    clock = setTimeout(() => {
      void end()
      lost(({ resolve }) => resolve(undefined))
    }, job.limit)
  }

  function listen(to: Worker): void {
    thread = to
    to.on('message', (said: Said<A>) => to === thread && heard(said))
    to.once('exit', () => {
      if (to !== thread) return
      forget()
      lost(({ reject }) => reject(new Error('The worker broke off.')))
    })
  }

  function heard({ id, answer, error, again, memory: taken }: Said<A>): void {
    const [job] = given
    if (!job || job.id !== id) return
    given.shift()
    queue.charge(job.by, performance.now() - since)
    if (taken > memory || ++answered % questions === 0) wear()
    if (error === undefined) job.resolve(answer)
    else job.reject(new TypeError(error))
    if (again) putBack(({ id: number }) => number !== undefined && again.includes(number))
    begin()
    next()
  }

  /** The worker is worn: another takes its place, at once or when it has loaded. */
  function wear(): void {
    if (!relieved) {
      void end()
      return putBack()
    }
    if (relief) return
    relief = startedWorker(file)
    relief.then(
      (other) => {
        if (closed) return
        relieving = other
        next()
      },
      () => (relief = undefined),
    )
  }

  function takeOver(other: Worker): void {
    const old = thread
    relief = undefined
    relieving = undefined
    worker = Promise.resolve(other)
    listen(other)
    void old?.terminate()
  }

  /** The worker is gone, and the first of what it was given with it; the others are given to another. */
  function lost(tell: (job: Job<Q, A>) => void): void {
    const job = given.shift()
    if (job?.id !== undefined) queue.charge(job.by, performance.now() - since)
    if (job) tell(job)
    putBack()
    next()
  }

  /** Whoever asked went away. The worker is ended if it works on that question, or may soon. */
  function giveUp(job: Job<Q, A>): void {
    const at = given.indexOf(job)
    if (at < 0) return
    given.splice(at, 1)
    if (job.id === undefined) return
    void end()
    putBack()
    next()
  }

  function putBack(which: (job: Job<Q, A>) => boolean = () => true): void {
    const back = given.filter(which)
    given.splice(0, given.length, ...given.filter((job) => !which(job)))
    for (const job of back.toReversed()) {
      job.id = undefined
      queue.putBack(job, job.by)
    }
  }

  function forget(): void {
    clearTimeout(clock)
    worker = undefined
    thread = undefined
  }

  async function end(): Promise<void> {
    const old = worker
    forget()
    await (await old?.catch(() => undefined))?.terminate()
  }
}
