import { isObject } from '../json.ts'
import { type Bytes, fromBase64 } from './bytes.ts'
import { fromSpki, type PublicKey, publicKey } from './public-key.ts'
import { aTime } from './shape.ts'

/** A key that whoever verifies has pinned: by its fingerprint, and by its bytes where those are known. */
export interface Trusted {
  /** SHA-256, hex, of the SubjectPublicKeyInfo. */
  readonly id: string
  readonly raw?: Bytes
  /** Milliseconds since 1970: its owner replaced it then, and it signs for nothing of a later date. */
  readonly until?: number
}

/** A pinned key whose bytes are known. */
export type Pinned = PublicKey & Pick<Trusted, 'until'>

/** Why a key does not sign for what is of that date (RFC 3339); `undefined` where it may. */
export function outlived({ id, until }: Pick<Trusted, 'id' | 'until'>, date: string): string | undefined {
  if (until === undefined || Date.parse(date) <= until) return undefined
  return `The key \`${id}\` was replaced at ${new Date(until).toISOString()}, and signs for nothing of ${date}.`
}

/** The pinned keys whose bytes are known: pinned themselves, or hinted at and matching a pinned fingerprint. */
export async function pinnedKeys(trust: readonly Trusted[], hints: readonly Bytes[]): Promise<readonly Pinned[]> {
  const known = await Promise.all([...trust.flatMap(({ raw }) => raw ?? []), ...hints].map(publicKey))
  return trust.flatMap(({ id, until }) => {
    const key = known.find((each) => each.id === id)
    return key ? { ...key, ...(until !== undefined && { until }) } : []
  })
}

/**
 * Reads pinned keys: a JWKS or one JWK, with the `until` of those that were replaced, PEM blocks, or fingerprints (64 hex digits, also as `sha256:…`), by comma or line.
 *
 * Throws a `TypeError` when any part is not understood: a pin that was misread must not quietly trust nothing, or another key.
 */
export async function parseTrust(text: string): Promise<readonly Trusted[]> {
  const trimmed = text.trim()
  if (trimmed.startsWith('{'))
    return Promise.all(fromJwks(JSON.parse(trimmed)).map(async ({ raw, ...ended }) => ({ ...(await publicKey(raw)), ...ended })))
  if (trimmed.startsWith('-----BEGIN')) return Promise.all(fromPem(trimmed).map(publicKey))
  const pins = trimmed.split(/[\s,]+/).map((pin) =>
    pin
      .toLowerCase()
      .replace(/^sha256:/, '')
      .replaceAll(':', ''),
  )
  if (pins.some((pin) => !/^[0-9a-f]{64}$/.test(pin)))
    throw new TypeError('The pinned keys are not understood: give a JWKS, PEM public keys, or SHA-256 fingerprints of 64 hex digits.')
  return pins.map((id) => ({ id }))
}

function fromJwks(value: unknown): { readonly raw: Bytes; readonly until?: number }[] {
  const keys: readonly unknown[] = isObject(value) && Array.isArray(value['keys']) ? value['keys'] : [value]
  if (keys.length === 0) throw new TypeError('The pinned key set is empty: nothing could be trusted.')
  return keys.map((key) => {
    if (!isObject(key) || key['kty'] !== 'OKP' || key['crv'] !== 'Ed25519' || typeof key['x'] !== 'string')
      throw new TypeError('A pinned JWK is not an Ed25519 public key.')
    const raw = fromBase64(`${key['x'].replaceAll('-', '+').replaceAll('_', '/')}=`)
    const { until } = key
    if (until === undefined) return { raw }
    if (!aTime(until)) throw new TypeError('`until` of a pinned JWK is not a time as RFC 3339 writes it, in UTC.')
    return { raw, until: Date.parse(until) }
  })
}

function fromPem(text: string): Bytes[] {
  const blocks = [...text.matchAll(/-----BEGIN PUBLIC KEY-----([A-Za-z0-9+/=\s]+)-----END PUBLIC KEY-----\s*/g)]
  if (blocks.map(([block]) => block).join('') !== text) throw new TypeError('The pinned PEM holds something else than public keys.')
  return blocks.map(([, body = '']) => fromSpki(fromBase64(body.replaceAll(/\s/g, ''))))
}
