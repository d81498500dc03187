import { type Bytes, concat, fromBase64, toBase64, utf8 } from './bytes.ts'
import { canonical, parseCanonical } from './canonical.ts'
import { type PublicKey, signedBy } from './public-key.ts'
import { aDigest, aText, exactly, listOf } from './shape.ts'
import type { Signer } from './signer.ts'

/** What a DSSE envelope of ours carries. */
export const payloadType = 'application/vnd.in-toto+json'

/** An opened envelope: nothing in it has been verified yet. */
export interface Envelope {
  readonly payload: Bytes
  readonly payloadType: string
  readonly keyId: string
  readonly signature: Bytes
}

/** What is signed: DSSE's pre-authentication encoding of type and payload (secure-systems-lab/dsse, protocol.md). */
export function pae(type: string, payload: Uint8Array): Bytes {
  return concat(utf8(`DSSEv1 ${utf8(type).length} ${type} ${payload.length} `), payload)
}

/** Signs a payload and wraps it: the envelope's canonical JSON, which is the leaf in the ledger. */
export async function sign(signer: Signer, payload: string): Promise<string> {
  const bytes = utf8(payload)
  const sig = toBase64(await signer.sign(pae(payloadType, bytes)))
  return canonical({ payload: toBase64(bytes), payloadType, signatures: [{ keyid: signer.key.id, sig }] })
}

/**
 * Opens an envelope of ours: one signature, canonical form, no unknown member. Throws a `TypeError` or `SyntaxError`
 * for anything else. It does not verify the signature.
 */
export function openEnvelope(text: string): Envelope {
  const value = parseCanonical(text)
  if (!isEnvelope(value)) throw new TypeError('Not a DSSE envelope with exactly `payload`, `payloadType` and `signatures`.')
  const [signature, ...more] = value.signatures
  if (!signature || more.length > 0) throw new TypeError('The envelope has not exactly one signature.')
  return {
    payload: fromBase64(value.payload),
    payloadType: value.payloadType,
    keyId: signature.keyid,
    signature: fromBase64(signature.sig),
  }
}

/** Whether the envelope was signed by that key, and says so. */
export async function verifyEnvelope(envelope: Envelope, key: PublicKey): Promise<boolean> {
  return envelope.keyId === key.id && (await signedBy(key, envelope.signature, pae(envelope.payloadType, envelope.payload)))
}

const isEnvelope = exactly({ payload: aText, payloadType: aText, signatures: listOf(exactly({ keyid: aDigest, sig: aText })) })
