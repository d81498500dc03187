import type { Worker } from 'node:worker_threads'
import { startThread } from '@agentgate/core'
import type { Tasks } from './policy-tasks.ts'
import type { Done, ToDo } from './policy-worker.ts'

/** How a task is asked for. */
export interface How {
  /** Who asks: tenants take turns, and so do the callers of one tenant. */
  readonly tenant?: string
  readonly by?: string
  /** It changes what decides: it waits for nobody's questions. */
  readonly urgent?: boolean
  /** Aborted once nobody wants to know any more: the task is not begun, or broken off. */
  readonly signal?: AbortSignal
}

/** Asks about policies, always beside the event loop: reading a few lines of them takes long where there are many tools. */
export interface PolicyWork {
  /**
   * Rejects with a `TimeOver` when it takes longer than a task may, or waits longer for a turn before the solver; with a
   * `RangeError` when too many wait, or what is urgent waits too long; and with an `Abandoned` when it is aborted.
   */
  readonly do: <K extends keyof Tasks>(kind: K, asked: Tasks[K]['asked'], how?: How) => Promise<Tasks[K]['found']>
  readonly close: () => Promise<void>
}

/** A task took longer than it may; what it was about is not known. */
export class TimeOver extends Error {
  override readonly name = 'TimeOver'
}

/** Nobody wants the answer any more. */
export class Abandoned extends Error {
  override readonly name = 'Abandoned'
}

interface Job {
  readonly todo: ToDo
  readonly tenant: string
  readonly by: string
  readonly resolve: (found: never) => void
  readonly reject: (error: Error) => void
}

/** Milliseconds that a task may take. */
const longest = { reading: 120_000, solving: 60_000, changing: 60_000 }
/** Milliseconds that a task may wait for its turn. */
const patience = 60_000
/** How many tasks wait at once, how many of one tenant, and how many of one caller. */
const most = { all: 200, tenant: 60, each: 20 }

/** A thread for each purpose, so that a change waits for nobody's questions. Each is started by its first task. */
export function policyWork({ waiting = patience, ...limits }: Partial<typeof longest> & { readonly waiting?: number } = {}): PolicyWork {
  const allowed = { ...longest, ...limits }
  const busy = () => new RangeError('Others ask about policies too, and there was no turn in time: ask again later.')
  const threads = {
    reading: thread(allowed.reading, waiting, busy),
    poring: thread(allowed.reading, waiting, busy),
    solving: thread(allowed.solving, waiting, () => new TimeOver('The solver had no time: others ask it too.')),
    changing: thread(allowed.changing, waiting, busy),
  }
  return {
    do: (kind, asked, how = {}) =>
      threads[how.urgent ? 'changing' : asksSolver(kind, asked) ? 'solving' : isLong(kind, asked) ? 'poring' : 'reading'].run(
        kind,
        asked,
        how,
      ),
    close: async () => void (await Promise.all(Object.values(threads).map((each) => each.close()))),
  }
}

/** Characters of a set from which reading it takes seconds. */
const long = 262_144

/** Whether somebody brings so much to be read that others, who bring little, would wait for it. */
function isLong<K extends keyof Tasks>(kind: K, asked: Tasks[K]['asked']): boolean {
  if (kind !== 'prepare' || !('source' in asked)) return false
  const { source } = asked
  return source.form === 'cedar' ? source.text.length > long : JSON.stringify(source.rules).length > long
}

function asksSolver<K extends keyof Tasks>(kind: K, asked: Tasks[K]['asked']): boolean {
  if (kind === 'analyze') return true
  if (!('solve' in asked)) return false
  const { solve, after } = asked
  return solve.difference !== 'none' || (solve.invariants && after.some(({ invariants }) => invariants !== undefined))
}

function thread(limit: number, waiting: number, noTurn: () => Error) {
  const queue: Job[] = []
  /** When each tenant and caller of those who wait was last served. */
  const served = new Map<string, number>()
  let worker: Worker | undefined
  let busy: { readonly job: Job; readonly over: (error: Error) => void } | undefined
  const begun = new WeakMap<Job, () => void>()
  let closed = false
  let count = 0
  let turns = 0

  return {
    run<K extends keyof Tasks>(kind: K, asked: Tasks[K]['asked'], { tenant = '', by = '', signal }: How): Promise<Tasks[K]['found']> {
      if (closed) return Promise.reject(new Error('The server is stopping.'))
      if (signal?.aborted) return Promise.reject(abandoned())
      const ours = queue.filter((each) => each.tenant === tenant)
      const own = ours.filter((each) => each.by === by).length
      if (queue.length >= most.all || ours.length >= most.tenant || own >= most.each)
        return Promise.reject(new RangeError(`${Math.max(own, queue.length)} questions about policies wait already: ask again later.`))
      return new Promise((resolve, reject) => {
        const job: Job = { todo: { id: ++count, kind, asked }, tenant, by, resolve, reject }
        signal?.addEventListener('abort', () => abandon(job), { once: true })
        queue.push(job)
        const timer = setTimeout(() => leave(job, noTurn()), waiting)
        timer.unref()
        begun.set(job, () => clearTimeout(timer))
        next()
      })
    },
    async close() {
      closed = true
      for (const { reject } of queue.splice(0)) reject(new Error('The server is stopping.'))
      await worker?.terminate()
    },
  }

  function abandon(job: Job): void {
    if (busy?.job === job) busy.over(abandoned())
    else leave(job, abandoned())
  }

  /** Takes a job that still waits out of the queue. */
  function leave(job: Job, why: Error): void {
    const at = queue.indexOf(job)
    if (at < 0) return
    queue.splice(at, 1)
    job.reject(why)
  }

  /** The first job of the caller who was served longest ago, in the tenant that was served longest ago. */
  function chosen(): Job | undefined {
    const before = (a: Job, b: Job) => since(a.tenant) - since(b.tenant) || since(a.tenant, a.by) - since(b.tenant, b.by)
    const [first, ...others] = queue
    if (!first) {
      served.clear()
      return undefined
    }
    const best = others.reduce((found, each) => (before(each, found) < 0 ? each : found), first)
    queue.splice(queue.indexOf(best), 1)
    turns++
    for (const name of [[best.tenant], [best.tenant, best.by]]) served.set(JSON.stringify(name), turns)
    begun.get(best)?.()
    return best
  }

  function since(...name: readonly string[]): number {
    return served.get(JSON.stringify(name)) ?? 0
  }

  function next(): void {
    if (busy || closed) return
    const first = chosen()
    if (!first) return
    const job: Job = first
    const at = (worker ??= start())
    const timer = setTimeout(() => over(new TimeOver(`It took longer than ${limit / 1000} seconds, so nothing is known.`)), limit)
    const onMessage = (done: Done) => {
      if (done.id !== job.todo.id) return
      if ('found' in done) finish(() => job.resolve(done.found as never))
      else finish(() => job.reject(new Error(done.failed)))
    }
    const onExit = () => over(new Error('The thread for policies broke off.'))
    busy = { job, over }
    at.on('message', onMessage).once('error', onExit).once('exit', onExit)
    at.postMessage(job.todo)

    function over(error: Error): void {
      if (busy?.job !== job) return
      worker = undefined
      void at.terminate()
      finish(() => job.reject(error))
    }
    function finish(tell: () => void): void {
      if (busy?.job !== job) return
      clearTimeout(timer)
      at.off('message', onMessage).off('error', onExit).off('exit', onExit)
      busy = undefined
      tell()
      next()
    }
  }

  function start(): Worker {
    const started = startThread(new URL(`./policy-worker${import.meta.url.slice(-3)}`, import.meta.url), { name: 'agentgate-policies' })
    started.on('error', () => {
      if (worker === started) worker = undefined
    })
    started.unref()
    return started
  }
}

function abandoned(): Abandoned {
  return new Abandoned('Nobody waits for the answer any more.')
}
