import { parentPort } from 'node:worker_threads'
import { openZ3 } from '@agentgate/core'
import type { Checked, ToCheck } from './z3-messages.ts'

/** The thread that Z3 blocks while it solves. It says `ready`, then answers one script after the other. */
const port = parentPort
if (!port) throw new TypeError('This file runs in a worker thread.')
const z3 = await openZ3()
port.on('message', ({ id, script, terms }: ToCheck) => {
  const said = z3.run(script, terms)
  port.postMessage({ id, ...said, memory: z3.memory() } satisfies Checked)
})
port.postMessage('ready')
