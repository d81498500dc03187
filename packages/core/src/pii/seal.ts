import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto'
import type { Owner } from './owner.ts'

/** Sealing failed for the reason its code names; the message never holds what was sealed. */
export class SealError extends Error {
  /** `unknown-key`: sealed under a key that is not here. `not-authentic`: damaged, or moved from where it belongs. */
  readonly code: 'unknown-key' | 'not-authentic'

  constructor(code: SealError['code'], message: string) {
    super(message)
    this.name = 'SealError'
    this.code = code
  }
}

/** The two keys of one session, independent of each other. They live in memory only; at rest there is only their wrapping. */
export interface SessionKeys {
  readonly id: Uint8Array
  readonly encryption: Uint8Array
  readonly identity: Uint8Array
}

/** Where a sealed value belongs: bound to it as associated data, so that it opens nowhere else. */
export interface Place {
  readonly tenant: string
  readonly session: string
  readonly token: string
  readonly kind: string
}

/**
 * Seals values with AES-256-GCM under a random 96-bit nonce, at most 2^32 of them a session (NIST SP 800-38D, 8.3). The keys of
 * a session are random, and wrapped by the tenant's key-encryption key, which derives from the configured secret.
 *
 * ```
 * wrapped = 0x01 ‖ id of the tenant's key (8)  ‖ nonce (12) ‖ encryption key (32) ‖ identity key (32) ‖ tag (16)
 * sealed  = 0x01 ‖ id of the session's keys (8) ‖ nonce (12) ‖ value in UTF-8 ‖ tag (16)
 * ```
 *
 * The associated data is the nine bytes of the header and a JSON array: of a label, the tenant, principal and session for
 * `wrapped`; of a label, the tenant, session, token and kind for `sealed`.
 */
export interface Seal {
  /** Fresh keys, and their wrapping to store. To destroy every copy of the wrapping is to destroy all that they sealed. */
  readonly newKeys: (owner: Owner) => { readonly keys: SessionKeys; readonly wrapped: Uint8Array }
  /** Throws a `SealError` when the tenant's key is unknown, or the wrapping is damaged or another owner's. */
  readonly unwrap: (owner: Owner, wrapped: Uint8Array) => SessionKeys
  /** The same keys under the newest secret, no value opened; `undefined` when they are already. */
  readonly rewrap: (owner: Owner, wrapped: Uint8Array) => Uint8Array | undefined
  readonly seal: (keys: SessionKeys, place: Place, value: string) => Uint8Array
  /** Throws a `SealError` when the value was damaged, moved, or sealed under other keys. */
  readonly open: (keys: SessionKeys, place: Place, sealed: Uint8Array) => string
  /** Tells equal values of one session and kind apart from all others, without opening them: HMAC-SHA-256, base64url. */
  readonly identity: (keys: SessionKeys, kind: string, value: string) => string
}

const version = 1
const header = 9
const nonce = 12
const tag = 16

/**
 * A seal under `secret` (`PII_VAULT_KEY`), at least 32 random bytes: used for nothing else, and never as a key itself.
 * Secrets that were `replaced` still unwrap and never wrap. Throws a `RangeError` when one is too short.
 */
export function createSeal(secret: Uint8Array, replaced: readonly Uint8Array[] = []): Seal {
  for (const { length } of [secret, ...replaced]) {
    if (length < 32) throw new RangeError(`The vault's secret has ${length} bytes: it needs at least 32 random ones.`)
  }

  function unwrap(owner: Owner, wrapped: Uint8Array): SessionKeys & { readonly under: Uint8Array } {
    const under = [secret, ...replaced].find((each) => isUnder(tenantKey(each, owner).id, wrapped))
    if (!under)
      throw new SealError(
        'unknown-key',
        'The keys of the session are wrapped by a secret that is not configured: add it as a replaced one.',
      )
    const both = decrypt(tenantKey(under, owner), boundTo(owner), wrapped)
    return { ...sessionKeys(both), under }
  }

  function wrap(owner: Owner, { encryption, identity }: SessionKeys): Uint8Array {
    return encrypt(tenantKey(secret, owner), boundTo(owner), Buffer.concat([encryption, identity]))
  }

  return {
    newKeys(owner) {
      const keys = sessionKeys(randomBytes(64))
      return { keys, wrapped: wrap(owner, keys) }
    },
    unwrap(owner, wrapped) {
      const { under: _, ...keys } = unwrap(owner, wrapped)
      return keys
    },
    rewrap(owner, wrapped) {
      const keys = unwrap(owner, wrapped)
      return keys.under === secret ? undefined : wrap(owner, keys)
    },
    seal: (keys, place, value) => encrypt(keys, belongs(place), Buffer.from(value, 'utf8')),
    open(keys, place, sealed) {
      if (!isUnder(keys.id, sealed)) throw new SealError('unknown-key', 'The value was sealed under the keys of another session.')
      return decrypt(keys, belongs(place), sealed).toString('utf8')
    },
    identity: (keys, kind, value) =>
      createHmac('sha256', keys.identity)
        .update(JSON.stringify([kind, value]))
        .digest('base64url'),
  }
}

function boundTo({ tenant, principal, session }: Owner): string {
  return JSON.stringify(['agentgate/pii/keys', tenant, principal, session])
}

function belongs({ tenant, session, token, kind }: Place): string {
  return JSON.stringify(['agentgate/pii/value', tenant, session, token, kind])
}

/** The tenant's key-encryption key: HKDF-SHA-256 (RFC 5869) of the secret, salted with the tenant. */
function tenantKey(secret: Uint8Array, { tenant }: Owner): { readonly id: Uint8Array; readonly encryption: Uint8Array } {
  const encryption = new Uint8Array(hkdfSync('sha256', secret, Buffer.from(tenant, 'utf8'), 'agentgate/pii/key-encryption', 32))
  return { id: idOf(encryption), encryption }
}

function sessionKeys(both: Uint8Array): SessionKeys {
  const encryption = both.subarray(0, 32)
  return { id: idOf(encryption), encryption, identity: both.subarray(32, 64) }
}

function idOf(key: Uint8Array): Uint8Array {
  return createHmac('sha256', key).update('agentgate/pii/key-id').digest().subarray(0, 8)
}

function isUnder(id: Uint8Array, sealed: Uint8Array): boolean {
  return sealed.length >= header + nonce + tag && sealed[0] === version && Buffer.compare(id, sealed.subarray(1, header)) === 0
}

function encrypt({ id, encryption }: Pick<SessionKeys, 'id' | 'encryption'>, associated: string, plain: Uint8Array): Uint8Array {
  const once = randomBytes(nonce)
  const head = Buffer.concat([Uint8Array.of(version), id])
  const cipher = createCipheriv('aes-256-gcm', encryption, once, { authTagLength: tag })
  cipher.setAAD(Buffer.concat([head, Buffer.from(associated, 'utf8')]))
  return Buffer.concat([head, once, cipher.update(plain), cipher.final(), cipher.getAuthTag()])
}

function decrypt({ encryption }: Pick<SessionKeys, 'encryption'>, associated: string, sealed: Uint8Array): Buffer {
  const decipher = createDecipheriv('aes-256-gcm', encryption, sealed.subarray(header, header + nonce), { authTagLength: tag })
  decipher.setAAD(Buffer.concat([sealed.subarray(0, header), Buffer.from(associated, 'utf8')]))
  decipher.setAuthTag(sealed.subarray(-tag))
  try {
    return Buffer.concat([decipher.update(sealed.subarray(header + nonce, -tag)), decipher.final()])
  } catch {
    throw new SealError('not-authentic', 'What was sealed does not open: it was damaged, or moved from where it belongs.')
  }
}
