import { appendFileSync } from 'node:fs'
import { z } from 'zod'
import { Agent, fileJournal, type Journal, TransactionStuck } from '../index.ts'

/**
 * An agent whose tools write what they do to the file `world`, a line each, and whose journal is in `folder`. `moment` is told
 * before and after each entry of the journal, and before and after each effect.
 */
export function crashing(folder: string, world: string, moment: () => void) {
  const kept = fileJournal({ folder, key: new Uint8Array(32).fill(7) })
  const between = async (work: Promise<void>) => {
    await work
    moment()
  }
  const journal: Journal = {
    ...kept,
    append: async (entry) => {
      moment()
      await between(kept.append(entry))
    },
    forget: async (id) => {
      moment()
      await between(kept.forget(id))
    },
  }
  const effect = (line: string) => {
    moment()
    appendFileSync(world, `${line}\n`)
    moment()
  }
  const agent = new Agent({ journal })
  const input = z.object({ id: z.string() })
  const does = {
    input,
    execute: ({ id }: { id: string }) => effect(`do ${id}`),
    compensation: ({ id }: { id: string }) => effect(`undo ${id}`),
  }
  const plain = agent.tool({ name: 'plain', ...does })
  const keyed = agent.tool({ name: 'keyed', ...does, idempotencyKey: ({ id }) => id })
  const last = agent.tool({ name: 'last', input, execute: () => Promise.reject(new Error('no')) })
  return {
    recover: () => agent.recoverTransactions(),
    async run() {
      const work = async () => {
        await plain({ id: 'a' })
        await keyed({ id: 'b' })
        await last({ id: 'c' })
      }
      await agent.transaction(work).catch((error: unknown) => {
        if (error instanceof TransactionStuck) throw error
      })
    },
  }
}

/** `node crash.sample.js run|recover FOLDER WORLD N` dies by `kill -9` at its `N`th moment. */
if (import.meta.main) {
  const [, , job = '', folder = '', world = '', dies = ''] = process.argv
  let moments = 0
  const agent = crashing(folder, world, () => {
    if (moments++ === Number(dies)) process.kill(process.pid, 'SIGKILL')
  })
  await (job === 'run' ? agent.run() : agent.recover())
}
