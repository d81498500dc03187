import { holds, routes } from '@agentgate/api'
import {
  grantIn,
  grantStatement,
  type GrantClaim,
  type PrincipalId,
  publicKey,
  type PublicKey,
  type Signature,
  signsGrant,
  type TenantId,
} from '@agentgate/core'
import type { Open } from '../door.ts'
import { Fault, notFound } from '../fault.ts'
import type { House } from '../house.ts'
import { stepUpRequired } from '../policies/moving.ts'
import { hasSteppedUp } from '../session/step-up.ts'

type Keys = Pick<House, 'records' | 'audit' | 'clock'>

/** The keys by which issuers sign what they hand on. They stand in the ledger alone. */
export function issuerKeyRoutes(open: Open, { records, audit, clock }: Keys): void {
  open(routes.delegations.issuerKeys, async ({ who }) => {
    const { tenant, id, roles } = who.asker.principal
    const seesAll = holds(roles, 'delegation:write') === 'all' || holds(roles, 'audit:read') === 'all'
    const { issuers } = await records.newest(tenant)
    return { items: await Promise.all([...issuers].filter(([issuer]) => seesAll || issuer === id).map(([issuer, x]) => shown(issuer, x))) }
  })

  open(routes.delegations.enrolKey, async ({ body: { public_key: x }, who }) => {
    const { tenant, id: issuer } = who.asker.principal
    const known = (await records.newest(tenant)).issuers.get(issuer)
    if (known === x) return shown(issuer, x)
    if (who.session === undefined) {
      if (known !== undefined)
        throw new Fault(409, 'key-enrolled', 'It signs with another key already: an administrator removes that one first.')
    } else if (!hasSteppedUp(who, clock)) throw stepUpRequired('This enrols a key that signs for you')
    const enrolled = await shown(issuer, x)
    const facts = { issuer, key: enrolled.key_id, x }
    await audit.record(tenant, { type: 'issuer-key.enrolled', principal: issuer, facts })
    return enrolled
  })

  open(routes.delegations.removeKey, async ({ params: { issuer }, who }) => {
    const { tenant, id, roles } = who.asker.principal
    if (issuer !== id && !holds(roles, 'delegation:write')) throw notFound('issuer key')
    if (!hasSteppedUp(who, clock)) throw stepUpRequired('This removes a key that signs')
    const x = (await records.newest(tenant)).issuers.get(issuer)
    if (x === undefined) throw notFound('issuer key')
    const facts = { issuer, key: (await shown(issuer, x)).key_id }
    await audit.record(tenant, { type: 'issuer-key.removed', principal: id, facts })
    return { ok: true as const }
  })
}

async function shown(issuer: string, x: string) {
  return { issuer, key_id: (await keyOf(x)).id, public_key: x }
}

const keyOf = (x: string): Promise<PublicKey> => publicKey(Buffer.from(x, 'base64'))

/** A statement that its issuer signed, as it was sent. */
export interface Signed {
  readonly statement: string
  readonly signature: string
}

/** What a signed statement fixes of the grant that it is of. Throws a `Fault` for one that is none, or is not of these minutes. */
export function fixedBy({ statement }: Signed, now: number): { readonly id: string; readonly issuedAt: number } {
  const claim = grantIn(Buffer.from(statement, 'base64').toString())
  if (!claim || !grantIds.test(claim.grant_id)) throw differs()
  const issuedAt = Date.parse(claim.issued_at)
  if (issuedAt > now || now - issuedAt > minutesToSign * 60_000)
    throw new Fault(
      409,
      'statement-expired',
      `A statement is signed within ${minutesToSign} minutes: ask for a new one, without \`signed\`.`,
    )
  return { id: claim.grant_id, issuedAt }
}

/**
 * The issuer's own signature of a grant; `undefined` where it has no key, and the server signs alone. Throws a `Fault` for one that is
 * missing, and for what is no signature of this very grant.
 */
export async function issuerSignature(
  { records }: Pick<House, 'records'>,
  tenant: TenantId,
  issuer: PrincipalId,
  claim: GrantClaim,
  signed: Signed | undefined,
): Promise<Signature | undefined> {
  const x = (await records.newest(tenant)).issuers.get(issuer)
  if (x === undefined) {
    if (signed) throw new Fault(409, 'no-issuer-key', 'You have no key here to sign with: enrol one, or leave `signed` out.')
    return undefined
  }
  const text = grantStatement(claim)
  if (!signed) {
    const message =
      'You have enrolled a key, and sign what you hand on: by `agentgate delegations issue --key FILE`, or sign `statement` and send the same again with `signed`.'
    throw new Fault(409, 'signature-required', message, { statement: Buffer.from(text).toString('base64') })
  }
  if (Buffer.from(signed.statement, 'base64').toString() !== text) throw differs()
  const key = await keyOf(x)
  const signature = { keyId: key.id, signature: Uint8Array.from(Buffer.from(signed.signature, 'base64')) }
  if (await signsGrant(key, signature, text)) return signature
  throw new Fault(422, 'signature-invalid', 'The signature is none of that statement by the key that you enrolled.')
}

/** How long a statement waits for its signature. */
const minutesToSign = 5

const grantIds = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/

function differs(): Fault {
  return new Fault(
    422,
    'statement-differs',
    'What was signed is not what was asked for: sign the `statement` that this very request was answered with.',
  )
}
