import type { Worker } from 'node:worker_threads'
import { startThread } from '@agentgate/core'

/** Milliseconds in which a worker is loaded, or never will be. */
const loading = 30_000

/** A worker of this file, once it has said that it can be asked. */
export async function startedWorker(file: URL): Promise<Worker> {
  const thread = startThread(file)
  // Whoever waits hears that it ended. Without a listener, an error between two questions would end the process.
  thread.on('error', () => undefined)
  // An idle worker keeps no process alive.
  thread.unref()
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const timer = setTimeout(() => reject(new Error('The worker was not loaded in time.')), loading)
  const onError = (error: unknown) => reject(error)
  const onExit = () => reject(new Error('The worker broke off.'))
  thread
    .once('message', () => resolve())
    .once('error', onError)
    .once('exit', onExit)
  try {
    await promise
    return thread
  } catch (error) {
    await thread.terminate()
    throw error
  } finally {
    clearTimeout(timer)
    thread.off('error', onError).off('exit', onExit)
  }
}
