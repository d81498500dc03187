import { parentPort } from 'node:worker_threads'
import { type Basis, type Judged, openZ3, policyReader, type Proved, theoremDecider } from '@agentgate/core'

/** What the thread is asked: whether this verdict is what these policies and facts demand. */
export interface ProofQuestion {
  readonly id: number
  readonly judged: Judged
  readonly basis: Basis
  readonly sets: readonly { readonly id: string; readonly digest: string; readonly text: string }[]
  /** Milliseconds for checking a theorem as written. */
  readonly limit: number
}

export interface ProofAnswer {
  readonly id: number
  /** Z3's own. */
  readonly version: string
  readonly proved?: Proved
  readonly error?: string
}

/** The thread that Z3 blocks while it proves decisions. */
const port = parentPort
if (!port) throw new TypeError('This file runs in a worker thread.')
const z3 = await openZ3()
const read = policyReader()
const decide = theoremDecider(z3)

port.on('message', (question: ProofQuestion) => {
  port.postMessage({ id: question.id, version: z3.version, ...answer(question) } satisfies ProofAnswer)
})

function answer({ judged, basis, sets, limit }: ProofQuestion): Pick<ProofAnswer, 'proved' | 'error'> {
  try {
    return { proved: decide(judged, basis, read(sets), { sampled: Number.POSITIVE_INFINITY, limit }) }
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) }
  }
}
