import { describe, expect, it } from 'vitest'
import type { SessionId, TenantId } from '../call.ts'
import type { Owner } from './owner.ts'
import { createSeal, type Place, SealError } from './seal.ts'

const owner: Owner = { tenant: 'acme' as TenantId, principal: 'User::u', session: 's1' as SessionId }
const place: Place = { tenant: 'acme', session: 's1', token: '<SSN_1>', kind: 'SSN' }
const secret = (byte: number) => new Uint8Array(32).fill(byte)

describe('a seal', () => {
  it('opens what it sealed, in its place and nowhere else', () => {
    const seal = createSeal(secret(1))
    const { keys } = seal.newKeys(owner)
    const sealed = seal.seal(keys, place, 'é 123-45-6789')
    expect(seal.open(keys, place, sealed)).toBe('é 123-45-6789')
    const elsewhere: Partial<Place>[] = [{ tenant: 'b' }, { session: 's2' }, { token: '<SSN_2>' }, { kind: 'EMAIL' }]
    for (const moved of elsewhere) expect(() => seal.open(keys, { ...place, ...moved }, sealed)).toThrow(SealError)
  })

  it('never seals the same value to the same bytes, nor shows it', () => {
    const seal = createSeal(secret(1))
    const { keys } = seal.newKeys(owner)
    const [a, b] = [seal.seal(keys, place, '123-45-6789'), seal.seal(keys, place, '123-45-6789')]
    expect(Buffer.from(a).equals(Buffer.from(b))).toBe(false)
    expect(Buffer.from(a).includes('6789')).toBe(false)
  })

  it('notices every changed byte and every cut', () => {
    const seal = createSeal(secret(1))
    const { keys, wrapped } = seal.newKeys(owner)
    const sealed = seal.seal(keys, place, 'x')
    for (let at = 0; at < sealed.length; at++) {
      const bad = Uint8Array.from(sealed, (byte, index) => (index === at ? byte ^ 1 : byte))
      expect(() => seal.open(keys, place, bad)).toThrow(SealError)
      expect(() => seal.open(keys, place, sealed.subarray(0, at))).toThrow(SealError)
    }
    for (let at = 0; at < wrapped.length; at++) {
      const bad = Uint8Array.from(wrapped, (byte, index) => (index === at ? byte ^ 1 : byte))
      expect(() => seal.unwrap(owner, bad)).toThrow(SealError)
    }
  })

  it('unwraps the keys of a session for their owner alone', () => {
    const seal = createSeal(secret(1))
    const { keys, wrapped } = seal.newKeys(owner)
    expect(seal.unwrap(owner, wrapped)).toEqual(keys)
    for (const stranger of [{ tenant: 'b' as TenantId }, { principal: 'User::v' }, { session: 's2' as SessionId }]) {
      expect(() => seal.unwrap({ ...owner, ...stranger }, wrapped)).toThrow(SealError)
    }
    expect(() => createSeal(secret(2)).unwrap(owner, wrapped)).toThrow(expect.objectContaining({ code: 'unknown-key' }))
  })

  it('re-wraps under a new secret, keeps reading the old one, and opens no value to do it', () => {
    const old = createSeal(secret(1))
    const { keys, wrapped } = old.newKeys(owner)
    const sealed = old.seal(keys, place, 'x')
    const next = createSeal(secret(2), [secret(1)])
    expect(next.unwrap(owner, wrapped)).toEqual(keys)
    const again = next.rewrap(owner, wrapped)
    if (!again) throw new Error('not re-wrapped')
    expect(next.rewrap(owner, again)).toBeUndefined()
    const later = createSeal(secret(2))
    expect(later.open(later.unwrap(owner, again), place, sealed)).toBe('x')
    expect(() => later.unwrap(owner, wrapped)).toThrow(SealError)
  })

  it('tells equal values apart from others by a key of the session', () => {
    const seal = createSeal(secret(1))
    const [{ keys }, { keys: others }] = [seal.newKeys(owner), seal.newKeys(owner)]
    const identity = seal.identity(keys, 'SSN', 'x')
    expect(seal.identity(keys, 'SSN', 'x')).toBe(identity)
    expect(identity).toMatch(/^[\w-]{43}$/)
    expect(seal.identity(keys, 'SSN', 'y')).not.toBe(identity)
    expect(seal.identity(keys, 'EMAIL', 'x')).not.toBe(identity)
    expect(seal.identity(others, 'SSN', 'x')).not.toBe(identity)
    expect(Buffer.from(keys.encryption).equals(Buffer.from(keys.identity))).toBe(false)
  })

  it('refuses a secret that is too short', () => {
    expect(() => createSeal(new Uint8Array(31))).toThrow(RangeError)
    expect(() => createSeal(secret(1), [new Uint8Array(16)])).toThrow(RangeError)
  })
})
