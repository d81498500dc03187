import { basename, dirname } from 'node:path'
import { parentPort } from 'node:worker_threads'
import { type Detection, type Labelled, namedInWindows, windowsOf } from '@agentgate/core'
import type { NamesQuestion } from './names-work.ts'
import type { Said } from './one-worker.ts'

/** The part of `@huggingface/transformers` that is used. Whoever gives a model installs it: it is no dependency. */
interface Transformers {
  readonly env: { allowRemoteModels: boolean; localModelPath: string }
  readonly pipeline: (task: 'token-classification', model: string, options: { dtype: 'fp32' | 'q8' }) => Promise<Classify>
}
type Classify = (
  texts: readonly string[],
  options: { readonly ignore_labels: readonly string[] },
) => Promise<readonly (readonly { readonly word: string; readonly entity: string; readonly score: number }[])[]>

const peer = '@huggingface/transformers'
/** How many windows are read at once. */
const batch = 8

const port = parentPort
if (!port) throw new TypeError('This file runs in a worker thread.')
let loading: Promise<Classify> | undefined

port.on('message', ({ id, question }: { readonly id: number; readonly question: NamesQuestion }) => {
  answered(question).then(
    (answer) => say({ id, answer, memory: memory() }),
    (error: unknown) => say({ id, error: error instanceof Error ? error.message : String(error), memory: memory() }),
  )
})
port.postMessage('ready')

function say(said: Said<readonly (readonly Detection[])[]>): void {
  port?.postMessage(said)
}

async function answered({ folder, texts }: NamesQuestion): Promise<readonly (readonly Detection[])[]> {
  loading ??= load(folder)
  const classify = await loading.catch((error: unknown) => {
    loading = undefined
    throw error
  })
  const found: (readonly Detection[])[] = []
  for (const text of texts) {
    const windows = windowsOf(text.toWellFormed())
    const labels: Labelled[][] = []
    for (let from = 0; from < windows.length; from += batch) {
      const some = windows.slice(from, from + batch).map((window) => window.text)
      for (const tokens of await classify(some, { ignore_labels: [] }))
        labels.push(tokens.map(({ word, entity, score }) => ({ word, label: entity, score })))
    }
    found.push(namedInWindows(text, windows, labels, 'model'))
  }
  return found
}

async function load(folder: string): Promise<Classify> {
  // INVARIANT: this much of it is there in every version that has pipelines.
  const { env, pipeline } = (await import(peer).catch(() => {
    throw new Error(`\`${peer}\` is not installed: \`npm install ${peer}\` beside AgentGate, or unset AGENTGATE_NER_MODEL.`)
  })) as Transformers
  env.allowRemoteModels = false
  env.localModelPath = dirname(folder)
  return pipeline('token-classification', basename(folder), { dtype: 'fp32' })
}

function memory(): number {
  return Math.round(process.memoryUsage().rss / 2 ** 20)
}
