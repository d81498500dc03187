import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import type { Decision } from '../decision.ts'
import { sign } from './envelope.ts'
import { certifyGrant, type GrantClaim, grantStatement, signGrant } from './grant-statement.ts'
import { localSigner } from './keys.ts'
import { emptyRoot } from './merkle.ts'
import { type Entry, type NewEntry } from './ledger.ts'
import { type Period, periodOf, type VerifiedPeriod, verifyPeriod } from './period.ts'
import { createRecorder } from './recorder.ts'
import { sampleClock, sampleDecision, sampleRoom, sampleSeed, sampleTenant } from './sample.ts'

const hour = 3_600_000
const start = Date.UTC(2026, 4, 3)
const refused = { status: 'refused', reason: { code: 'threat-found', message: 'No.' } } as const

const failed = ({ checks }: VerifiedPeriod) => checks.flatMap(({ name, ok }) => (ok ? [] : name))

async function* each<T>(items: readonly T[]) {
  yield* items
}

describe('a period of a ledger', () => {
  let now = start
  const room = sampleRoom('first', { now: () => now })
  const trust = [room.signer.key]
  let period: Period
  let entries: readonly Entry[]
  const check = (some: readonly Pick<Entry, 'index' | 'body'>[], of: unknown = period) => verifyPeriod(of, each(some), trust)

  /** Ten hours; in each two refusals (a decision and its outcome) and an event. */
  beforeAll(async () => {
    for (let at = 0; at < 10; at++) {
      for (let n = 0; n < 2; n++) await room.recorder.decided(sampleDecision('deny'), { epoch: 0, keys: [], refused })
      await room.audit.record(sampleTenant, { type: 'login' })
      now += hour
    }
    period = await periodOf(room, sampleTenant, { from: start + 3 * hour, to: start + 7 * hour })
    entries = await room.ledger.read(sampleTenant, period.first, period.end)
  })

  it('is every entry from the one time to the other, and valid for whoever pinned the key', async () => {
    expect(period).toMatchObject({ first: 15, end: 35, from: '2026-05-03T03:00:00.000Z', to: '2026-05-03T07:00:00.000Z' })
    const found = await check(entries)
    expect(failed(found)).toEqual([])
    expect(found.code).toBe('valid')
    expect([...found.decisions.values()]).toEqual([15, 17, 20, 22, 25, 27, 30, 32])
    expect(await verifyPeriod(period, each(entries), [{ id: room.signer.key.id }], [room.signer.key.raw])).toMatchObject({ code: 'valid' })
  })

  it('is worth nothing where an entry is of a later date than the end of the key that signed it, or the checkpoint', async () => {
    const ended = (until: number) => verifyPeriod(period, each(entries), [{ ...room.signer.key, until }])
    const issued = Date.UTC(2026, 4, 3, 10, 20, 30, 405)
    expect((await ended(issued)).code).toBe('valid')
    expect(failed(await ended(issued - 1))).toEqual(['statements'])
    const login = await periodOf(room, sampleTenant, { from: start, to: start + hour })
    const [event] = (await room.ledger.read(sampleTenant, 0, 5)).filter(({ type }) => type === 'audit')
    const only = { ...login, first: event?.index, end: (event?.index ?? 0) + 1 }
    const of = async (until: number) =>
      (await verifyPeriod(only, each(event ? [event] : []), [{ ...room.signer.key, until }])).checks.find(
        ({ name }) => name === 'statements',
      )
    expect([(await of(start))?.ok, (await of(start - 1))?.ok]).toEqual([true, false])
    const next = localSigner(sampleSeed('next'))
    const anew = await periodOf({ ...room, signer: next }, sampleTenant, { from: start + 3 * hour, to: start + 7 * hour })
    const keys = (until: number) => [next.key, { ...room.signer.key, until }]
    expect((await verifyPeriod(anew, each(entries), keys(issued))).code).toBe('valid')
    expect(failed(await verifyPeriod(anew, each(entries), keys(issued - 1)))).toEqual(['statements'])
  })

  it('is invalid where a call is decided for good, an approval used, or an outcome told once more, though each is signed', async () => {
    const held = sampleDecision('hold')
    const approved = (more: object = {}): Decision => ({ ...sampleDecision(), call: held.call, approval: 'asked', ...more }) as Decision
    const done = { status: 'succeeded', output: 1 } as const
    type Room = ReturnType<typeof sampleRoom>
    const saying = async (...steps: readonly ((own: Room) => Promise<unknown>)[]) => {
      const own = sampleRoom()
      // As somebody leaves it who takes the names that are given once out of the database.
      const append: Room['ledger']['append'] = (of, all) =>
        own.ledger.append(
          of,
          all.map(({ keys: _, ...each }) => each),
        )
      const recorder = createRecorder({ ...own, ledger: { ...own.ledger, append }, clock: sampleClock })
      for (const step of steps) await step({ ...own, recorder })
      const all = await periodOf(own, sampleTenant, { from: 0, to: start + 24 * hour })
      return failed(await verifyPeriod(all, each(await own.ledger.read(sampleTenant, 0, 99)), [own.signer.key]))
    }
    const decided = (decision: Decision) => async (own: Room) => own.recorder.decided(decision, { epoch: 0, keys: [] })
    const other = { call: { ...held.call, id: 'another' } }
    expect(await saying(decided(held), decided(sampleDecision('hold')), decided(approved()))).toEqual([])
    expect(await saying(decided(held), decided(approved()), decided(approved({ approval: 'more' })))).toEqual(['statements'])
    expect(await saying(decided(approved()), decided(approved(other)))).toEqual(['statements'])
    expect(await saying(decided(approved()), decided(approved({ ...other, approval: 'more' })))).toEqual([])
    const one = approved()
    const outcome = async (own: Room) => own.recorder.concluded(one, done, 1)
    const amendment = async (own: Room) => own.recorder.amended(one, done, 2)
    expect(await saying(decided(one), outcome, amendment)).toEqual([])
    expect(await saying(decided(one), outcome, outcome)).toEqual(['statements'])
    expect(await saying(decided(one), outcome, amendment, amendment)).toEqual(['statements'])
  })

  it('has grants that their issuers signed beside the server, and nothing else that anybody signed beside it', async () => {
    const issuer = localSigner(sampleSeed('issuer'))
    const claim: GrantClaim = {
      grant_id: '01990000-0000-7000-8000-000000000001',
      tenant: sampleTenant,
      issuer: 'User::u',
      holder: 'Agent::a',
      parent: null,
      allowed_actions: [],
      resource_scope: ['*'],
      constraints: { max_cost: null, taint: null },
      obligations: [],
      issued_at: new Date(start).toISOString(),
      expires_at: new Date(start + hour).toISOString(),
    }
    const saying = async (entry: (own: ReturnType<typeof sampleRoom>) => Promise<NewEntry>) => {
      const own = sampleRoom('cosigned')
      await own.ledger.append(sampleTenant, [await entry(own)])
      const all = await periodOf(own, sampleTenant, { from: 0, to: start + 24 * hour })
      return failed(await verifyPeriod(all, each(await own.ledger.read(sampleTenant, 0, 9)), [own.signer.key]))
    }
    const signature = await signGrant(issuer, grantStatement(claim))
    expect(await saying(({ signer }) => certifyGrant(signer, claim, signature))).toEqual([])
    const besides = async ({ signer }: ReturnType<typeof sampleRoom>) => {
      const text = grantStatement(claim).replace('grant:1', 'gift:1')
      return { type: 'decision' as const, body: await sign(signer, text, [await signGrant(issuer, text)]) }
    }
    expect(await saying(besides)).toEqual(['statements'])
  })

  it('may be all of a ledger, its end, or nothing', async () => {
    for (const [from, to, first, end] of [
      [0, start + 100 * hour, 0, 50],
      [start + 9 * hour, start + 20 * hour, 45, 50],
      [start + 20 * hour, start + 30 * hour, 50, 50],
      [start + hour, start, 5, 5],
    ] as const) {
      const one = await periodOf(room, sampleTenant, { from, to })
      expect([one.first, one.end]).toEqual([first, end])
      expect(failed(await check(await room.ledger.read(sampleTenant, first, end), one))).toEqual([])
    }
    const empty = sampleRoom('empty')
    const none = await periodOf(empty, sampleTenant, { from: 0, to: 1 })
    expect(none.checkpoint).toContain(Buffer.from(emptyRoot, 'hex').toString('base64'))
    expect((await verifyPeriod(none, each([]), [empty.signer.key])).code).toBe('valid')
  })

  it('without a pinned key that signed it is untrusted, whatever it says', async () => {
    const other = sampleRoom('second')
    expect(await verifyPeriod(period, each(entries), [other.signer.key])).toMatchObject({ code: 'untrusted-key' })
    expect(await verifyPeriod(period, each(entries), [])).toMatchObject({ code: 'untrusted-key' })
  })

  it('is found out when an entry is left out, added, changed, swapped or moved', () =>
    fc.assert(
      fc.asyncProperty(
        fc.nat(19),
        fc.nat(9_999),
        fc.constantFrom('leave out', 'repeat', 'change', 'swap', 'move'),
        async (at, byte, how) => {
          const some = entries.map(({ index, body }) => ({ index, body }))
          const entry = some[at] ?? { index: 0, body: '' }
          const place = byte % entry.body.length
          if (how === 'leave out') some.splice(at, 1)
          if (how === 'repeat') some.splice(at, 0, entry)
          if (how === 'change') some[at] = { ...entry, body: `${entry.body.slice(0, place)}~${entry.body.slice(place + 1)}` }
          if (how === 'swap') some[at] = { ...entry, body: some[(at + 1) % 20]?.body ?? '' }
          // Whoever leaves one out and counts anew is found out as well.
          const counted = how === 'move' ? some.toSpliced(at, 1).map((each, n) => ({ ...each, index: period.first + n })) : some
          const shorter = how === 'move' ? { ...period, end: period.end - 1 } : period
          const found = await check(counted, shorter)
          expect(found.code).toBe('invalid')
          expect(failed(found)).toContain(how === 'leave out' || how === 'repeat' ? 'entries' : 'range')
        },
      ),
      { numRuns: 300 },
    ))

  it('is refused where its form is not the known one', async () => {
    for (const wrong of [null, {}, { ...period, more: 1 }, { ...period, first: -1 }, { ...period, proof: ['x'] }])
      expect(await check(entries, wrong)).toMatchObject({ code: 'refused' })
    for (const wrong of [
      { ...period, tenant: 'other' },
      { ...period, first: 14 },
      { ...period, checkpoint: 'x' },
      { ...period, proof: [] },
    ])
      expect((await check(entries, wrong)).code).not.toBe('valid')
  })
})
