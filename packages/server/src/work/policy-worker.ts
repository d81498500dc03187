import { parentPort } from 'node:worker_threads'
import { openZ3, type Solver, solverOf } from '@agentgate/core'
import { doTask, type Tasks } from './policy-tasks.ts'

export interface ToDo {
  readonly id: number
  readonly kind: keyof Tasks
  readonly asked: Tasks[keyof Tasks]['asked']
}

export type Done = { readonly id: number; readonly found: unknown } | { readonly id: number; readonly failed: string }

/** The thread that reads, compiles and asks about many policies. It does one task after the other. */
const port = parentPort
if (!port) throw new TypeError('This file runs in a worker thread.')

let solver: Promise<Solver> | undefined
const opened = () => (solver ??= openZ3().then(solverOf))

port.on('message', ({ id, kind, asked }: ToDo) => {
  doTask(kind, asked as never, opened).then(
    (found) => port.postMessage({ id, found } satisfies Done),
    (error: unknown) => port.postMessage({ id, failed: error instanceof Error ? error.message : 'unknown' } satisfies Done),
  )
})
