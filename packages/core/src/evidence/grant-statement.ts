import { canonical, parseCanonical } from './canonical.ts'
import { sha256 } from './digest.ts'
import { openEnvelope, payloadType, sign, verifyEnvelope } from './envelope.ts'
import type { NewEntry } from './ledger.ts'
import type { PublicKey } from './public-key.ts'
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

/**
 * Signs that a grant was issued: an entry for the ledger. A first one may bind its holder: decisions made before it, and not yet on
 * record, are made again. What is handed on only adds to what its holder may do.
 */
export async function certifyGrant(signer: Signer, predicate: GrantClaim): Promise<NewEntry> {
  const statement = {
    _type: statementType,
    subject: [{ name: predicate.grant_id, digest: { sha256: sha256(canonical(predicate)) } }],
    predicateType: grantType,
    predicate,
  }
  return {
    type: 'grant',
    body: await sign(signer, canonical(statement)),
    keys: [`grant/${predicate.grant_id}`],
    ...(predicate.parent === null && { moves: true }),
  }
}

/** The grant that an envelope certifies, if this key signed it; `undefined` otherwise. Throws for what is no envelope. */
export async function verifyGrant(text: string, key: PublicKey): Promise<GrantClaim | undefined> {
  const envelope = openEnvelope(text)
  if (envelope.payloadType !== payloadType || !(await verifyEnvelope(envelope, key))) return undefined
  const statement = parseCanonical(new TextDecoder().decode(envelope.payload))
  if (!isGrantStatement(statement)) return undefined
  const [named] = statement.subject
  return named?.digest.sha256 === sha256(canonical(statement.predicate)) ? statement.predicate : undefined
}
