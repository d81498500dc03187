import { utf8, utf8Text } from './bytes.ts'
import { canonical, parseCanonical } from './canonical.ts'
import { sha256 } from './digest.ts'
import { isCosigned, openEnvelope, pae, payloadType, sign, type Signature, signatureOf, verifyEnvelope } from './envelope.ts'
import type { NewEntry } from './ledger.ts'
import { type PublicKey, signedBy } from './public-key.ts'
import { aCount, aDigest, aText, aTime, either, exactly, listOf, nothing, oneOf, type Shape } from './shape.ts'
import type { Signer } from './signer.ts'
import { statementType } from './statement.ts'

/** The type of the in-toto predicate of a grant. */
export const grantType = 'urn:agentgate:grant:1'

const aGrant = exactly({
  grant_id: aText,
  tenant: aText,
  issuer: aText,
  holder: aText,
  parent: either(aText, nothing),
  allowed_actions: listOf(aText),
  resource_scope: listOf(aText),
  constraints: exactly({ max_cost: either(aCount, nothing), taint: either(oneOf('none', 'user'), nothing) }),
  obligations: listOf(oneOf('approval')),
  issued_at: aTime,
  expires_at: aTime,
})

/** What the statement of a grant says. Costs in micro-dollars. */
export type GrantClaim = typeof aGrant extends Shape<infer T> ? T : never

const isGrantStatement = exactly({
  _type: oneOf(statementType),
  subject: listOf(exactly({ name: aText, digest: exactly({ sha256: aDigest }) })),
  predicateType: oneOf(grantType),
  predicate: aGrant,
})

/** The statement of a grant, canonical: what its issuer signs and what the server signs are the same bytes. */
export function grantStatement(predicate: GrantClaim): string {
  return canonical({
    _type: statementType,
    subject: [{ name: predicate.grant_id, digest: { sha256: sha256(canonical(predicate)) } }],
    predicateType: grantType,
    predicate,
  })
}

/** What a statement says is handed on; `undefined` for what is none. Nobody need have signed it. */
export function grantIn(statement: string): GrantClaim | undefined {
  try {
    const read = parseCanonical(statement)
    return isGrantStatement(read) && statement === grantStatement(read.predicate) ? read.predicate : undefined
  } catch {
    return undefined
  }
}

/** An issuer's own signature of the statement of a grant: Ed25519 of its DSSE encoding. */
export async function signGrant(issuer: Signer, statement: string): Promise<Signature> {
  return signatureOf(issuer, statement)
}

/** Whether a signature is that key's, of this statement. */
export async function signsGrant(key: PublicKey, { keyId, signature }: Signature, statement: string): Promise<boolean> {
  return keyId === key.id && signedBy(key, signature, pae(payloadType, utf8(statement)))
}

/**
 * Signs that a grant was issued: an entry for the ledger, with the issuer's own signature where it has a key. A first one may bind its
 * holder: decisions made before it, and not yet on record, are made again. What is handed on only adds to what its holder may do.
 */
export async function certifyGrant(signer: Signer, predicate: GrantClaim, issuer?: Signature): Promise<NewEntry> {
  return {
    type: 'grant',
    body: await sign(signer, grantStatement(predicate), issuer ? [issuer] : []),
    keys: [`grant/${predicate.grant_id}`],
    ...(predicate.parent === null && { moves: true }),
  }
}

/** The grant that an envelope certifies, if this key of the server's signed it; `undefined` otherwise. Throws for what is no envelope. */
export async function verifyGrant(text: string, key: PublicKey): Promise<GrantClaim | undefined> {
  const envelope = openEnvelope(text, 2)
  if (envelope.payloadType !== payloadType || !(await verifyEnvelope(envelope, key))) return undefined
  return grantIn(utf8Text(envelope.payload))
}

/** Whether the envelope of a grant bears its issuer's own signature, by this key. Throws for what is no envelope. */
export async function isSignedByIssuer(text: string, key: PublicKey): Promise<boolean> {
  return isCosigned(openEnvelope(text, 2), key)
}
