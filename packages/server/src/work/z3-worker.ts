import { parentPort } from 'node:worker_threads'
import { openZ3 } from '@agentgate/core'
import type { Said } from './one-worker.ts'
import type { Script, Words } from './z3-work.ts'

/** The thread that Z3 blocks while it solves. */
const port = parentPort
if (!port) throw new TypeError('This file runs in a worker thread.')
const z3 = await openZ3()
port.on('message', ({ id, question: { script, terms } }: { readonly id: number; readonly question: Script }) => {
  const answer = z3.run(script, terms)
  port.postMessage({ id, answer, memory: z3.memory() } satisfies Said<Words>)
})
port.postMessage('ready')
