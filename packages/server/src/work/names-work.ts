import type { Detection, NameModel } from '@agentgate/core'
import { type OneWorker, oneWorker } from './one-worker.ts'

export interface NamesQuestion {
  readonly folder: string
  readonly texts: readonly string[]
}

/** A token classifier of a local folder (`config.json`, `tokenizer.json`, `onnx/model.onnx`), in a thread of its own. */
export interface NamesWork extends NameModel {
  /** Whether the model answers; the first question loads it. */
  readonly health: () => Promise<{ readonly ok: boolean; readonly detail?: string }>
  readonly close: OneWorker<NamesQuestion, readonly (readonly Detection[])[]>['close']
}

/** Milliseconds that it has for the texts of one call; the first one waits for the model too. */
const limit = 20_000

/** It reads the folder alone and fetches nothing. It rejects what it cannot tell: a missing or broken model, one that is too slow or too busy. */
export function namesWork(folder: string): NamesWork {
  const worker = oneWorker<NamesQuestion, readonly (readonly Detection[])[]>(new URL('./names-worker.ts', import.meta.url), {
    memory: 4_000,
    waiting: 200,
  })

  async function find(texts: readonly string[], signal?: AbortSignal): Promise<readonly (readonly Detection[])[]> {
    const found = await worker.ask({ folder, texts }, { limit, wait: limit, signal })
    if (found === undefined) throw new Error(`The model of names did not answer in ${limit / 1000} seconds.`)
    return found
  }

  return {
    name: 'model',
    find,
    close: worker.close,
    async health() {
      try {
        await find(['Is anybody there?'])
        return { ok: true }
      } catch (error) {
        return { ok: false, detail: error instanceof Error ? error.message : 'it does not answer' }
      }
    },
  }
}
