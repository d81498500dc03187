import { describe, expect, it } from 'vitest'
import { certifyGrant, type GrantClaim, grantIn, grantStatement, isSignedByIssuer, signGrant, verifyGrant } from './grant-statement.ts'
import { localSigner } from './keys.ts'

const signer = localSigner(Uint8Array.from({ length: 32 }, (_, at) => at))
const other = localSigner(Uint8Array.from({ length: 32 }, (_, at) => at + 1))
const claim: GrantClaim = {
  grant_id: '01990000-0000-7000-8000-000000000001',
  tenant: 'acme',
  issuer: 'User::u',
  holder: 'Agent::a',
  parent: null,
  allowed_actions: ['effect:read'],
  resource_scope: ['/reports/*'],
  constraints: { max_cost: 500_000, taint: 'user' },
  obligations: ['approval'],
  issued_at: '2026-11-22T12:00:00.000Z',
  expires_at: '2026-11-23T12:00:00.000Z',
}

describe('the statement of a grant', () => {
  it('says what was handed on, signed, and makes decisions be made again', async () => {
    const entry = await certifyGrant(signer, claim)
    expect(entry).toMatchObject({ type: 'grant', keys: [`grant/${claim.grant_id}`], moves: true })
    expect(await verifyGrant(entry.body, signer.key)).toEqual(claim)
  })

  it('is none when another key signed it, or a word of it was changed', async () => {
    const { body } = await certifyGrant(signer, claim)
    expect(await verifyGrant(body, other.key)).toBeUndefined()
    const { payload } = JSON.parse(body) as { payload: string }
    const changed = Buffer.from(payload, 'base64').toString().replace('/reports/*', '*')
    expect(await verifyGrant(body.replace(payload, Buffer.from(changed).toString('base64')), signer.key)).toBeUndefined()
  })

  it('bears the signature of its issuer beside that of the server, over the same bytes', async () => {
    const issuer = other
    const own = await signGrant(issuer, grantStatement(claim))
    const { body } = await certifyGrant(signer, claim, own)
    expect([await verifyGrant(body, signer.key), await isSignedByIssuer(body, issuer.key)]).toEqual([claim, true])
    expect(await isSignedByIssuer(body, signer.key)).toBe(false)
    expect(await isSignedByIssuer((await certifyGrant(signer, claim)).body, issuer.key)).toBe(false)
    const wider = await certifyGrant(signer, { ...claim, resource_scope: ['*'] }, own)
    expect(await isSignedByIssuer(wider.body, issuer.key)).toBe(false)
    const { signatures, ...rest } = JSON.parse(body) as { signatures: unknown[] }
    const text = (signed: unknown[]) => JSON.stringify({ ...rest, signatures: signed })
    expect(await verifyGrant(text([...signatures].reverse()), signer.key)).toBeUndefined()
    await expect(verifyGrant(text([...signatures, signatures[1]]), signer.key)).rejects.toThrow('from 1 to 2 signatures')
  })

  it('is read from its canonical text only', () => {
    const text = grantStatement(claim)
    expect(grantIn(text)).toEqual(claim)
    for (const other of [` ${text}`, text.replace('effect:read', 'effect:pay'), '{}', 'no JSON']) expect(grantIn(other)).toBeUndefined()
  })

  it('is none of another form, though it is signed', async () => {
    const wide = { ...claim, note: 'and more' }
    expect(await verifyGrant((await certifyGrant(signer, wide)).body, signer.key)).toBeUndefined()
    await expect(verifyGrant('{}', signer.key)).rejects.toThrow('DSSE')
  })
})
