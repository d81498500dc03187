import { type Bytes, concat, fromBase64, toBase64, utf8 } from './bytes.ts'
import { canonical, parseCanonical } from './canonical.ts'
import { type PublicKey, signedBy } from './public-key.ts'
import { aDigest, aText, exactly, listOf } from './shape.ts'
import type { Signer } from './signer.ts'

/** What a DSSE envelope of ours carries. */
export const payloadType = 'application/vnd.in-toto+json'

/** A signature, and the key that it says it is by. */
export interface Signature {
  readonly keyId: string
  readonly signature: Bytes
}

/** An opened envelope: nothing in it has been verified yet. */
export interface Envelope extends Signature {
  readonly payload: Bytes
  readonly payloadType: string
  /** Of the same payload, by others: of grants, by their issuers. */
  readonly cosigned: readonly Signature[]
}

/** What is signed: DSSE's pre-authentication encoding of type and payload (secure-systems-lab/dsse, protocol.md). */
export function pae(type: string, payload: Uint8Array): Bytes {
  return concat(utf8(`DSSEv1 ${utf8(type).length} ${type} ${payload.length} `), payload)
}

/** A signature of a payload, without an envelope around it. */
export async function signatureOf(signer: Signer, payload: string): Promise<Signature> {
  return { keyId: signer.key.id, signature: await signer.sign(pae(payloadType, utf8(payload))) }
}

/** Signs a payload and wraps it, with what others signed of it: the envelope's canonical JSON, which is the leaf in the ledger. */
export async function sign(signer: Signer, payload: string, cosigned: readonly Signature[] = []): Promise<string> {
  const signatures = [await signatureOf(signer, payload), ...cosigned].map(({ keyId, signature }) => ({
    keyid: keyId,
    sig: toBase64(signature),
  }))
  return canonical({ payload: toBase64(utf8(payload)), payloadType, signatures })
}

/**
 * Opens an envelope of ours: one signature, or `most`, canonical form, no unknown member. Throws a `TypeError` or `SyntaxError`
 * for anything else. It verifies no signature.
 */
export function openEnvelope(text: string, most = 1): Envelope {
  const value = parseCanonical(text)
  if (!isEnvelope(value)) throw new TypeError('Not a DSSE envelope with exactly `payload`, `payloadType` and `signatures`.')
  const [own, ...cosigned] = value.signatures.map(({ keyid, sig }) => ({ keyId: keyid, signature: fromBase64(sig) }))
  if (!own || cosigned.length >= most)
    throw new TypeError(most === 1 ? 'The envelope has not exactly one signature.' : `The envelope has not from 1 to ${most} signatures.`)
  return { payload: fromBase64(value.payload), payloadType: value.payloadType, ...own, cosigned }
}

/** Whether the envelope was signed by that key, and says so first. */
export async function verifyEnvelope(envelope: Envelope, key: PublicKey): Promise<boolean> {
  return isOf(envelope, envelope, key)
}

/** Whether that key is the one other that signed the same payload. */
export async function isCosigned(envelope: Envelope, key: PublicKey): Promise<boolean> {
  const [only, ...more] = envelope.cosigned
  return only !== undefined && more.length === 0 && isOf(envelope, only, key)
}

async function isOf({ payloadType: type, payload }: Envelope, { keyId, signature }: Signature, key: PublicKey): Promise<boolean> {
  return keyId === key.id && (await signedBy(key, signature, pae(type, payload)))
}

const isEnvelope = exactly({ payload: aText, payloadType: aText, signatures: listOf(exactly({ keyid: aDigest, sig: aText })) })
