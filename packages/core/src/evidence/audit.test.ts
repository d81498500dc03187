import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { PrincipalId, TenantId } from '../call.ts'
import { auditKey, auditLog, readAudit } from './audit.ts'
import { canonical } from './canonical.ts'
import type { Entry } from './ledger.ts'
import { memoryLedger } from './ledger.ts'
import { sampleClock, sampleRoom, sampleSeed, sampleTenant } from './sample.ts'
import { entriesOf, verifyChain } from './verify-chain.ts'

const user = 'User::u1' as PrincipalId
const key = auditKey(sampleSeed('audit'))

async function chain(length: number) {
  const ledger = memoryLedger({ clock: sampleClock })
  const audit = auditLog({ ledger, key, clock: sampleClock })
  for (let index = 0; index < length; index++) {
    await audit.record(sampleTenant, {
      type: 'pii.restored',
      principal: user,
      facts: { kind: 'US_SSN', count: index },
      sealed: { reason: 'asked' },
    })
    if (index % 3 === 0) await ledger.append(sampleTenant, [{ type: 'decision', body: `"${index}"` }])
  }
  const entries: Entry[] = []
  for await (const entry of entriesOf(ledger, sampleTenant)) entries.push(entry)
  return { ledger, audit, entries, head: await audit.head(sampleTenant, entries.length) }
}

const places = (entries: readonly Entry[]) => entries.flatMap(({ type }, index) => (type === 'audit' ? index : []))

describe('the audit chain', () => {
  it('tells who did what, how often, and holds what may be personal by a digest', async () => {
    const { ledger, audit } = sampleRoom()
    const event = {
      type: 'pii.restored',
      principal: user,
      facts: { kind: 'US_SSN', count: 2, nested: { a: 1 } },
      sealed: { mail: 'a@example.com' },
    }
    const recorded = await audit.record(sampleTenant, event)
    expect(recorded).toMatchObject({ seq: 1, index: 0, opened: { mail: { value: 'a@example.com' }, nested: { value: { a: 1 } } } })
    const [entry] = await ledger.read(sampleTenant, 0, 1)
    expect(entry && readAudit(entry)).toMatchObject({
      event: 'pii.restored',
      principal: user,
      seq: 1,
      prev: '0'.repeat(64),
      facts: {
        kind: { value: 'US_SSN' },
        count: { value: 2 },
        mail: { digest: expect.any(String) },
        nested: { digest: expect.any(String) },
      },
    })
    expect(entry?.body).not.toContain('example.com')
  })

  it('is valid as written, from its first event to its last', async () => {
    const { ledger, entries, head } = await chain(7)
    const hashes = entries.flatMap((entry) => readAudit(entry)?.hash ?? [])
    expect(await verifyChain(entriesOf(ledger, sampleTenant), { tenant: sampleTenant, keys: [key], checkpoint: head })).toEqual({
      valid: true,
      entries_checked: 7,
      chain_start: hashes[0],
      chain_end: hashes[6],
    })
    expect(head).toEqual({ count: 7, hash: hashes[6] })
    expect(await verifyChain([], { tenant: sampleTenant, keys: [key] })).toEqual({
      valid: true,
      entries_checked: 0,
      chain_start: null,
      chain_end: null,
    })
  })

  it('finds and locates every change of any event', async () => {
    const { entries, head } = await chain(6)
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...places(entries)), fc.nat(), fc.integer({ min: 1, max: 90 }), async (at, pick, shift) => {
        const body = entries[at]?.body ?? ''
        const from = pick % body.length
        const char = String.fromCharCode(33 + ((body.charCodeAt(from) - 33 + shift) % 94))
        fc.pre(char !== body[from])
        const changed = entries.map((entry, index) =>
          index === at ? { ...entry, body: body.slice(0, from) + char + body.slice(from + 1) } : entry,
        )
        const report = await verifyChain(changed, { tenant: sampleTenant, keys: [key], checkpoint: head })
        expect(report.valid).toBe(false)
        expect(report.first_invalid).toMatchObject({ index: entries[at]?.index, seq: places(entries).indexOf(at) + 1, how: 'changed' })
      }),
    )
  })

  it('finds and locates what was removed, reordered and inserted', async () => {
    const { entries, head } = await chain(6)
    const audits = places(entries)
    const verify = (changed: readonly Entry[]) => verifyChain(changed, { tenant: sampleTenant, keys: [key], checkpoint: head })
    const [, second = 0, third = 0, fourth = 0] = audits
    const e = (at: number) => entries[at] as Entry

    expect((await verify(entries.toSpliced(third, 1))).first_invalid).toEqual({ seq: 3, index: e(fourth).index, how: 'removed' })
    expect((await verify(entries.toSpliced(third, 1, e(fourth)).toSpliced(fourth, 1, e(third)))).first_invalid).toEqual({
      seq: 3,
      index: e(fourth).index,
      how: 'reordered',
    })
    expect((await verify(entries.toSpliced(third, 0, e(second)))).first_invalid).toEqual({
      seq: 3,
      index: e(second).index,
      how: 'inserted',
    })
    const forged = {
      ...e(third),
      body: e(third).body.replace(/"hash":"./, (text) => `${text.slice(0, -1)}${text.endsWith('0') ? '1' : '0'}`),
    }
    expect((await verify(entries.toSpliced(third, 0, forged))).first_invalid).toEqual({ seq: 3, index: forged.index, how: 'inserted' })
    expect((await verify(entries.slice(1))).first_invalid).toMatchObject({ seq: 1, how: 'removed' })
    expect(await verify(entries.slice(1))).toMatchObject({ chain_start: null, chain_end: null })
  })

  it('finds that its end was cut off, against a checkpoint only', async () => {
    const { entries, head } = await chain(6)
    const cut = entries.slice(0, places(entries)[4])
    expect(await verifyChain(cut, { tenant: sampleTenant, keys: [key] })).toMatchObject({ valid: true, entries_checked: 4 })
    const report = await verifyChain(cut, { tenant: sampleTenant, keys: [key], checkpoint: head })
    expect(report).toMatchObject({ valid: false, entries_checked: 4, first_invalid: { seq: 5, how: 'truncated' } })
    expect(report.first_invalid).not.toHaveProperty('index')
  })

  it('finds a chain that was written anew with its key, against a checkpoint', async () => {
    const { head } = await chain(4)
    const { entries: anew } = await chain(5)
    expect(await verifyChain(anew, { tenant: sampleTenant, keys: [key] })).toMatchObject({ valid: true })
    expect(await verifyChain(anew, { tenant: sampleTenant, keys: [key], checkpoint: head })).toMatchObject({
      valid: false,
      first_invalid: { seq: 4, how: 'changed' },
    })
  })

  it('is of one tenant, and of known keys', async () => {
    const { entries } = await chain(3)
    const first = { seq: 1, index: entries[0]?.index, how: 'changed' }
    expect((await verifyChain(entries, { tenant: 'other' as TenantId, keys: [key] })).first_invalid).toEqual(first)
    expect((await verifyChain(entries, { tenant: sampleTenant, keys: [auditKey(sampleSeed('other'))] })).first_invalid).toEqual(first)
  })

  it('goes on under a new key', async () => {
    const ledger = memoryLedger()
    const next = auditKey(sampleSeed('next'))
    for (const current of [key, next, next])
      await auditLog({ ledger, key: current, retired: [key], clock: sampleClock }).record(sampleTenant, { type: 'login' })
    const entries = entriesOf(ledger, sampleTenant)
    expect(await verifyChain(entries, { tenant: sampleTenant, keys: [key, next] })).toMatchObject({ valid: true, entries_checked: 3 })
  })

  it('ends under a key with the event that says that it was replaced', async () => {
    const { ledger, audit } = await chain(3)
    const next = auditKey(sampleSeed('next'))
    const newer = auditLog({ ledger, key: next, retired: [key], clock: sampleClock })
    await newer.record(sampleTenant, { type: 'key.rotated', facts: { key: 'audit', from: key.id, to: next.id } })
    await newer.record(sampleTenant, { type: 'login' })
    const verified = async () => verifyChain(entriesOf(ledger, sampleTenant), { tenant: sampleTenant, keys: [next, key] })
    expect(await verified()).toMatchObject({ valid: true, entries_checked: 5 })
    await expect(audit.record(sampleTenant, { type: 'login' })).rejects.toThrow('was replaced')

    const thief = auditLog({ ledger, key, retired: [next], clock: sampleClock })
    const { index } = (await thief.record(sampleTenant, { type: 'login' })) as { index: number }
    expect(await verified()).toMatchObject({ valid: false, first_invalid: { seq: 6, index, how: 'changed' } })
  })

  it('has no gap and no fork with many writers in several processes', async () => {
    const ledger = memoryLedger()
    const logs = [1, 2, 3, 4].map(() => auditLog({ ledger, key, clock: sampleClock }))
    const all = await Promise.all(
      Array.from({ length: 60 }, async (_, index) => logs[index % 4]?.record(sampleTenant, { type: 'login', facts: { index } })),
    )
    const seqs = all.flatMap((recorded) => (recorded && 'seq' in recorded ? recorded.seq : []))
    expect(seqs.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 60 }, (_, index) => index + 1))
    expect(await verifyChain(entriesOf(ledger, sampleTenant), { tenant: sampleTenant, keys: [key] })).toMatchObject({
      valid: true,
      entries_checked: 60,
    })
  })

  it('finds its head behind thousands of other entries, at any size of the ledger', async () => {
    const { ledger, audit, head } = await chain(1)
    for (let times = 0; times < 3; times++)
      await ledger.append(
        sampleTenant,
        Array.from({ length: 900 }, (_, index) => ({ type: 'decision', body: `${index}` }) as const),
      )
    const { size } = await ledger.head(sampleTenant)
    expect(await audit.head(sampleTenant, size)).toEqual(head)
    const fresh = auditLog({ ledger, key, clock: sampleClock })
    expect(await fresh.head(sampleTenant, size)).toEqual(head)
    expect(await fresh.record(sampleTenant, { type: 'login' })).toMatchObject({ seq: 2 })
    expect(await fresh.head(sampleTenant, size)).toEqual(head)
    expect(await fresh.head(sampleTenant, 0)).toEqual({ count: 0, hash: '0'.repeat(64) })
    let seen = 0
    for await (const _ of entriesOf(ledger, sampleTenant)) seen++
    expect(seen).toBe(size + 1)
  })

  it('takes an event under a key that is free, and only once', async () => {
    const { audit, ledger } = sampleRoom()
    expect(await audit.record(sampleTenant, { type: 'a' }, ['released/1'])).toMatchObject({ seq: 1 })
    expect(await audit.record(sampleTenant, { type: 'a' }, ['released/1'])).toEqual({ taken: 'released/1' })
    expect((await ledger.head(sampleTenant)).size).toBe(1)
  })

  it('stops when the last event is damaged, rather than chain onto it', async () => {
    const { audit, ledger } = sampleRoom()
    await ledger.append(sampleTenant, [{ type: 'audit', body: canonical({ seq: 1 }) }])
    await expect(audit.record(sampleTenant, { type: 'a' })).rejects.toThrow('damaged')
    expect(readAudit({ type: 'audit', body: '{' })).toBeUndefined()
    expect(readAudit({ type: 'decision', body: '{}' })).toBeUndefined()
  })

  it('gives up when every place is taken by others', async () => {
    const { ledger } = sampleRoom()
    const busy = { ...ledger, append: async () => ({ taken: 'audit/1' }) }
    await expect(auditLog({ ledger: busy, key, clock: sampleClock }).record(sampleTenant, { type: 'a' })).rejects.toThrow('no place')
  })

  it('wants a key of 32 bytes', () => {
    expect(() => auditKey(new Uint8Array(31))).toThrow(RangeError)
  })
})
