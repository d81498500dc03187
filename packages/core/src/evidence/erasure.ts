import { canonical, parseCanonical } from './canonical.ts'
import { type Opening, salted, sha256 } from './digest.ts'
import { openEnvelope, payloadType, sign, verifyEnvelope } from './envelope.ts'
import type { NewEntry } from './ledger.ts'
import type { PublicKey } from './public-key.ts'
import { aCount, aDigest, aText, aTime, either, exactly, listOf, mapOf, nothing, oneOf, type Shape } from './shape.ts'
import type { Signer } from './signer.ts'
import { statementType } from './statement.ts'

/** The type of the in-toto predicate of an erasure. */
export const erasureType = 'urn:agentgate:erasure:1'

const anErasure = exactly({
  erasure_id: aText,
  tenant: aText,
  at: aTime,
  of: oneOf('session', 'subject', 'retention'),
  session: either(aText, nothing),
  subject: either(aDigest, nothing),
  by: either(aText, nothing),
  keys: listOf(aText),
  sessions: aCount,
  values: mapOf(aCount),
})

/**
 * What a certificate of erasure claims: these keys were destroyed, and so many values of each kind with them. `of`: a session that
 * was forgotten, a data subject, or what was kept for as long as it may be. `subject` is SHA-256, hex, over 32 salt bytes and the
 * canonical subject: the salt goes to whoever asked, and is kept nowhere. Keys are named, by the first 8 bytes of an HMAC of each.
 */
export type Erasure = typeof anErasure extends Shape<infer T> ? T : never

const isErasureStatement = exactly({
  _type: oneOf(statementType),
  subject: listOf(exactly({ name: aText, digest: exactly({ sha256: aDigest }) })),
  predicateType: oneOf(erasureType),
  predicate: anErasure,
})

/** Signs that something was erased: an entry for the ledger, and what opens the digest of its subject. */
export async function certifyErasure(
  signer: Signer,
  { subject, ...erased }: Omit<Erasure, 'subject'> & { readonly subject: string | null },
): Promise<{ readonly entry: NewEntry; readonly erasure: Erasure; readonly opening?: Opening }> {
  const hidden = subject === null ? undefined : salted(subject)
  const erasure: Erasure = { ...erased, subject: hidden?.digest ?? null }
  const statement = {
    _type: statementType,
    subject: [{ name: erasure.erasure_id, digest: { sha256: sha256(canonical(erasure)) } }],
    predicateType: erasureType,
    predicate: erasure,
  }
  const body = await sign(signer, canonical(statement))
  const entry: NewEntry = { type: 'erasure', body, keys: [`erasure/${erasure.erasure_id}`] }
  return { entry, erasure, ...(hidden && { opening: hidden.opening }) }
}

/** The erasure that an envelope certifies, if this key signed it; `undefined` otherwise. Throws for what is no envelope. */
export async function verifyErasure(text: string, key: PublicKey): Promise<Erasure | undefined> {
  const envelope = openEnvelope(text)
  if (envelope.payloadType !== payloadType || !(await verifyEnvelope(envelope, key))) return undefined
  const statement = parseCanonical(new TextDecoder().decode(envelope.payload))
  if (!isErasureStatement(statement)) return undefined
  const [named] = statement.subject
  return named?.digest.sha256 === sha256(canonical(statement.predicate)) ? statement.predicate : undefined
}

/** Whether the erasure was of this subject, as whoever holds the salt can show. */
export function isErasureOf({ subject }: Pick<Erasure, 'subject'>, { salt, value }: Opening): boolean {
  return subject === sha256(Buffer.from(salt, 'hex'), canonical(value))
}
