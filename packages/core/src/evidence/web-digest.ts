import { type Bytes, concat, toHex } from './bytes.ts'

/** SHA-256 by WebCrypto: the same in Node and in browsers. */
export async function webDigest(...parts: readonly Uint8Array[]): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', concat(...parts)))
}

/** SHA-256, hex, by WebCrypto. */
export async function webSha256(...parts: readonly Uint8Array[]): Promise<string> {
  return toHex(await webDigest(...parts))
}
