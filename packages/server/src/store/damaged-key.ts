import { type DamagedKey, SealError } from '@agentgate/core/storing'

/** What is told of a key that does not open. Throws the error on when it says anything else. */
export function damagedKey(what: { readonly session: string } | { readonly key: string }, error: unknown): DamagedKey {
  if (!(error instanceof SealError)) throw error
  return { ...what, code: error.code }
}
