import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Checkpoint, originOf } from './checkpoint.ts'
import { certifyGrant } from './grant-statement.ts'
import type { Entry, Ledger } from './ledger.ts'
import { sampleRoom, sampleTenant } from './sample.ts'
import { verifyLedger } from './verify-ledger.ts'

const tenant = sampleTenant

/** A ledger over three pages with an audit event after each seventh entry, and its checkpoint. */
async function written(entries = 2_100, name = '') {
  const room = sampleRoom()
  const { ledger, audit, key } = room
  for (let at = 0; at < entries; at += 700) {
    const bodies = Array.from({ length: 699 }, (_, index) => ({ type: 'decision' as const, body: JSON.stringify(`${name}${at + index}`) }))
    await ledger.append(tenant, bodies)
    await audit.record(tenant, { type: 'login', facts: { at } })
  }
  const { size, root } = await ledger.head(tenant)
  const checkpoint: Checkpoint = { origin: originOf(tenant), size, root, audit: await audit.head(tenant, size) }
  return {
    ...room,
    size,
    checkpoint,
    verify: (over: Ledger, more = {}) => verifyLedger(over, { tenant, keys: [key], checkpoint, ...more }),
  }
}

/** The ledger as a store shows it whose rows were edited. */
function edited(ledger: Ledger, change: (entries: readonly Entry[]) => readonly Entry[]): Ledger {
  return {
    ...ledger,
    read: async (of, from, to) => {
      const { size } = await ledger.head(of)
      const all: Entry[] = []
      for (let at = 0; at < size; at += 1000) all.push(...(await ledger.read(of, at, at + 1000)))
      return change(all).filter(({ index }) => index >= from && index < to)
    },
  }
}

describe('verifying a whole ledger', () => {
  it('checks every entry, and pauses between', async () => {
    const { ledger, size, verify } = await written()
    let pauses = 0
    expect(await verify(ledger, { pause: async () => pauses++ })).toMatchObject({ valid: true, entries_checked: size })
    expect(pauses).toBeGreaterThan(size / 100 - 1)
    expect(await verifyLedger(sampleRoom().ledger, { tenant, keys: [] })).toEqual({
      valid: true,
      entries_checked: 0,
      chain_start: null,
      chain_end: null,
    })
  })

  it('finds any one entry that was changed, removed or given another type, at its place', async () => {
    const { ledger, size, verify } = await written()
    await fc.assert(
      fc.asyncProperty(fc.nat(size - 1), fc.constantFrom('changed', 'removed', 'type'), async (at, how) => {
        const broken = edited(ledger, (all) =>
          how === 'removed'
            ? all.filter(({ index }) => index !== at)
            : all.map((entry) =>
                entry.index !== at
                  ? entry
                  : how === 'changed'
                    ? { ...entry, body: `${entry.body} ` }
                    : { ...entry, type: entry.type === 'audit' ? 'decision' : 'audit' },
              ),
        )
        const { valid, first_invalid } = await verify(broken)
        expect(valid).toBe(false)
        expect(first_invalid).toMatchObject({ index: at, ...(how !== 'type' && { how }) })
      }),
      { numRuns: 25 },
    )
  })

  it('finds a grant that is passed off as something else, and something else as a grant', async () => {
    const { ledger, signer, key } = sampleRoom()
    const claim = {
      grant_id: '01a2b3',
      tenant,
      issuer: 'User::boss',
      holder: 'Agent::a',
      parent: null,
      allowed_actions: Array.from({ length: 100 }, (_, at) => `action_${at}`),
      resource_scope: ['*'],
      constraints: { max_cost: null, taint: null },
      obligations: [],
      issued_at: '2026-01-01T00:00:00.000Z',
      expires_at: '2026-01-02T00:00:00.000Z',
    }
    await ledger.append(tenant, [{ type: 'outcome', body: '"an outcome"' }, await certifyGrant(signer, claim)])
    await ledger.append(tenant, [await certifyGrant(signer, { ...claim, grant_id: '01a2b4', allowed_actions: [] })])
    const verify = (over: Ledger) => verifyLedger(over, { tenant, keys: [key] })
    expect(await verify(ledger)).toMatchObject({ valid: true, entries_checked: 3 })
    for (const [at, type] of [
      [0, 'grant'],
      [1, 'decision'],
      [2, 'erasure'],
    ] as const) {
      const broken = edited(ledger, (all) => all.map((entry) => (entry.index === at ? { ...entry, type } : entry)))
      expect(await verify(broken)).toMatchObject({ valid: false, first_invalid: { index: at, how: 'changed' } })
    }
  })

  it('finds a ledger that agrees with itself but not with the checkpoint: shorter, rewritten, or of somebody else', async () => {
    const { ledger, size, checkpoint, verify } = await written(1_400)
    expect((await verify((await written(700)).ledger)).first_invalid).toMatchObject({ how: 'truncated' })
    const other = await written(2_100, 'other')
    expect(await verify(other.ledger)).toMatchObject({ valid: false, first_invalid: { how: 'changed' } })
    expect(await verify(ledger, { checkpoint: { ...checkpoint, origin: originOf('other') } })).toMatchObject({ valid: false })
    expect(await verify(ledger, { checkpoint: { ...checkpoint, root: '0'.repeat(64) } })).toMatchObject({
      valid: false,
      first_invalid: {
        how: 'changed',
        what: `The first ${size} entries are not those of the checkpoint that was kept outside the database.`,
      },
    })
  })

  it('takes entries that were appended since the checkpoint, and meanwhile', async () => {
    const { ledger, verify } = await written(700)
    await ledger.append(tenant, [{ type: 'decision', body: '"later"' }])
    let once = true
    const growing: Ledger = {
      ...ledger,
      read: async (...args) => {
        if (once) await ledger.append(tenant, [{ type: 'decision', body: '"meanwhile"' }])
        once = false
        return ledger.read(...args)
      },
    }
    expect(await verify(growing)).toMatchObject({ valid: true, entries_checked: 701 })
  })

  it('finds an entry beyond the tree, and a root that is not that of the entries', async () => {
    const { ledger, size, verify } = await written(700)
    const more: Entry = { index: size, type: 'decision', body: '"more"', at: 0 }
    const beyond: Ledger = { ...ledger, read: async (of, from, to) => (from >= size ? [more] : ledger.read(of, from, to)) }
    expect((await verify(beyond)).first_invalid).toMatchObject({ index: size, how: 'inserted' })
    const torn: Ledger = { ...ledger, head: async (of) => ({ ...(await ledger.head(of)), root: '0'.repeat(64) }) }
    expect((await verify(torn)).first_invalid).toEqual({ how: 'changed', what: `The root of all ${size} entries is not that of the tree.` })
  })
})
