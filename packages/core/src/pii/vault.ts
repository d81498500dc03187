import { type Clock, systemClock } from '../clock.ts'
import type { Owner } from './owner.ts'
import { createSeal, type Seal, type SessionKeys } from './seal.ts'

export type { Owner } from './owner.ts'

/** Keeps which token stands for which value. Values are sealed at rest; a value's identity is a keyed hash, never a bare digest. */
export interface Vault {
  /**
   * The tokens for these values, in order: `<KIND_n>`, n from 1 per kind and session; the same value always gets the same token.
   * Numbers go on after `forget`: a token never comes to stand for another value. All are kept, or, when it rejects, none.
   * A `TypeError` for a kind that `kindPattern` does not match, a `RangeError` for a value longer than `maxValue`.
   */
  readonly keep: (owner: Owner, values: readonly { readonly kind: string; readonly value: string }[]) => Promise<readonly string[]>
  /** The values behind tokens of this session; `undefined` where it never kept one, or it was forgotten or expired. */
  readonly recall: (owner: Owner, tokens: readonly string[]) => Promise<readonly (string | undefined)[]>
  /** Destroys the session's data key: what it kept is unreadable for good. */
  readonly forget: (owner: Owner) => Promise<void>
}

/** What the kind in a token looks like: with a number of nine digits a token stays within 48 characters. */
export const kindPattern = /^[A-Z][A-Z0-9]*(?:_[A-Z][A-Z0-9]*)*$/
export const maxKind = 32

/** How long one value may be, in UTF-16 units: a whole input is the largest. */
export const maxValue = 4_000_000

/** Throws what `keep` throws for values that no vault keeps. Every adapter calls it first, so that a refused batch keeps nothing. */
export function checkValues(values: readonly { readonly kind: string; readonly value: string }[]): void {
  for (const { kind, value } of values) {
    if (kind.length > maxKind || !kindPattern.test(kind))
      throw new TypeError(`\`${kind.slice(0, 40)}\` is not a kind: write it like \`CREDIT_CARD\`, at most ${maxKind} characters.`)
    if (value.length > maxValue) throw new RangeError(`A ${kind} of ${value.length} characters is too long to keep: at most ${maxValue}.`)
  }
}

interface Session {
  readonly keys: SessionKeys
  readonly tokens: Map<string, string>
  readonly sealed: Map<string, { readonly kind: string; readonly bytes: Uint8Array }>
  expiresAt: number
}

/**
 * A vault for one process, gone with it. It seals like the stored ones, so that the heap holds no list of values in the clear.
 * A session expires `lifetime` milliseconds (a day) after it last kept something.
 */
export function memoryVault(options: { readonly seal?: Seal; readonly clock?: Clock; readonly lifetime?: number } = {}): Vault {
  const { seal = createSeal(crypto.getRandomValues(new Uint8Array(32))), clock = systemClock, lifetime = 86_400_000 } = options
  const sessions = new Map<string, Session>()
  const numbers = new Map<string, Map<string, number>>()

  const nameOf = ({ tenant, principal, session }: Owner) => JSON.stringify([tenant, principal, session])

  function alive(name: string): Session | undefined {
    for (const [each, { expiresAt }] of sessions) {
      if (expiresAt > clock.now()) break
      sessions.delete(each)
    }
    return sessions.get(name)
  }

  return {
    async keep(owner, values) {
      checkValues(values)
      const name = nameOf(owner)
      const session = alive(name) ?? { keys: seal.newKeys(owner).keys, tokens: new Map(), sealed: new Map(), expiresAt: 0 }
      const counts = numbers.get(name) ?? new Map<string, number>()
      session.expiresAt = clock.now() + lifetime
      sessions.delete(name)
      sessions.set(name, session)
      numbers.set(name, counts)
      return values.map(({ kind, value }) => {
        const identity = seal.identity(session.keys, kind, value)
        const known = session.tokens.get(identity)
        if (known) return known
        const number = (counts.get(kind) ?? 0) + 1
        const token = `<${kind}_${number}>`
        counts.set(kind, number)
        session.tokens.set(identity, token)
        session.sealed.set(token, { kind, bytes: seal.seal(session.keys, { ...owner, token, kind }, value) })
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
      sessions.delete(nameOf(owner))
    },
  }
}
