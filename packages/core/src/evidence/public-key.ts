import { type Bytes, concat, fromHex } from './bytes.ts'
import { webSha256 } from './web-digest.ts'

/** An Ed25519 public key. */
export interface PublicKey {
  /** SHA-256, hex, of the key's SubjectPublicKeyInfo in DER: what `openssl pkey -pubin -outform DER | sha256sum` prints. */
  readonly id: string
  /** 32 bytes (RFC 8032). */
  readonly raw: Bytes
}

/** The DER of an Ed25519 SubjectPublicKeyInfo before its 32 key bytes (RFC 8410, section 4). */
const spkiPrefix = fromHex('302a300506032b6570032100')

/** SubjectPublicKeyInfo in DER of 32 raw key bytes. */
export function spki(raw: Uint8Array): Bytes {
  if (raw.length !== 32) throw new RangeError(`An Ed25519 public key has 32 bytes, not ${raw.length}.`)
  return concat(spkiPrefix, raw)
}

/** The 32 raw bytes in a SubjectPublicKeyInfo. Throws a `TypeError` for any other kind of key. */
export function fromSpki(der: Uint8Array): Bytes {
  if (der.length !== 44 || spkiPrefix.some((byte, index) => der[index] !== byte)) throw new TypeError('Not an Ed25519 public key.')
  return concat(der.subarray(12))
}

export async function publicKey(raw: Uint8Array): Promise<PublicKey> {
  return { id: await webSha256(spki(raw)), raw: concat(raw) }
}

/** Whether `signature` over `bytes` is this key's: Ed25519 by WebCrypto. */
export async function signedBy({ raw }: PublicKey, signature: Bytes, bytes: Bytes): Promise<boolean> {
  const key = await crypto.subtle.importKey('raw', raw, { name: 'Ed25519' }, false, ['verify'])
  return crypto.subtle.verify({ name: 'Ed25519' }, key, signature, bytes)
}
