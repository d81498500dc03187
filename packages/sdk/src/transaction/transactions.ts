import { AsyncLocalStorage } from 'node:async_hooks'
import type { Json } from '@agentgate/core'
import { type Compensated, type Compensation, compensate } from './compensating.ts'
import { TransactionOver, TransactionStuck } from './errors.ts'
import type { Journal, JournalEntry } from './journal.ts'
import { progressOf, type Step } from './progress.ts'

/** A transaction, or the part of one since a savepoint. */
interface Scope {
  readonly id: string
  /** Of the whole transaction, shared by its savepoints. */
  readonly whole: { steps: number; order: number }
  readonly parent?: Scope
  steps: Step[]
  readonly running: Set<Promise<unknown>>
  /** Its savepoints that have not ended. */
  readonly inner: Set<Promise<unknown>>
  /** Aborted when it is given up. */
  readonly stop: AbortController
  open: boolean
}

/** What a step is called with. */
export interface StepCall {
  readonly tool: string
  readonly input: Json
  readonly user?: string
  readonly session?: string
  readonly tenant?: string
}

/** What became of a transaction that a crash had left open. */
export interface Recovered extends Compensated {
  readonly transaction: string
}

export interface Transactions {
  /**
   * Runs `work` as one: when it rejects or `signal` aborts, what its calls did is undone, last first. Within another it is a
   * savepoint of it. Rejects with what `work` or `signal` said, or with a `TransactionStuck` where not all could be undone.
   */
  readonly run: <T>(work: (signal: AbortSignal) => Promise<T>, signal?: AbortSignal) => Promise<T>
  /** Runs `execute` as a step of the transaction it is called in, if any. */
  readonly step: <T>(call: StepCall, execute: () => Promise<T>, asJson: (output: T) => Json) => Promise<T>
  readonly recover: () => Promise<readonly Recovered[]>
  /** Throws a `TransactionOver` where the caller is in a transaction that has ended. */
  readonly check: (tool: string) => void
}

export interface TransactionsOptions {
  readonly journal: Journal
  readonly newId: () => string
  readonly compensationOf: (step: Step) => Compensation | 'none' | undefined
  /** How long steps that run may take to end once their transaction was given up: milliseconds. */
  readonly patience?: number
}

/** The transactions of this process, by journal: recovery leaves those alone. */
const living = new WeakMap<Journal, Set<string>>()

export function transactions({ journal, newId, compensationOf, patience = 30_000 }: TransactionsOptions): Transactions {
  const within = new AsyncLocalStorage<Scope | undefined>()
  const alive = living.get(journal) ?? new Set<string>()
  living.set(journal, alive)

  return { run, step, recover, check }

  function check(tool: string): void {
    if (within.getStore()?.open === false) throw new TransactionOver(tool)
  }

  async function run<T>(work: (signal: AbortSignal) => Promise<T>, signal?: AbortSignal): Promise<T> {
    const parent = within.getStore()
    check('transaction')
    const scope: Scope = {
      id: parent?.id ?? newId(),
      whole: parent?.whole ?? { steps: 0, order: 0 },
      ...(parent && { parent }),
      steps: [],
      running: new Set(),
      inner: new Set(),
      stop: new AbortController(),
      open: true,
    }
    if (!parent) alive.add(scope.id)
    const ran = attempt(scope, work, signal)
    if (!parent) return ran.finally(() => alive.delete(scope.id))
    const counted = ran.catch(() => undefined)
    parent.inner.add(counted)
    return ran.finally(() => parent.inner.delete(counted))
  }

  async function attempt<T>(scope: Scope, work: (signal: AbortSignal) => Promise<T>, signal?: AbortSignal): Promise<T> {
    const { stop, parent } = scope
    const both = AbortSignal.any([stop.signal, ...(parent ? [parent.stop.signal] : []), ...(signal ? [signal] : [])])
    try {
      both.throwIfAborted()
      const result = await unless(
        both,
        within.run(scope, () => work(both)),
      )
      while (scope.running.size + scope.inner.size > 0) await unless(both, Promise.allSettled([...scope.running, ...scope.inner]))
      scope.open = false
      if (scope.parent) scope.parent.steps.push(...scope.steps)
      else await committed(scope)
      return result
    } catch (cause) {
      scope.open = false
      stop.abort(cause)
      await ended(scope)
      const { stuck } = await within.run(undefined, () => undo(scope.id, scope.steps))
      if (stuck.length > 0) {
        // What is stuck stays on record, whatever becomes of the transaction around.
        if (scope.parent) scope.parent.steps.push(...scope.steps.filter(({ state }) => state !== 'undone' && state !== 'failed'))
        throw new TransactionStuck(scope.id, stuck, { cause })
      }
      if (!scope.parent && scope.whole.steps > 0) await journal.forget(scope.id).catch(() => undefined)
      throw cause
    }
  }

  async function committed({ id, whole, steps }: Scope): Promise<void> {
    if (whole.steps === 0) return
    await journal.append({ transaction: id, kind: 'committed' })
    if (steps.every(isClear)) await journal.forget(id).catch(() => undefined)
  }

  /** Waits for what a transaction that was given up had begun. Steps that do not end are `unknown`; savepoints were given up with it, and end. */
  async function ended({ running, inner }: Scope): Promise<void> {
    const late = Promise.withResolvers<void>()
    const timer = setTimeout(late.resolve, patience)
    while (running.size > 0 && (await Promise.race([Promise.allSettled(running).then(() => true), late.promise.then(() => false)])));
    clearTimeout(timer)
    await Promise.allSettled(inner)
  }

  async function step<T>(call: StepCall, execute: () => Promise<T>, asJson: (output: T) => Json): Promise<T> {
    const scope = within.getStore()
    if (!scope) return execute()
    if (!scope.open) throw new TransactionOver(call.tool)
    const running = recorded(scope, call, execute, asJson)
    const counted = running.catch(() => undefined)
    scope.running.add(counted)
    return running.finally(() => scope.running.delete(counted))
  }

  async function recorded<T>(scope: Scope, call: StepCall, execute: () => Promise<T>, asJson: (output: T) => Json): Promise<T> {
    const one: Step = { ...call, step: scope.whole.steps++, state: 'unknown', output: null, order: -1 }
    const transaction = scope.id
    await journal.append({ transaction, kind: 'started', step: one.step, ...call })
    // A scope that was given up while this was written down takes no more: it began nothing.
    if (!scope.open) {
      await journal.append({ transaction, kind: 'failed', step: one.step })
      throw new TransactionOver(call.tool)
    }
    scope.steps.push(one)
    let output: T
    try {
      output = await execute()
    } catch (error) {
      await journal.append({ transaction, kind: 'failed', step: one.step })
      one.state = 'failed'
      throw error
    }
    one.order = scope.whole.order++
    one.output = asJson(output)
    one.state = 'succeeded'
    await journal.append({ transaction, kind: 'succeeded', step: one.step, output: one.output })
    return output
  }

  async function recover(): Promise<readonly Recovered[]> {
    const found: Recovered[] = []
    for (const { transaction, steps, committed: stays } of progressOf(await journal.read())) {
      if (alive.has(transaction)) continue
      alive.add(transaction)
      try {
        const owed = stays ? steps.filter((each) => !isClear(each)) : steps
        const { undone, stuck } = await within.run(undefined, () => undo(transaction, owed))
        if (undone.length + stuck.length > 0 || (!stays && steps.length > 0)) found.push({ transaction, undone, stuck })
        if (stuck.length === 0) await journal.forget(transaction)
      } finally {
        alive.delete(transaction)
      }
    }
    return found
  }

  function undo(transaction: string, steps: readonly Step[]): Promise<Compensated> {
    const note = (kind: 'undoing' | 'undone' | 'undo-failed', { step: number }: Step) =>
      journal.append({ transaction, kind, step: number } satisfies JournalEntry)
    return compensate(steps, { compensationOf, note })
  }
}

/** Whether nothing is owed for a step of a transaction that stays. */
function isClear({ state }: Step): boolean {
  return state === 'succeeded' || state === 'failed' || state === 'undone'
}

/** What `work` comes to, or the reason of the signal as soon as it aborts. */
async function unless<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  const left = Promise.withResolvers<never>()
  const leave = () => left.reject(signal.reason)
  signal.addEventListener('abort', leave, { once: true })
  if (signal.aborted) leave()
  try {
    return await Promise.race([work, left.promise])
  } finally {
    signal.removeEventListener('abort', leave)
    work.catch(() => undefined)
  }
}
