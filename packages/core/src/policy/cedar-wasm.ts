import { createRequire } from 'node:module'
import type * as Cedar from '@cedar-policy/cedar-wasm/nodejs'

const require = createRequire(import.meta.url)
const entry = '@cedar-policy/cedar-wasm/nodejs'
let instance: typeof Cedar | undefined

/**
 * Asks Cedar's official build, which is loaded on first use. Answers `undefined` when it gave up (its stack is 1 MiB):
 * an instance that has trapped answers nonsense from then on, so the next question gets a fresh one.
 */
export function askCedar<T>(question: (cedar: typeof Cedar) => T): T | undefined {
  try {
    instance ??= require(entry) as typeof Cedar
    return question(instance)
  } catch (error) {
    if (instance === undefined) throw error
    instance = undefined
    delete require.cache[require.resolve(entry)]
    return undefined
  }
}
