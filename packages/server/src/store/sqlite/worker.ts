import { parentPort, workerData } from 'node:worker_threads'
import { storeErrorOf } from '../store-error.ts'
import { type Ask, type Desk, type DeskOptions, openDesk } from './desk.ts'

/** The one thread that touches the database: takes batches, answers batches, in order. */
const port = parentPort
if (!port) throw new TypeError('This file runs as a worker of the store only.')
const options = workerData as DeskOptions

let desk: Desk | undefined
try {
  desk = openDesk(options)
  port.postMessage('open')
} catch (error) {
  const known = storeErrorOf(error, options.folder)
  port.postMessage({ failed: { code: known?.code ?? 'unavailable', message: known?.message ?? String(error) } })
}

port.on('message', (asks: readonly Ask[] | 'close') => {
  if (asks !== 'close') return port.postMessage(desk?.run(asks))
  desk?.close()
  port.close()
})
