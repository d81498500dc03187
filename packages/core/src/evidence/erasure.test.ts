import { describe, expect, it } from 'vitest'
import { certifyErasure, isErasureOf, verifyErasure } from './erasure.ts'
import { localSigner } from './keys.ts'

const signer = localSigner(Uint8Array.from({ length: 32 }, (_, at) => at))
const other = localSigner(Uint8Array.from({ length: 32 }, (_, at) => at + 1))
const erased = {
  erasure_id: '01990000-0000-7000-8000-000000000001',
  tenant: 'acme',
  at: '2026-11-22T12:00:00.000Z',
  of: 'subject' as const,
  session: null,
  by: 'User::admin',
  keys: ['0011223344556677'],
  sessions: 3,
  values: { EMAIL: 2, SSN: 1 },
}

describe('a certificate of erasure', () => {
  it('says what was destroyed, signed, and whose it was only to whoever holds the salt', async () => {
    const { entry, erasure, opening } = await certifyErasure(signer, { ...erased, subject: 'jane@example.com' })
    expect(entry).toMatchObject({ type: 'erasure', keys: [`erasure/${erased.erasure_id}`] })
    expect(JSON.stringify([entry, erasure])).not.toContain('jane')
    expect(Buffer.from(JSON.parse(entry.body).payload, 'base64').toString()).not.toContain('jane')
    expect(await verifyErasure(entry.body, signer.key)).toEqual(erasure)
    if (!opening) throw new Error('no opening')
    expect(isErasureOf(erasure, opening)).toBe(true)
    expect(isErasureOf(erasure, { ...opening, value: 'joe@example.com' })).toBe(false)
  })

  it('is not one when another key signed it, or a word of it was changed', async () => {
    const { entry, opening } = await certifyErasure(signer, { ...erased, subject: null })
    expect(opening).toBeUndefined()
    expect(await verifyErasure(entry.body, other.key)).toBeUndefined()
    const envelope = JSON.parse(entry.body) as { payload: string }
    const changed = Buffer.from(envelope.payload, 'base64').toString().replace('"sessions":3', '"sessions":4')
    const forged = entry.body.replace(envelope.payload, Buffer.from(changed).toString('base64'))
    expect(await verifyErasure(forged, signer.key)).toBeUndefined()
  })
})
