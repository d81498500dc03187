import { createPublicKey, verify } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { utf8, utf8Text } from './bytes.ts'
import { openEnvelope, pae, payloadType, sign, verifyEnvelope } from './envelope.ts'
import { localSigner } from './keys.ts'
import { spki } from './public-key.ts'
import { sampleSeed } from './sample.ts'

const signer = localSigner(sampleSeed('envelope'))

describe('the envelope', () => {
  it('encodes what is signed as DSSE says, counting bytes', () => {
    expect(utf8Text(pae('http://example.com/HelloWorld', utf8('hello world')))).toBe(
      'DSSEv1 29 http://example.com/HelloWorld 11 hello world',
    )
    expect(utf8Text(pae('ä', utf8('€')))).toBe('DSSEv1 2 ä 3 €')
    expect(utf8Text(pae('', utf8('')))).toBe('DSSEv1 0  0 ')
  })

  it('carries the payload and an Ed25519 signature that any verifier accepts', async () => {
    const text = await sign(signer, '{"a":1}')
    const envelope = openEnvelope(text)
    expect([utf8Text(envelope.payload), envelope.payloadType, envelope.keyId]).toEqual(['{"a":1}', payloadType, signer.key.id])
    expect(await verifyEnvelope(envelope, signer.key)).toBe(true)
    const key = createPublicKey({ key: Buffer.from(spki(signer.key.raw)), format: 'der', type: 'spki' })
    expect(verify(null, pae(payloadType, utf8('{"a":1}')), key, envelope.signature)).toBe(true)
  })

  it('does not verify with another key, type, payload or signature', async () => {
    const envelope = openEnvelope(await sign(signer, '{"a":1}'))
    const other = localSigner(sampleSeed('other')).key
    expect(await verifyEnvelope(envelope, other)).toBe(false)
    expect(await verifyEnvelope({ ...envelope, keyId: other.id }, other)).toBe(false)
    expect(await verifyEnvelope({ ...envelope, keyId: other.id }, signer.key)).toBe(false)
    expect(await verifyEnvelope({ ...envelope, payloadType: 'text/plain' }, signer.key)).toBe(false)
    expect(await verifyEnvelope({ ...envelope, payload: utf8('{"a":2}') }, signer.key)).toBe(false)
    expect(await verifyEnvelope({ ...envelope, signature: envelope.signature.slice(0, 63) }, signer.key)).toBe(false)
  })

  it('is opened only in canonical form, with one signature and no unknown member', async () => {
    const text = await sign(signer, '{}')
    const parts = JSON.parse(text)
    const [signature] = parts.signatures
    const bad = [
      ` ${text}`,
      text.replace('{"payload"', '{"extra":1,"payload"'),
      JSON.stringify({ ...parts, signatures: [] }),
      JSON.stringify({ ...parts, signatures: [signature, signature] }),
      JSON.stringify({ ...parts, signatures: [{ ...signature, z: 1 }] }),
      JSON.stringify({ ...parts, payload: 'e30' }),
      'null',
    ]
    for (const envelope of bad) expect(() => openEnvelope(envelope)).toThrow(TypeError)
  })
})
