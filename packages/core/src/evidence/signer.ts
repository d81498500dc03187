import type { Bytes } from './bytes.ts'
import type { PublicKey } from './public-key.ts'

/** Whoever signs evidence: a key in this process, or a key management service. */
export interface Signer {
  readonly key: PublicKey
  /** Ed25519 over exactly these bytes: 64 bytes. */
  readonly sign: (bytes: Uint8Array) => Promise<Bytes>
}
