import { createPrivateKey, createPublicKey, type KeyObject, sign } from 'node:crypto'
import type { JsonObject } from '../json.ts'
import { concat, fromHex } from './bytes.ts'
import { sha256 } from './digest.ts'
import { fromSpki, type PublicKey, spki } from './public-key.ts'
import type { Signer } from './signer.ts'

/** The keys that certificates of this deployment verify with: the one that signs now, and those that did before. */
export interface SigningKeys {
  readonly signer: Signer
  readonly retired: readonly RetiredKey[]
  /** The JWKS (RFC 7517, RFC 8037) for `/.well-known/agentgate-keys.json`: the signing key first. */
  readonly jwks: () => JsonObject
}

/** A key that signs no more. Its signatures from before stay valid. */
export interface RetiredKey {
  /** 32 bytes. */
  readonly raw: Uint8Array
  /** Milliseconds since 1970: it signed nothing later. */
  readonly until: number
}

/**
 * Signs by an Ed25519 key in this process. `seed` is its 32 secret bytes (RFC 8032): random, and derived from nothing else.
 * Throws a `RangeError` for any other length, and for a seed of one repeated byte, which nobody drew at random.
 */
export function localSigner(seed: Uint8Array): Signer {
  if (seed.length !== 32)
    throw new RangeError(`A signing key is 32 random bytes, not ${seed.length}: make one with \`openssl rand -base64 32\`.`)
  if (seed.every((byte) => byte === seed[0]))
    throw new RangeError('A signing key of one repeated byte is not random: make one with `openssl rand -base64 32`.')
  const secret = createPrivateKey({ key: Buffer.from(concat(pkcs8Prefix, seed)), format: 'der', type: 'pkcs8' })
  return {
    key: publicKeyOf(secret),
    // With a callback another thread signs: nothing else that a decision costs the event loop takes as long.
    sign: (bytes) =>
      new Promise((resolve, reject) => {
        sign(null, bytes, secret, (error, signature) => (error ? reject(error) : resolve(concat(signature))))
      }),
  }
}

/** The signing key and its history. Throws a `RangeError` when a key is retired and signing at once. */
export function signingKeys(seed: Uint8Array, retired: readonly RetiredKey[] = []): SigningKeys {
  const signer = localSigner(seed)
  const earlier = retired.map(({ raw, until }) => ({ id: sha256(spki(raw)), raw, until }))
  if (earlier.some(({ id }) => id === signer.key.id)) throw new RangeError('The signing key is retired: sign with a new one.')
  return {
    signer,
    retired,
    jwks: () => ({
      keys: [jwk(signer.key), ...earlier.map(({ until, ...key }) => ({ ...jwk(key), until: new Date(until).toISOString() }))],
    }),
  }
}

/** The DER of an Ed25519 private key before its 32 bytes (RFC 8410, section 7). */
const pkcs8Prefix = fromHex('302e020100300506032b657004220420')

function publicKeyOf(secret: KeyObject): PublicKey {
  const der = createPublicKey(secret).export({ format: 'der', type: 'spki' })
  return { id: sha256(der), raw: fromSpki(der) }
}

function jwk({ id, raw }: { readonly id: string; readonly raw: Uint8Array }): JsonObject {
  return { kty: 'OKP', crv: 'Ed25519', alg: 'EdDSA', use: 'sig', kid: id, x: Buffer.from(raw).toString('base64url') }
}
