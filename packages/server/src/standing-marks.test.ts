import { auditKey, auditLog, type Ledger, memoryLedger, systemClock, type TenantId } from '@agentgate/core'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ledgerRecords } from './on-record.ts'
import { standingMarks } from './standing-marks.ts'

const tenant = 'acme' as TenantId
const commitment = new Uint8Array(32).fill(5)
const key = auditKey(new Uint8Array(32).fill(6))

function room() {
  const rows = new Map<string, string>()
  const marks = { find: async (name: string) => rows.get(name), put: async (name: string, value: string) => void rows.set(name, value) }
  const whole = memoryLedger()
  const reads: number[] = []
  const ledger: Ledger = {
    ...whole,
    async read(of, from, ...more) {
      reads.push(from)
      return whole.read(of, from, ...more)
    },
  }
  const kept = (keys: readonly string[] = [key.id], by = commitment) => standingMarks({ marks, commitment: by, keys })
  /** A server that has just started. */
  const start = () => ledgerRecords({ ledger, auditKeys: [key], signing: [], kept: kept() })
  return { rows, ledger, whole, reads, kept, start, audit: auditLog({ ledger: whole, key, retired: [key], clock: systemClock }) }
}

/** Entries that say nothing of this, a thousand at once. */
async function fill(ledger: Ledger, thousands: number): Promise<void> {
  const entries = Array.from({ length: 1_000 }, () => ({ type: 'decision' as const, body: '{}', keys: [] }))
  for (let n = 0; n < thousands; n++) await ledger.append(tenant, entries)
}

describe('what is on record, kept beside the ledger', () => {
  it('is where a start goes on, and says the same as the whole ledger', async () => {
    const { audit, whole, reads, start, rows } = room()
    await audit.record(tenant, { type: 'policy.activated', facts: { set: 's', from: null, to: 1, digest: 'one' } })
    await audit.record(tenant, { type: 'grant.revoked', facts: { grant: 'g' }, moves: true })
    await fill(whole, 6)
    await start().newest(tenant)
    expect(rows.size).toBe(1)
    await audit.record(tenant, { type: 'tool.registered', facts: { tool: 'look', digest: 'd1' } })
    reads.length = 0
    const found = await start().newest(tenant)
    expect([[...found.policies], [...found.tools], [...found.revoked.keys()]]).toEqual([[['s', 'one']], [['look', 'd1']], ['g']])
    expect(Math.min(...reads)).toBe(6_002)
  })

  it('is none when it was changed, is of other keys, or of another tenant or secret', async () => {
    const { kept, rows } = room()
    const [name, standing] = [`on-record/${tenant}`, { size: 3, tools: [['wipe', 'd']] }]
    await kept().keep(tenant, standing)
    expect(await kept().find(tenant)).toEqual(standing)
    const text = rows.get(name) ?? ''
    rows.set('on-record/other', text)
    expect(await kept().find('other' as TenantId)).toBeUndefined()
    expect(await kept([key.id, 'another']).find(tenant)).toBeUndefined()
    expect(await kept([key.id], new Uint8Array(32)).find(tenant)).toBeUndefined()
    for (const changed of [
      text.replace('wipe', 'look'),
      text.replace(/"code":"[^"]*"/, '"code":""'),
      text.slice(1),
      'null',
      '[]',
      '{}',
      '',
    ]) {
      rows.set(name, changed)
      expect([changed, await kept().find(tenant)]).toEqual([changed, undefined])
    }
  })

  it('is not of a longer ledger than there is', async () => {
    const { kept, start, audit } = room()
    await audit.record(tenant, { type: 'tool.registered', facts: { tool: 'look', digest: 'd1' } })
    await kept().keep(tenant, { size: 9, holders: [], replaced: [], grants: [], policies: [], tools: [], revoked: [], last: [] })
    expect([...(await start().newest(tenant)).tools]).toEqual([['look', 'd1']])
  })

  it('stands in for what it was made of, wherever the ledger was cut', async () => {
    const event = fc.constantFrom(
      { type: 'policy.activated', facts: { set: 's', from: null, to: 1, digest: 'one' } },
      { type: 'policy.deactivated', facts: { set: 's', from: 1, to: null } },
      { type: 'policy.activated', facts: { set: 't', from: null, to: 2, digest: 'two' } },
      { type: 'tool.registered', facts: { tool: 'look', digest: 'd1' } },
      { type: 'tool.quarantined', facts: { tool: 'look', digest: 'd2' } },
      { type: 'tool.removed', facts: { tool: 'look', digest: 'd1' } },
      { type: 'grant.revoked', facts: { grant: 'g' }, moves: true as const },
    )
    await fc.assert(
      fc.asyncProperty(fc.array(event, { maxLength: 8 }), fc.array(event, { maxLength: 8 }), async (first, second) => {
        const { audit, whole, start, rows, ledger } = room()
        for (const each of first) await audit.record(tenant, each)
        await fill(whole, 5)
        await start().newest(tenant)
        expect(rows.size).toBe(1)
        for (const each of second) await audit.record(tenant, each)
        const said = ({ policies, tools, revoked, holders, grants }: Awaited<ReturnType<ReturnType<typeof start>['newest']>>) =>
          [policies, tools, revoked, holders, grants].map((all) => [...all])
        const anew = ledgerRecords({ ledger, auditKeys: [key], signing: [] })
        expect(said(await start().newest(tenant))).toEqual(said(await anew.newest(tenant)))
      }),
      { numRuns: 20 },
    )
  })
})
