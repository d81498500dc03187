import { describe, expect, it } from 'vitest'
import { certifyGrant, type GrantClaim, verifyGrant } from './grant-statement.ts'
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

  it('is none of another form, though it is signed', async () => {
    const wide = { ...claim, note: 'and more' }
    expect(await verifyGrant((await certifyGrant(signer, wide)).body, signer.key)).toBeUndefined()
    await expect(verifyGrant('{}', signer.key)).rejects.toThrow('DSSE')
  })
})
