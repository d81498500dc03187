import { Worker } from 'node:worker_threads'
import { doTask, type Tasks } from './policy-tasks.ts'
import type { Done, ToDo } from './policy-worker.ts'

/** Asks about policies, beside the event loop where it would take long. */
export interface PolicyWork {
  /** Rejects with a `TimeOver` when it takes longer than a task may, and with a `RangeError` when too many wait. */
  readonly do: <K extends keyof Tasks>(kind: K, asked: Tasks[K]['asked']) => Promise<Tasks[K]['found']>
  readonly close: () => Promise<void>
}

/** A task took longer than it may; what it was about is not known. */
export class TimeOver extends Error {
  override readonly name = 'TimeOver'
}

interface Job {
  readonly todo: ToDo
  readonly resolve: (found: never) => void
  readonly reject: (error: Error) => void
}

/** Characters of policies, and recorded calls, that are read in the thread of the event loop: a few milliseconds. */
const small = { text: 16_384, calls: 50 }
/** Milliseconds that a task may take, and how many tasks wait at once. */
const longest = 120_000
const most = 50

/** Two threads, so that nobody who publishes waits for somebody's analysis. Both are started by their first task. */
export function policyWork(limits: { readonly longest?: number } = {}): PolicyWork {
  const threads = { reading: thread(limits.longest ?? longest), solving: thread(limits.longest ?? longest) }
  return {
    do: async (kind, asked) => {
      if (asksSolver(kind, asked)) return threads.solving.run(kind, asked)
      return isSmall(kind, asked) ? doTask(kind, asked, noSolver) : threads.reading.run(kind, asked)
    },
    close: async () => void (await Promise.all([threads.reading.close(), threads.solving.close()])),
  }
}

const noSolver = () => Promise.reject(new Error('This task was not to ask the solver.'))

function asksSolver<K extends keyof Tasks>(kind: K, asked: Tasks[K]['asked']): boolean {
  if (kind === 'analyze') return true
  if (!('solve' in asked)) return false
  const { solve, after } = asked
  return solve.difference || (solve.invariants && after.some(({ invariants }) => invariants !== undefined))
}

function isSmall<K extends keyof Tasks>(_: K, asked: Tasks[K]['asked']): boolean {
  if ('source' in asked) return (asked.source.form === 'cedar' ? asked.source.text : JSON.stringify(asked.source.rules)).length < small.text
  if ('calls' in asked && asked.calls.length > small.calls) return false
  const sets = 'sets' in asked ? asked.sets : 'before' in asked ? [...asked.before, ...asked.after] : []
  return sets.reduce((sum, { text }) => sum + text.length, 0) < small.text
}

function thread(limit: number) {
  const queue: Job[] = []
  let worker: Worker | undefined
  let busy: Job | undefined
  let closed = false
  let count = 0

  return {
    run<K extends keyof Tasks>(kind: K, asked: Tasks[K]['asked']): Promise<Tasks[K]['found']> {
      if (closed) return Promise.reject(new Error('The server is stopping.'))
      if (queue.length >= most) return Promise.reject(new RangeError(`${most} questions about policies wait already: ask again later.`))
      return new Promise((resolve, reject) => {
        queue.push({ todo: { id: ++count, kind, asked }, resolve, reject })
        next()
      })
    },
    async close() {
      closed = true
      for (const { reject } of queue.splice(0)) reject(new Error('The server is stopping.'))
      await worker?.terminate()
    },
  }

  function next(): void {
    if (busy || closed) return
    const first = queue.shift()
    if (!first) return
    const job = first
    busy = job
    const at = (worker ??= start())
    const timer = setTimeout(() => over(new TimeOver(`It took longer than ${limit / 1000} seconds, so nothing is known.`)), limit)
    const onMessage = (done: Done) => {
      if (done.id !== job.todo.id) return
      if ('found' in done) finish(() => job.resolve(done.found as never))
      else finish(() => job.reject(new Error(done.failed)))
    }
    const onExit = () => over(new Error('The thread for policies broke off.'))
    at.on('message', onMessage).once('error', onExit).once('exit', onExit)
    at.postMessage(job.todo)

    function over(error: Error): void {
      if (busy !== job) return
      worker = undefined
      void at.terminate()
      finish(() => job.reject(error))
    }
    function finish(tell: () => void): void {
      if (busy !== job) return
      clearTimeout(timer)
      at.off('message', onMessage).off('error', onExit).off('exit', onExit)
      busy = undefined
      tell()
      next()
    }
  }

  function start(): Worker {
    const started = new Worker(new URL(`./policy-worker${import.meta.url.slice(-3)}`, import.meta.url), {
      name: 'agentgate-policies',
      execArgv: [],
    })
    started.on('error', () => {
      if (worker === started) worker = undefined
    })
    started.unref()
    return started
  }
}
