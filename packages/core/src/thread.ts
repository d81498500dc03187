import { setFlagsFromString } from 'node:v8'
import { Worker, type WorkerOptions } from 'node:worker_threads'

/**
 * A thread of this file, which takes no options of the process: `--eval` would be run anew. No thread is started in another
 * way: V8 crashes the process now and then where two threads compile WebAssembly's calls to JavaScript anew at once, as the
 * solver and the stripping of types make them do (nodejs/node 64500), so that those calls stay as they were first compiled.
 */
export function startThread(file: URL, options: WorkerOptions = {}): Worker {
  setFlagsFromString('--wasm-wrapper-tiering-budget=2147483647')
  return new Worker(file, { ...options, execArgv: [] })
}
