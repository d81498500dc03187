import {
  auditKey,
  auditLog,
  certifyGrant,
  type GrantClaim,
  grantStatement,
  localSigner,
  memoryLedger,
  sha256,
  signGrant,
  systemClock,
  type TenantId,
} from '@agentgate/core'
import { describe, expect, it } from 'vitest'
import { ledgerRecords } from './on-record.ts'

const tenant = 'acme' as TenantId
const seed = (name: string) => new Uint8Array(Buffer.from(sha256(name), 'hex'))
const [older, newer] = [localSigner(seed('older')), localSigner(seed('newer'))]
const [former, key] = [auditKey(seed('former')), auditKey(seed('key'))]

function room() {
  const ledger = memoryLedger()
  const records = ledgerRecords({ ledger, auditKeys: [key, former], signing: [newer.key, older.key] })
  const log = (by = key) => auditLog({ ledger, key: by, retired: [key, former], clock: systemClock })
  const claim = (id: string, more: Partial<GrantClaim> = {}): GrantClaim => ({
    grant_id: id,
    tenant,
    issuer: 'User::boss',
    holder: `Agent::${id}`,
    parent: null,
    allowed_actions: ['look'],
    resource_scope: ['*'],
    constraints: { max_cost: null, taint: null },
    obligations: [],
    issued_at: '2026-01-01T00:00:00.000Z',
    expires_at: '2027-01-01T00:00:00.000Z',
    ...more,
  })
  const grant = async (by: typeof older, of: GrantClaim, issuer?: typeof older) => {
    const own = issuer && (await signGrant(issuer, grantStatement(of)))
    return ledger.append(tenant, [{ ...(await certifyGrant(by, of, own)), keys: [] }])
  }
  return { ledger, records, log, claim, grant }
}

describe('what is on record', () => {
  it('is what the ledger says last of each set and tool, and of all grants', async () => {
    const { records, log, claim, grant } = room()
    await grant(older, claim('a'))
    await log().record(tenant, { type: 'policy.activated', facts: { set: 's', from: null, to: 1, digest: 'one' } })
    await log().record(tenant, { type: 'policy.activated', facts: { set: 't', from: null, to: 1, digest: 'other' } })
    await log().record(tenant, { type: 'tool.registered', facts: { tool: 'look', digest: 'd1' } })
    await log().record(tenant, { type: 'tool.registered', facts: { tool: 'wipe', digest: 'd2' } })
    const first = await records.newest(tenant)
    expect([...first.policies]).toEqual([
      ['s', 'one'],
      ['t', 'other'],
    ])
    await log().record(tenant, { type: 'policy.rolled-back', facts: { set: 's', from: 1, to: 2, digest: 'two' } })
    await log().record(tenant, { type: 'policy.published', facts: { set: 's', version: 3, digest: 'three' } })
    await log().record(tenant, { type: 'policy.deactivated', facts: { set: 't', from: 1, to: null } })
    await log().record(tenant, { type: 'tool.quarantined', facts: { tool: 'look', digest: 'd3' } })
    await log().record(tenant, { type: 'tool.removed', facts: { tool: 'wipe', digest: 'd2' } })
    await log().record(tenant, { type: 'grant.revoked', facts: { grant: 'a' }, moves: true })
    const { policies, tools, holders, revoked, grants } = await records.asOfEpoch(tenant)
    expect([...policies]).toEqual([['s', 'two']])
    expect([...tools]).toEqual([])
    expect([...holders, ...revoked.keys(), ...grants.keys()]).toEqual(['Agent::a', 'a', 'a'])
  })

  it('is not what somebody put there again, without a key, or of another tenant', async () => {
    const { ledger, records, log, claim, grant } = room()
    await log().record(tenant, { type: 'policy.activated', facts: { set: 's', from: null, to: 1, digest: 'one' } })
    await log().record(tenant, { type: 'policy.activated', facts: { set: 's', from: 1, to: 2, digest: 'two' } })
    const [first] = await ledger.read(tenant, 0, 1)
    await ledger.append(tenant, [{ type: 'audit', body: first?.body ?? '' }])
    await ledger.append(tenant, [{ type: 'audit', body: (first?.body ?? '').replace('"seq":1', '"seq":9') }])
    await grant(localSigner(seed('stranger')), claim('a'))
    await grant(newer, claim('b', { tenant: 'other' }))
    await grant(newer, claim('c', { resource_scope: ['/c'] }))
    const before = (await records.newest(tenant)).grants.get('c')
    await grant(newer, claim('c'))
    const { policies, holders, grants } = await records.newest(tenant)
    expect([...policies]).toEqual([['s', 'two']])
    expect([...holders]).toEqual(['Agent::c'])
    expect(grants.get('c')).toBe(before)
  })

  it('is no grant that its issuer has a key for and did not sign, though its holder is bound', async () => {
    const { records, log, claim, grant } = room()
    const [own, next] = [localSigner(seed('issuer')), localSigner(seed('its next key'))]
    const x = ({ key: { raw } }: typeof own) => Buffer.from(raw).toString('base64')
    const issuer = 'User::boss'
    await grant(newer, claim('before'))
    await log().record(tenant, { type: 'issuer-key.enrolled', facts: { issuer, x: x(own) } })
    await grant(newer, claim('unsigned'))
    await grant(newer, claim('by-another'), next)
    await grant(newer, claim('signed'), own)
    await grant(newer, claim('of-another', { issuer: 'User::else' }))
    await log().record(tenant, { type: 'issuer-key.enrolled', facts: { issuer, x: x(next) } })
    await grant(newer, claim('by-the-former'), own)
    await grant(newer, claim('by-the-next'), next)
    await log().record(tenant, { type: 'issuer-key.removed', facts: { issuer } })
    await grant(newer, claim('after'))
    const { grants, signers, holders, issuers } = await records.newest(tenant)
    expect([...grants.keys()]).toEqual(['before', 'signed', 'of-another', 'by-the-next', 'after'])
    expect([...holders]).toContain('Agent::unsigned')
    expect([...signers]).toEqual([
      ['signed', own.key.id],
      ['by-the-next', next.key.id],
    ])
    expect([...issuers]).toEqual([])
  })

  it('is nothing that a replaced key says behind the event that tells of it', async () => {
    const { ledger, records, log, claim, grant } = room()
    await log(former).record(tenant, { type: 'tool.registered', facts: { tool: 'look', digest: 'd1' } })
    await grant(older, claim('a'))
    await log().record(tenant, { type: 'key.rotated', facts: { key: 'audit', from: former.id, to: key.id } })
    await log().record(tenant, { type: 'key.rotated', facts: { key: 'signing', from: older.key.id, to: newer.key.id } })
    await grant(older, claim('late'))
    await grant(newer, claim('b'))
    const thief = auditLog({ ledger, key: former, retired: [key], clock: systemClock })
    await thief.record(tenant, { type: 'tool.registered', facts: { tool: 'wipe', digest: 'd2' } })
    await thief.record(tenant, { type: 'key.rotated', facts: { key: 'signing', from: newer.key.id, to: older.key.id } })
    const { tools, grants } = await records.newest(tenant)
    expect([...tools.keys()]).toEqual(['look'])
    expect([...grants.keys()]).toEqual(['a', 'b'])
    expect([older.key.id, former.id, newer.key.id, key.id].map(records.replaced)).toEqual([true, true, false, false])
  })
})
