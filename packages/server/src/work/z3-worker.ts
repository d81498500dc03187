import { setPriority } from 'node:os'
import { parentPort } from 'node:worker_threads'
import { openZ3 } from '@agentgate/core'
import type { Said } from './one-worker.ts'
import type { Script, Words } from './z3-work.ts'

/** The thread that Z3 blocks while it solves what nobody waits for: it takes the time that others leave. */
const port = parentPort
if (!port) throw new TypeError('This file runs in a worker thread.')
// Of this thread alone, on Linux; elsewhere it would be of the process.
if (process.platform === 'linux') setPriority(0, 10)
const z3 = await openZ3()
let answered = 0
let memory = 0
port.on('message', ({ id, question: { script, terms } }: { readonly id: number; readonly question: Script }) => {
  const answer = z3.run(script, terms)
  // Asking Z3 how much it has taken takes as long as some proofs.
  if (answered++ % 20 === 0) memory = z3.memory()
  port.postMessage({ id, answer, memory } satisfies Said<Words>)
})
port.postMessage('ready')
