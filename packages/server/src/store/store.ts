import type { Worker } from 'node:worker_threads'
import { SealError, startThread } from '@agentgate/core'
import type { Answer, Ask, DeskOptions } from './sqlite/desk.ts'
import type { Rows } from './sqlite/rows.ts'
import { StoreError, type StoreErrorCode } from './store-error.ts'

/** Where a server keeps everything. Embedded, it is one SQLite database in one folder, written by one worker thread of one process. */
export interface Store {
  /**
   * Asks the store, and returns once what changed is durable. What is asked at about the same time may share one sync, and still
   * succeeds or fails alone. Rejects with a `StoreError`, or with what the verb itself throws.
   */
  readonly ask: <N extends keyof Rows, V extends keyof Rows[N]>(noun: N, verb: V, ...args: Asked<Rows[N][V]>) => Promise<Told<Rows[N][V]>>
  /** Whether other servers change it too: then nothing that was read of it may be remembered for the next call. */
  readonly shared: boolean
  /**
   * Runs `work` while no other server of this store runs work of the same name; answers `false`, and runs nothing, when one
   * does. With `wait` it runs after that one; a `StoreError` `locked` when that takes more than a minute. Whoever loses the
   * database in the middle may be followed by another before the end.
   */
  readonly alone: (name: string, work: () => Promise<unknown>, wait?: 'wait') => Promise<boolean>
  /** Between the servers of a shared store; absent where there is one. */
  readonly wire?: Wire
  /** Whether a change found the disk full in the last half minute: small ones may still fit. */
  readonly full: () => boolean
  /** Resolves when everything asked before is answered and nothing is held any more. Asking afterwards is `unavailable`. */
  readonly close: () => Promise<void>
}

/** Short messages to every server of a store, this one too. Nothing is kept: who is not there misses it. */
export interface Wire {
  /** Less than 8,000 bytes. */
  readonly tell: (message: string) => Promise<void>
  /** `missed` is called whenever it begins to hear: also anew, after some messages may have been missed. */
  readonly hear: (hear: (message: string) => void, missed: () => void) => void
}

type Asked<F> = F extends (...args: infer A) => unknown ? A : never
type Told<F> = F extends (...args: never) => infer R ? R : never

interface Waiting {
  readonly ask: Ask
  readonly resolve: (value: never) => void
  readonly reject: (error: Error) => void
}

/** How much may wait, and how much goes into one transaction. */
const maxWaiting = 50_000
const maxBatch = 500

export interface StoreOptions extends Omit<DeskOptions, 'vault'> {
  /** 32 random bytes that lock the vault, and those they replaced. */
  readonly vaultSecret: Uint8Array
  readonly replacedVaultSecrets?: readonly Uint8Array[]
  /** Milliseconds after its last use until a session's personal data is forgotten: a day by default. */
  readonly vaultLifetime?: number
}

/** Opens the embedded store in `folder`, which is made when missing. Rejects with a `StoreError` whose message is one line for people. */
export async function openStore({
  vaultSecret,
  replacedVaultSecrets = [],
  vaultLifetime = 86_400_000,
  ...rest
}: StoreOptions): Promise<Store> {
  const vault = { secret: vaultSecret, replaced: replacedVaultSecrets, lifetime: vaultLifetime }
  const worker = startThread(new URL(`./sqlite/worker${import.meta.url.slice(-3)}`, import.meta.url), {
    workerData: { ...rest, vault } satisfies DeskOptions,
    name: 'agentgate-store',
  })
  await opened(worker)
  return storeOf(worker)
}

async function opened(worker: Worker): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const fail = (error: Error) =>
    reject(new StoreError('unavailable', `The store's thread did not start: ${error.message}`, { cause: error }))
  worker.once('error', fail)
  worker.once('message', (message: 'open' | { readonly failed: { readonly code: StoreErrorCode; readonly message: string } }) => {
    worker.off('error', fail)
    if (message === 'open') return resolve()
    reject(new StoreError(message.failed.code, message.failed.message))
    void worker.terminate()
  })
  return promise
}

function storeOf(worker: Worker): Store {
  const waiting: Waiting[] = []
  const sent: Waiting[][] = []
  const exited = new Promise<void>((resolve) => worker.once('exit', () => resolve()))
  let over: StoreError | undefined
  let due = false
  let fullUntil = 0

  /** One batch is written while the next is on its way; the rest gathers meanwhile. */
  function send(): void {
    due = false
    while (waiting.length > 0 && sent.length < 2) {
      const batch = waiting.splice(0, maxBatch)
      sent.push(batch)
      worker.postMessage(batch.map(({ ask }) => ask))
    }
  }

  worker.on('message', (answers: readonly Answer[]) => {
    const batch = sent.shift() ?? []
    for (const [index, { resolve, reject }] of batch.entries()) {
      const answer = answers[index]
      if (answer && 'value' in answer) resolve(answer.value as never)
      else reject(answer ? thrown(answer.error) : new StoreError('unavailable', 'The store gave no answer: restart.'))
      if (answer && 'error' in answer && answer.error.code === 'full') fullUntil = performance.now() + 30_000
    }
    send()
  })
  worker.once('error', (cause) => end(new StoreError('unavailable', `The store's thread ended: ${cause.message}. Restart.`, { cause })))
  worker.once('exit', () => end(new StoreError('unavailable', 'The store is closed: start the server again.')))

  function end(error: StoreError): void {
    over ??= error
    for (const { reject } of [...sent.splice(0).flat(), ...waiting.splice(0)]) reject(over)
  }

  const ask: Store['ask'] = (noun, verb, ...args) => {
    if (over) return Promise.reject(over)
    if (waiting.length >= maxWaiting) {
      return Promise.reject(new StoreError('overloaded', `${maxWaiting} changes wait for the disk already: try again later.`))
    }
    return new Promise((resolve, reject) => {
      waiting.push({ ask: { noun, verb: String(verb), args }, resolve, reject })
      if (due) return
      due = true
      queueMicrotask(send)
    })
  }

  return {
    ask,
    shared: false,
    async alone(_name, work) {
      await work()
      return true
    },
    full: () => performance.now() < fullUntil,
    async close() {
      if (!over) {
        const last = ask('marks', 'find', '')
        over = new StoreError('unavailable', 'The store is closed: start the server again.')
        await last.catch(() => undefined)
        worker.postMessage('close')
      }
      await exited
    },
  }
}

function thrown({ name, code, message }: Extract<Answer, { error: unknown }>['error']): Error {
  if (name === 'RangeError') return new RangeError(message)
  if (name === 'TypeError') return new TypeError(message)
  if (name === 'SealError') return new SealError(code === 'unknown-key' ? code : 'not-authentic', message)
  return new StoreError((code as StoreErrorCode | undefined) ?? 'unavailable', message)
}
