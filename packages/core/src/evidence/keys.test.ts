import { generateKeyPairSync } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { toBase64, toHex, utf8 } from './bytes.ts'
import { sha256 } from './digest.ts'
import { localSigner, signingKeys } from './keys.ts'
import { fromSpki, publicKey, signedBy, spki } from './public-key.ts'
import { sampleSeed } from './sample.ts'
import { parseTrust } from './trust.ts'

describe('signing keys', () => {
  it('sign as RFC 8032 says (section 7.1, test 1 and 2)', async () => {
    const one = localSigner(Buffer.from('9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60', 'hex'))
    expect(toHex(one.key.raw)).toBe('d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a')
    expect(toHex(await one.sign(new Uint8Array()))).toBe(
      'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b',
    )
    const two = localSigner(Buffer.from('4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb', 'hex'))
    const signature = await two.sign(Uint8Array.of(0x72))
    expect(await signedBy(two.key, signature, Uint8Array.of(0x72))).toBe(true)
    expect(await signedBy(two.key, signature, Uint8Array.of(0x73))).toBe(false)
  })

  it('are named by the SHA-256 of their SubjectPublicKeyInfo', async () => {
    const { key } = localSigner(sampleSeed('a'))
    expect(key.id).toBe(sha256(spki(key.raw)))
    expect(await publicKey(key.raw)).toEqual(key)
  })

  it('refuse what is not 32 random bytes', () => {
    for (const seed of [new Uint8Array(0), new Uint8Array(31), new Uint8Array(64)])
      expect(() => localSigner(seed)).toThrow(/32 random bytes/)
    expect(() => localSigner(new Uint8Array(32))).toThrow(/not random/)
    expect(() => localSigner(new Uint8Array(32).fill(7))).toThrow(RangeError)
  })

  it('publish themselves and their history as a JWKS', () => {
    const old = localSigner(sampleSeed('old'))
    const keys = signingKeys(sampleSeed('new'), [{ raw: old.key.raw, until: Date.UTC(2026, 0, 2) }])
    const x = (raw: Uint8Array) => Buffer.from(raw).toString('base64url')
    expect(keys.jwks()).toEqual({
      keys: [
        { kty: 'OKP', crv: 'Ed25519', alg: 'EdDSA', use: 'sig', kid: keys.signer.key.id, x: x(keys.signer.key.raw) },
        { kty: 'OKP', crv: 'Ed25519', alg: 'EdDSA', use: 'sig', kid: old.key.id, x: x(old.key.raw), until: '2026-01-02T00:00:00.000Z' },
      ],
    })
    expect(() => signingKeys(sampleSeed('old'), [{ raw: old.key.raw, until: 1 }])).toThrow(/retired/)
  })

  it('are not any other kind of key', () => {
    const rsa = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'der', type: 'spki' })
    expect(() => fromSpki(rsa)).toThrow(TypeError)
    expect(() => spki(new Uint8Array(33))).toThrow(RangeError)
  })
})

describe('pinned keys', () => {
  const one = localSigner(sampleSeed('one')).key
  const two = localSigner(sampleSeed('two')).key
  const pem = (raw: Uint8Array) => `-----BEGIN PUBLIC KEY-----\n${toBase64(spki(raw))}\n-----END PUBLIC KEY-----\n`

  it('are read from a JWKS, a JWK, PEM and fingerprints', async () => {
    const keys = signingKeys(sampleSeed('one'), [{ raw: two.raw, until: 1 }])
    expect(await parseTrust(JSON.stringify(keys.jwks()))).toEqual([one, { ...two, until: 1 }])
    const [jwk] = keys.jwks()['keys'] as unknown[]
    expect(await parseTrust(JSON.stringify(jwk))).toEqual([one])
    expect(await parseTrust(`${pem(one.raw)}${pem(two.raw)}`)).toEqual([one, two])
    expect(await parseTrust(` sha256:${one.id}, ${two.id.toUpperCase()}\n`)).toEqual([{ id: one.id }, { id: two.id }])
    expect(await parseTrust(one.id.replace(/..(?=.)/g, '$&:'))).toEqual([{ id: one.id }])
  })

  it.each([
    ['nothing', ''],
    ['an empty set', '{"keys":[]}'],
    ['another curve', '{"keys":[{"kty":"OKP","crv":"X25519","x":"AAAA"}]}'],
    ['a key that is too short', '{"kty":"OKP","crv":"Ed25519","x":"AAA"}'],
    ['a member that is no key', '{"keys":[1]}'],
    ['an end that is no time', JSON.stringify(signingKeys(sampleSeed('one'), [{ raw: two.raw, until: 1 }]).jwks()).replace('1970', 'now')],
    ['half a fingerprint', 'abcd'],
    ['a good pin and a bad one', `${'a'.repeat(64)},zz`],
    ['a private key', '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----'],
    ['PEM and something else', `${pem(one.raw)}\nand more`],
    ['PEM of another kind of key', '-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----'],
  ])('are not read from %s', async (_, text) => {
    await expect(parseTrust(text)).rejects.toThrow()
  })

  it('are compared by bytes, so a fingerprint alone is the key of nobody else', async () => {
    expect((await publicKey(utf8('x'.repeat(32)))).id).not.toBe(one.id)
  })
})
