import { type Clock, systemClock } from '../clock.ts'
import type { SessionId, TenantId } from '../call.ts'
import type { JsonObject } from '../json.ts'
import { counted, type Custody, type Destroyed, type HeldSession, nothingDestroyed } from './custody.ts'
import type { Owner } from './owner.ts'
import { createSeal, keyName, type Seal, type SessionKeys } from './seal.ts'

export type { Owner } from './owner.ts'

/** Keeps which token stands for which value. Values are sealed at rest; a value's identity is a keyed hash, never a bare digest. */
export interface Vault {
  /** Opens a session on terms of its own, before anything is kept in it. `false` when there is such a session: it stays as it is. */
  readonly open: (owner: Owner, terms: Terms) => Promise<boolean>
  /**
   * The tokens for these values, in order: `<KIND_n>`, n from 1 per kind and session; the same value always gets the same token.
   * Numbers go on after `forget`: a token never comes to stand for another value. All are kept, or, when it rejects, none.
   * A `TypeError` for a kind that `kindPattern` does not match, a `RangeError` for a value longer than `maxValue`. A session that
   * is not there opens on the usual terms; one without a subject takes that of the owner.
   */
  readonly keep: (owner: Owner, values: readonly { readonly kind: string; readonly value: string }[]) => Promise<readonly string[]>
  /**
   * The values behind tokens of this session; `undefined` where it never kept one, or it was forgotten or expired. Rejects with a
   * `SealError`, and answers none of them, when one was damaged, moved, or sealed under a key that is not here.
   */
  readonly recall: (owner: Owner, tokens: readonly string[]) => Promise<readonly (string | undefined)[]>
  /** Destroys the session's data key: what it kept is unreadable for good. */
  readonly forget: (owner: Owner) => Promise<Destroyed>
}

/** How long a session lives, and what is to be known of it. */
export interface Terms {
  /** Milliseconds after it last kept something; as long as the vault does unless told. */
  readonly lifetime?: number
  /** When it ends, however much it is used: milliseconds since 1970. */
  readonly until?: number
  /** Purpose, channel and the like. No personal data. */
  readonly about?: JsonObject
}

/** How long sessions live after they last kept something, unless told otherwise: a day. */
export const usualLifetime = 86_400_000

/** The same of sessions that keep private records, which evidence is shown from: 400 days, whatever is told of the others. */
export const recordsLifetime = 400 * 86_400_000

/** How long a session of this name lives where its terms say nothing. */
export function lifetimeOf(session: string, usual: number): number {
  return session.startsWith(recordsPrefix) ? recordsLifetime : usual
}

/** What the kind in a token looks like: with a number of nine digits a token stays within 48 characters. */
export const kindPattern = /^[A-Z][A-Z0-9]*(?:_[A-Z][A-Z0-9]*)*$/
export const maxKind = 32

/** How long one value may be, in UTF-16 units: a whole input is the largest. */
export const maxValue = 4_000_000

/** What the names of sessions begin with that keep private records of calls. No caller can name such a session. */
export const recordsPrefix = 'records/'

/** The session beside a session that keeps the private records of its calls: under a key of its own, for a time of its own. */
export function recordsOf(owner: Owner): Owner {
  return { ...owner, session: `${recordsPrefix}${owner.session}` as SessionId }
}

/** Throws what `keep` throws for values that no vault keeps. Every adapter calls it first, so that a refused batch keeps nothing. */
export function checkValues(values: readonly { readonly kind: string; readonly value: string }[]): void {
  for (const { kind, value } of values) {
    if (kind.length > maxKind || !kindPattern.test(kind))
      throw new TypeError(`\`${kind.slice(0, 40)}\` is not a kind: write it like \`CREDIT_CARD\`, at most ${maxKind} characters.`)
    if (value.length > maxValue) throw new RangeError(`A ${kind} of ${value.length} characters is too long to keep: at most ${maxValue}.`)
  }
}

interface Session {
  readonly number: number
  readonly owner: Owner
  readonly keys: SessionKeys
  readonly tokens: Map<string, string>
  readonly sealed: Map<string, { readonly kind: string; readonly bytes: Uint8Array; keptAt: number }>
  readonly terms: Terms
  readonly openedAt: number
  subject: string | undefined
  /** The name of the tenant's key that it is under. */
  under: string
  expiresAt: number
}

/**
 * A vault for one process, gone with it. It seals like the stored ones, so that the heap holds no list of values in the clear; the
 * keys of a tenant are names here, as nothing lies anywhere to be wrapped. A session expires `lifetime` milliseconds (a day)
 * after it last kept something.
 */
export function memoryVault(options: { readonly seal?: Seal; readonly clock?: Clock; readonly lifetime?: number } = {}): Vault & Custody {
  const { seal = createSeal(crypto.getRandomValues(new Uint8Array(32))), clock = systemClock, lifetime = usualLifetime } = options
  const sessions = new Map<string, Session>()
  const numbers = new Map<string, Map<string, number>>()
  const tenantKeys = new Map<TenantId, { readonly name: string; readonly madeAt: number }[]>()
  let opened = 0
  let sweepAt = 0

  const nameOf = ({ tenant, principal, session }: Owner) => JSON.stringify([tenant, principal, session])

  function alive(name: string): Session | undefined {
    if (clock.now() >= sweepAt) {
      for (const [each, { expiresAt }] of sessions) if (expiresAt <= clock.now()) sessions.delete(each)
      sweepAt = clock.now() + 60_000
    }
    const found = sessions.get(name)
    if (!found || found.expiresAt > clock.now()) return found
    sessions.delete(name)
    return undefined
  }

  function keysOf(tenant: TenantId) {
    const keys = tenantKeys.get(tenant) ?? []
    tenantKeys.set(tenant, keys)
    if (keys.length === 0) keys.push(newKey(tenant))
    return keys
  }

  function newKey(tenant: TenantId) {
    return { name: keyName(seal.newKey({ tenant, purpose: 'tenant' }).key), madeAt: clock.now() }
  }

  function open(owner: Owner, terms: Terms): Session {
    const { subject } = owner
    const session: Session = {
      number: ++opened,
      owner,
      keys: seal.newKeys(owner).keys,
      tokens: new Map(),
      sealed: new Map(),
      terms,
      openedAt: clock.now(),
      subject,
      under: keysOf(owner.tenant).at(-1)?.name ?? '',
      expiresAt: 0,
    }
    renew(session)
    sessions.set(nameOf(owner), session)
    return session
  }

  function renew(session: Session): void {
    session.expiresAt = Math.min(
      clock.now() + (session.terms.lifetime ?? lifetimeOf(session.owner.session, lifetime)),
      session.terms.until ?? Infinity,
    )
  }

  function destroy(gone: readonly Session[]): Destroyed {
    for (const session of gone) sessions.delete(nameOf(session.owner))
    return {
      keys: gone.map(({ keys }) => keyName(keys)),
      sessions: gone.length,
      kinds: counted(gone.flatMap(({ sealed }) => [...sealed.values()].map(({ kind }) => kind))),
    }
  }

  function ofTenant(tenant: TenantId): readonly Session[] {
    return [...sessions.values()].filter(({ owner, expiresAt }) => owner.tenant === tenant && expiresAt > clock.now())
  }

  return {
    async open(owner, terms) {
      if (alive(nameOf(owner))) return false
      open(owner, terms)
      return true
    },

    async keep(owner, values) {
      checkValues(values)
      const name = nameOf(owner)
      if (values.length === 0) return []
      const session = alive(name) ?? open(owner, {})
      const counts = numbers.get(name) ?? new Map<string, number>()
      numbers.set(name, counts)
      session.subject ??= owner.subject
      renew(session)
      return values.map(({ kind, value }) => {
        const identity = seal.identity(session.keys, kind, value)
        const known = session.tokens.get(identity)
        const kept = known === undefined ? undefined : session.sealed.get(known)
        if (known !== undefined && kept) {
          kept.keptAt = clock.now()
          return known
        }
        const number = (counts.get(kind) ?? 0) + 1
        const token = `<${kind}_${number}>`
        counts.set(kind, number)
        session.tokens.set(identity, token)
        session.sealed.set(token, { kind, bytes: seal.seal(session.keys, { ...owner, token, kind }, value), keptAt: clock.now() })
        return token
      })
    },

    async recall(owner, tokens) {
      const session = alive(nameOf(owner))
      return tokens.map((token) => {
        const kept = session?.sealed.get(token)
        return session && kept && seal.open(session.keys, { ...owner, token, kind: kept.kind }, kept.bytes)
      })
    },

    async forget(owner) {
      const session = alive(nameOf(owner))
      return session ? destroy([session]) : nothingDestroyed
    },

    async sessions(tenant, { principal, session, before = Infinity, limit }) {
      return ofTenant(tenant)
        .filter(({ owner }) => !owner.session.startsWith(recordsPrefix))
        .filter(({ owner }) => owner.principal === (principal ?? owner.principal) && owner.session === (session ?? owner.session))
        .filter(({ number }) => number < before)
        .toSorted((a, b) => b.number - a.number)
        .slice(0, limit)
        .map(held)
    },

    async holdings(tenant) {
      const living = ofTenant(tenant)
      const values = living.flatMap(({ sealed }) => [...sealed.values()])
      const current = keysOf(tenant).at(-1)?.name
      return {
        sessions: living.filter(({ owner }) => !owner.session.startsWith(recordsPrefix)).length,
        subjects: new Set(living.flatMap(({ subject }) => subject ?? [])).size,
        kinds: Object.entries(counted(values.map(({ kind }) => kind))).map(([kind, count]) => ({
          kind,
          count,
          oldest: Math.min(...values.filter((each) => each.kind === kind).map(({ keptAt }) => keptAt)),
        })),
        keys: keysOf(tenant).map((key) => ({
          ...key,
          current: key.name === current,
          wraps: living.filter(({ under }) => under === key.name).length,
        })),
      }
    },

    async present(tenant, keys) {
      const sealing = ofTenant(tenant).flatMap((session) => (session.sealed.size > 0 ? [keyName(session.keys)] : []))
      const there = new Set([...keysOf(tenant).map(({ name }) => name), ...sealing])
      return keys.filter((name) => there.has(name))
    },

    async rotate(tenant) {
      const from = keysOf(tenant).at(-1)?.name
      const key = newKey(tenant)
      keysOf(tenant).push(key)
      return { ...(from !== undefined && { from }), to: key.name }
    },

    async rewrap(tenant, limit) {
      const current = keysOf(tenant).at(-1)
      const old = ofTenant(tenant).filter(({ under }) => under !== current?.name)
      const now = old.slice(0, limit)
      for (const session of now) session.under = current?.name ?? ''
      if (current && now.length === old.length) tenantKeys.set(tenant, [current])
      return { rewrapped: now.length, left: old.length - now.length, damaged: [] }
    },

    erase: async (tenant, subject) => destroy(ofTenant(tenant).filter((session) => session.subject === subject)),

    async purge(tenant, retention = {}) {
      const over = [...sessions.values()].filter(({ owner, expiresAt }) => owner.tenant === tenant && expiresAt <= clock.now())
      const gone = destroy(over)
      const kinds: string[] = []
      for (const { tokens, sealed } of ofTenant(tenant))
        for (const [identity, token] of tokens) {
          const kept = sealed.get(token)
          if (!kept || kept.keptAt + (retention[kept.kind] ?? Infinity) > clock.now()) continue
          tokens.delete(identity)
          sealed.delete(token)
          kinds.push(kept.kind)
        }
      return { ...gone, kinds: counted([...expand(gone.kinds), ...kinds]) }
    },
  }

  function held({ number, owner, terms, openedAt, expiresAt, subject, under, sealed }: Session): HeldSession {
    const { principal, session } = owner
    const kinds = counted([...sealed.values()].map(({ kind }) => kind))
    return { number, principal, session, about: terms.about ?? {}, openedAt, expiresAt, subject: subject !== undefined, key: under, kinds }
  }
}

function expand(kinds: Destroyed['kinds']): readonly string[] {
  return Object.entries(kinds).flatMap(([kind, count]) => Array.from({ length: count }, () => kind))
}
