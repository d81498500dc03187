import type { Basis, Judged, Proved } from '@agentgate/core'

/** A set by its text. The worker keeps what it has read, and asks for the texts that it lacks. */
export interface SetText {
  readonly id: string
  readonly digest: string
  readonly text?: string
}

/** What the thread that proves decisions is asked. */
export type ProofQuestion =
  | { readonly ask: 'prove' | 'script'; readonly judged: Judged; readonly basis: Basis; readonly sets: readonly SetText[] }
  | { readonly ask: 'alive' }

export type ProofAnswer =
  | { readonly said: 'proved'; readonly proved: Proved; readonly version: string }
  | { readonly said: 'script'; readonly script: string; readonly hash: string }
  | { readonly said: 'alive'; readonly version: string }
  /** Digests of sets whose texts it has not read. */
  | { readonly said: 'texts'; readonly of: readonly string[] }
