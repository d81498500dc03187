import { createHmac, timingSafeEqual } from 'node:crypto'
import type { PrincipalId, TenantId } from '../call.ts'
import type { Clock } from '../clock.ts'
import type { JsonObject } from '../json.ts'
import { canonical, parseCanonical } from './canonical.ts'
import { disclose, type Opened } from './certificate.ts'
import { type AuditHead, noAudit } from './checkpoint.ts'
import { sha256 } from './digest.ts'
import { type Entry, type Ledger, type NewEntry, readLimit } from './ledger.ts'
import { aCount, aDigest, aText, aTime, either, exactly, mapOf, matching, nothing, oneOf, type Shape } from './shape.ts'
import { aFact } from './statement.ts'
import { serially } from './serially.ts'

/** Something that an operator or the system did. */
export interface AuditEvent {
  /** `login`, `policy.activated`, `pii.restored`, … */
  readonly type: string
  /** Who did it; absent for the system itself. */
  readonly principal?: PrincipalId
  /** Ids, kinds and counts, told openly: no personal data. */
  readonly facts?: JsonObject
  /** What may be personal data: only its salted digest is chained. */
  readonly sealed?: JsonObject
  /** Moves the tenant's epoch: what was decided before the event, and is not yet on record, is decided again. */
  readonly moves?: boolean
}

/** A key of the audit chain. Its holder can rewrite the chain, but not past a checkpoint that someone keeps. */
export interface AuditKey {
  readonly id: string
  readonly secret: Uint8Array
}

/** Names 32 random bytes as an audit key. Throws a `RangeError` for fewer. */
export function auditKey(secret: Uint8Array): AuditKey {
  if (secret.length < 32)
    throw new RangeError(`An audit key is 32 random bytes, not ${secret.length}: make one with \`openssl rand -base64 32\`.`)
  return { id: sha256('agentgate audit key id\n', secret).slice(0, 16), secret }
}

/** The audit chain of each tenant: event N is authenticated together with event N−1. */
export interface AuditLog {
  /**
   * Chains and appends an event; durable when it returns. With `keys`, only if no entry of the tenant has taken one of them.
   * `opened` is what the salted digests hide: the caller keeps it, or lets it go.
   */
  readonly record: (
    tenant: TenantId,
    event: AuditEvent,
    keys?: readonly string[],
  ) => Promise<{ readonly seq: number; readonly index: number; readonly opened: Opened } | { readonly taken: string }>
  /** The chain's head among the first `size` entries of the ledger. */
  readonly head: (tenant: TenantId, size: number) => Promise<AuditHead>
}

const isAuditBody = exactly({
  _type: oneOf('urn:agentgate:audit-event:1'),
  tenant: aText,
  seq: aCount,
  event: aText,
  at: aTime,
  principal: either(aText, nothing),
  facts: mapOf(aFact),
  key_id: matching(/^[0-9a-f]{16}$/),
  prev: aDigest,
  hash: aDigest,
})

/** An audit event as it stands in the ledger. `hash` is HMAC-SHA256 over the canonical form of all other members. */
export type AuditBody = typeof isAuditBody extends Shape<infer T> ? T : never

/** The audit event in an entry, or `undefined` when the entry holds none in its one canonical form. */
export function readAudit({ type, body }: Pick<Entry, 'type' | 'body'>): AuditBody | undefined {
  if (type !== 'audit') return undefined
  try {
    const value = parseCanonical(body)
    return isAuditBody(value) ? value : undefined
  } catch {
    return undefined
  }
}

/** The key that an event says was replaced: an audit key, or one that signs. */
export function replacedBy({ event, facts }: AuditBody): { readonly kind: string; readonly id: string } | undefined {
  if (event !== 'key.rotated') return undefined
  const [kind, id] = ['key', 'from'].map((name) => {
    const fact = facts[name]
    return fact && 'value' in fact && typeof fact.value === 'string' ? fact.value : undefined
  })
  return kind !== undefined && id !== undefined ? { kind, id } : undefined
}

/** Whether the event was authenticated with one of the keys. */
export function isAuthentic({ hash, ...event }: AuditBody, keys: readonly AuditKey[]): boolean {
  const key = keys.find(({ id }) => id === event.key_id)
  return key !== undefined && timingSafeEqual(Buffer.from(hash, 'hex'), Buffer.from(authenticate(key, event), 'hex'))
}

/** The head of the chain, and the key that its last event names; none before the first. */
interface Last extends AuditHead {
  readonly keyId?: string
}

/**
 * Writes the audit chain into a ledger. Writers in several processes agree through the ledger: event N takes the key `audit/N`.
 * Nothing is written behind an event of a key that is neither `key` nor one of those it replaced, `retired`: such a key replaces it.
 */
export function auditLog({
  ledger,
  key,
  retired = [],
  clock,
}: {
  readonly ledger: Ledger
  readonly key: AuditKey
  readonly retired?: readonly Pick<AuditKey, 'id'>[]
  readonly clock: Clock
}): AuditLog {
  const known = new Map<TenantId, { readonly size: number; readonly head: Last }>()
  const inTurn = serially<TenantId>()

  return {
    head: async (tenant, size) => {
      const { count, hash } = await last(tenant, size)
      return { count, hash }
    },
    record: (tenant, event, keys = []) => inTurn(tenant, () => chain(tenant, event, keys)),
  }

  async function chain(tenant: TenantId, { type, principal, facts = {}, sealed = {}, moves }: AuditEvent, keys: readonly string[]) {
    const told = disclose(facts, '', () => true)
    const hidden = disclose(sealed, '', () => false)
    const opened = { ...told.opened, ...hidden.opened }
    for (let tries = 0; tries < 100; tries++) {
      const { size } = await ledger.head(tenant)
      const { count, hash: prev, keyId = key.id } = await last(tenant, size)
      if (keyId !== key.id && !retired.some(({ id }) => id === keyId))
        throw new Error(`The audit key of this server was replaced by \`${keyId}\`: start it with that one.`)
      const seq = count + 1
      const event = {
        _type: 'urn:agentgate:audit-event:1' as const,
        tenant,
        seq,
        event: type,
        at: new Date(clock.now()).toISOString(),
        principal: principal ?? null,
        facts: { ...told.facts, ...hidden.facts },
        key_id: key.id,
        prev,
      }
      const hash = authenticate(key, event)
      const place = `audit/${seq}`
      const entry: NewEntry = { type: 'audit', body: canonical({ ...event, hash }), keys: [place, ...keys], ...(moves && { moves }) }
      const appended = await ledger.append(tenant, [entry])
      if ('first' in appended) {
        known.set(tenant, { size: appended.first + 1, head: { count: seq, hash, keyId: key.id } })
        return { seq, index: appended.first, opened }
      }
      if ('taken' in appended && appended.taken !== place) return appended
    }
    throw new Error(`The audit event \`${type}\` found no place in the chain: too many writers at once. Try again.`)
  }

  async function last(tenant: TenantId, size: number): Promise<Last> {
    const before = known.get(tenant) ?? { size: 0, head: noAudit }
    const start = before.size <= size ? before : { size: 0, head: noAudit }
    const found = (await lastAudit(tenant, start.size, size)) ?? start.head
    if (size >= before.size) known.set(tenant, { size, head: found })
    return found
  }

  /** Looks backwards: the last event is seldom far. */
  async function lastAudit(tenant: TenantId, from: number, to: number): Promise<Last | undefined> {
    for (let end = to; end > from; end -= readLimit) {
      const entries = await ledger.read(tenant, Math.max(from, end - readLimit), end)
      const last = entries.findLast(({ type }) => type === 'audit')
      if (!last) continue
      const event = readAudit(last)
      if (!event) throw new Error(`Entry ${last.index} of the ledger is a damaged audit event: verify the chain.`)
      return { count: event.seq, hash: event.hash, keyId: event.key_id }
    }
    return undefined
  }
}

function authenticate({ secret }: AuditKey, event: Omit<AuditBody, 'hash'>): string {
  return createHmac('sha256', secret).update(canonical(event)).digest('hex')
}
