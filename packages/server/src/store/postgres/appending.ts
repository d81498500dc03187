import type { Appended } from '@agentgate/core'
import type { EntryRow } from '../sqlite/ledger.ts'
import { StoreError } from '../store-error.ts'

/** What one caller appends, all or none of it. */
export interface Append {
  readonly entries: readonly EntryRow[]
  readonly epoch: number | undefined
  readonly at: number
}

interface Waiting {
  readonly append: Append
  readonly resolve: (appended: Appended) => void
  readonly reject: (error: unknown) => void
}

/** How much goes into one transaction, and how much may wait for one tenant. */
const maxBatch = 500
const maxCharacters = 8 << 20
const maxWaiting = 20_000

/**
 * Group commit: what is asked for a tenant while a transaction of this process appends to its tree waits, and shares the next
 * one. `write` answers one `Appended` for each append, in their order, once all of them are durable.
 */
export function inGroups(
  write: (tenant: string, appends: readonly Append[]) => Promise<readonly Appended[]>,
): (tenant: string, append: Append) => Promise<Appended> {
  const queues = new Map<string, Waiting[]>()

  return (tenant, append) => {
    const running = queues.get(tenant)
    const queue = running ?? []
    if (queue.length >= maxWaiting)
      return Promise.reject(new StoreError('overloaded', `${maxWaiting} appends wait for PostgreSQL already: try again later.`))
    const { promise, resolve, reject } = Promise.withResolvers<Appended>()
    queue.push({ append, resolve, reject })
    if (!running) {
      queues.set(tenant, queue)
      queueMicrotask(() => void drain(tenant, queue))
    }
    return promise
  }

  async function drain(tenant: string, queue: Waiting[]): Promise<void> {
    while (queue.length > 0) await group(tenant, queue.splice(0, fitting(queue)))
    queues.delete(tenant)
  }

  async function group(tenant: string, waiting: readonly Waiting[]): Promise<void> {
    try {
      const answers = await write(
        tenant,
        waiting.map(({ append }) => append),
      )
      for (const [index, { resolve, reject }] of waiting.entries()) {
        const answer = answers[index]
        if (answer) resolve(answer)
        else reject(new StoreError('unavailable', 'The store gave no answer: restart.'))
      }
    } catch (error) {
      // An append that cannot be stored at all must not take the others with it, and nothing of the group was written.
      if (error instanceof StoreError && error.code === 'invalid-text' && waiting.length > 1)
        for (const each of waiting) await group(tenant, [each])
      else for (const { reject } of waiting) reject(error)
    }
  }

  function fitting(queue: readonly Waiting[]): number {
    let characters = 0
    const end = queue.slice(0, maxBatch).findIndex(({ append }) => {
      characters += append.entries.reduce((sum, { body, part }) => sum + body.length + (part?.record.length ?? 0), 0)
      return characters > maxCharacters
    })
    return end < 0 ? maxBatch : Math.max(1, end)
  }
}
