import type { Basis, Deciding, Judged, Proved } from '@agentgate/core'

/** A set by its text. The worker keeps what it has read, and asks for the texts that it lacks. */
export interface SetText {
  readonly id: string
  readonly digest: string
  readonly text?: string
}

interface About {
  readonly judged: Judged
  readonly basis: Basis
  readonly sets: readonly SetText[]
}

/** What the thread that proves decisions is asked. */
export type ProofQuestion =
  | (About & { readonly ask: 'prove'; readonly how: Deciding })
  | (About & { readonly ask: 'script' })
  | { readonly ask: 'alive' }

export type ProofAnswer =
  | { readonly said: 'proved'; readonly proved: Proved; readonly version: string }
  | { readonly said: 'script'; readonly script: string; readonly hash: string }
  | { readonly said: 'alive'; readonly version: string }
  /** Digests of sets whose texts it has not read. */
  | { readonly said: 'texts'; readonly of: readonly string[] }
