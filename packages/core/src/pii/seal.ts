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

/** A key that wraps keys, or says which subject is meant. It lives in memory only; at rest there is only its wrapping. */
export interface WrappingKey {
  readonly id: Uint8Array
  readonly encryption: Uint8Array
}

/** The two keys of one session, independent of each other. They live in memory only; at rest there is only their wrapping. */
export interface SessionKeys extends WrappingKey {
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
 * What a wrapping key is for: `tenant` wraps the keys of sessions and subjects, `subject` those of the sessions that are about
 * one person, and `index` hides who a subject is.
 */
export interface KeyPlace {
  readonly tenant: string
  readonly purpose: 'tenant' | 'subject' | 'index'
  /** The blind index of the subject that a subject's key is for. */
  readonly subject?: string
}

/**
 * Seals values with AES-256-GCM under a random 96-bit nonce, at most 2^32 of them a session (NIST SP 800-38D, 8.3). All keys are
 * random but the root of a tenant, which derives from the configured secret:
 *
 * ```
 * secret → root of a tenant ─┬→ tenant's key ─┬→ session's keys → values
 *                            └→ index key     └→ subject's key → session's keys → values
 *
 * wrapped = 0x01 ‖ id of the key that wraps (8) ‖ nonce (12) ‖ key (32), or encryption and identity key (64) ‖ tag (16)
 * sealed  = 0x01 ‖ id of the session's keys (8) ‖ nonce (12) ‖ value in UTF-8 ‖ tag (16)
 * ```
 *
 * The associated data is the nine bytes of the header and a JSON array: of a label, the tenant, principal and session for a
 * session's keys; of a label, the tenant, purpose and subject's index for other keys; of a label, the tenant, session, token and
 * kind for `sealed`. Where a key that wraps is left out it is the root of the tenant.
 */
export interface Seal {
  /** Fresh keys, and their wrapping to store. To destroy every copy of the wrapping is to destroy all that they sealed. */
  readonly newKeys: (owner: Owner, under?: WrappingKey) => { readonly keys: SessionKeys; readonly wrapped: Uint8Array }
  /** Throws a `SealError` when the key that wraps is another, or the wrapping is damaged or another owner's. */
  readonly unwrap: (owner: Owner, wrapped: Uint8Array, under?: WrappingKey) => SessionKeys
  /** The same keys wrapped anew, no value opened: under the newest root, or `to`. `undefined` when they are already. */
  readonly rewrap: (owner: Owner, wrapped: Uint8Array, under?: WrappingKey, to?: WrappingKey) => Uint8Array | undefined
  readonly newKey: (place: KeyPlace, under?: WrappingKey) => { readonly key: WrappingKey; readonly wrapped: Uint8Array }
  /** As `unwrap`. */
  readonly unwrapKey: (place: KeyPlace, wrapped: Uint8Array, under?: WrappingKey) => WrappingKey
  /** As `rewrap`. */
  readonly rewrapKey: (place: KeyPlace, wrapped: Uint8Array, under?: WrappingKey, to?: WrappingKey) => Uint8Array | undefined
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
  const roots = new Map<string, readonly WrappingKey[]>()

  /** The roots of a tenant, the newest first. */
  function rootsOf(tenant: string): readonly WrappingKey[] {
    const known = roots.get(tenant) ?? [secret, ...replaced].map((each) => rootKey(each, tenant))
    if (roots.size > 1000) roots.clear()
    roots.set(tenant, known)
    return known
  }

  function newest(tenant: string): WrappingKey {
    return rootsOf(tenant)[0] ?? rootKey(secret, tenant)
  }

  function opened(tenant: string, bound: string, wrapped: Uint8Array, under?: WrappingKey) {
    const name = keyNamed(wrapped)
    const key = (under ? [under] : rootsOf(tenant)).find((each) => keyName(each) === name)
    if (!key) throw new SealError('unknown-key', unknown)
    return { key, bytes: decrypt(key, bound, wrapped) }
  }

  /** Wrapped anew under `to`, unless it is already. */
  function again(tenant: string, bound: string, wrapped: Uint8Array, under?: WrappingKey, to = newest(tenant)): Uint8Array | undefined {
    const { key, bytes } = opened(tenant, bound, wrapped, under)
    return Buffer.compare(key.id, to.id) === 0 ? undefined : encrypt(to, bound, bytes)
  }

  return {
    newKeys(owner, under = newest(owner.tenant)) {
      const both = randomBytes(64)
      return { keys: sessionKeys(both), wrapped: encrypt(under, boundTo(owner), both) }
    },
    unwrap: (owner, wrapped, under) => sessionKeys(opened(owner.tenant, boundTo(owner), wrapped, under).bytes),
    rewrap: (owner, wrapped, under, to) => again(owner.tenant, boundTo(owner), wrapped, under, to),
    newKey(place, under = newest(place.tenant)) {
      const key = wrappingKey(randomBytes(32))
      return { key, wrapped: encrypt(under, purposeOf(place), key.encryption) }
    },
    unwrapKey: (place, wrapped, under) => wrappingKey(opened(place.tenant, purposeOf(place), wrapped, under).bytes),
    rewrapKey: (place, wrapped, under, to) => again(place.tenant, purposeOf(place), wrapped, under, to),
    seal: (keys, place, value) => encrypt(keys, belongs(place), Buffer.from(value, 'utf8')),
    open(keys, place, sealed) {
      if (keyNamed(sealed) !== keyName(keys)) throw new SealError('unknown-key', 'The value was sealed under the keys of another session.')
      return decrypt(keys, belongs(place), sealed).toString('utf8')
    },
    identity: (keys, kind, value) =>
      createHmac('sha256', keys.identity)
        .update(JSON.stringify([kind, value]))
        .digest('base64url'),
  }
}

const unknown =
  'The keys of the session are wrapped by a key that is not here: it was destroyed, or the secret that it derives from is not configured.'

/** Who a subject is, hidden: HMAC-SHA-256 under the tenant's index key, base64url. */
export function subjectIndex({ encryption }: WrappingKey, subject: string): string {
  return createHmac('sha256', encryption)
    .update(JSON.stringify(['agentgate/pii/subject', subject.normalize('NFC')]))
    .digest('base64url')
}

/** The id of a key in hex, as evidence names it. */
export function keyName({ id }: Pick<WrappingKey, 'id'>): string {
  return Buffer.from(id).toString('hex')
}

/** The name of the key that wraps or sealed these bytes, as their header says. Throws a `SealError` for what has no header. */
export function keyNamed(wrapped: Uint8Array): string {
  if (wrapped.length < header + nonce + tag || wrapped[0] !== version)
    throw new SealError('not-authentic', 'What was sealed is cut short, or of a format that this version does not know.')
  return Buffer.from(wrapped.subarray(1, header)).toString('hex')
}

/** The names of the keys that sealed these, without what has no header. */
export function keysNamed(sealed: readonly Uint8Array[]): ReadonlySet<string> {
  const names = new Set<string>()
  for (const each of sealed) {
    try {
      names.add(keyNamed(each))
    } catch {
      continue
    }
  }
  return names
}

function boundTo({ tenant, principal, session }: Owner): string {
  return JSON.stringify(['agentgate/pii/keys', tenant, principal, session])
}

function purposeOf({ tenant, purpose, subject = '' }: KeyPlace): string {
  return JSON.stringify(['agentgate/pii/key', tenant, purpose, subject])
}

function belongs({ tenant, session, token, kind }: Place): string {
  return JSON.stringify(['agentgate/pii/value', tenant, session, token, kind])
}

/** The tenant's root: HKDF-SHA-256 (RFC 5869) of the secret, salted with the tenant. */
function rootKey(secret: Uint8Array, tenant: string): WrappingKey {
  return wrappingKey(new Uint8Array(hkdfSync('sha256', secret, Buffer.from(tenant, 'utf8'), 'agentgate/pii/key-encryption', 32)))
}

function wrappingKey(encryption: Uint8Array): WrappingKey {
  return { id: idOf(encryption), encryption }
}

function sessionKeys(both: Uint8Array): SessionKeys {
  return { ...wrappingKey(both.subarray(0, 32)), identity: both.subarray(32, 64) }
}

function idOf(key: Uint8Array): Uint8Array {
  return createHmac('sha256', key).update('agentgate/pii/key-id').digest().subarray(0, 8)
}

function encrypt({ id, encryption }: WrappingKey, associated: string, plain: Uint8Array): Uint8Array {
  const once = randomBytes(nonce)
  const head = Buffer.concat([Uint8Array.of(version), id])
  const cipher = createCipheriv('aes-256-gcm', encryption, once, { authTagLength: tag })
  cipher.setAAD(Buffer.concat([head, Buffer.from(associated, 'utf8')]))
  return Buffer.concat([head, once, cipher.update(plain), cipher.final(), cipher.getAuthTag()])
}

function decrypt({ encryption }: WrappingKey, associated: string, sealed: Uint8Array): Buffer {
  const decipher = createDecipheriv('aes-256-gcm', encryption, sealed.subarray(header, header + nonce), { authTagLength: tag })
  decipher.setAAD(Buffer.concat([sealed.subarray(0, header), Buffer.from(associated, 'utf8')]))
  decipher.setAuthTag(sealed.subarray(-tag))
  try {
    return Buffer.concat([decipher.update(sealed.subarray(header + nonce, -tag)), decipher.final()])
  } catch {
    throw new SealError('not-authentic', 'What was sealed does not open: it was damaged, or moved from where it belongs.')
  }
}
