import { describe, expect, it } from 'vitest'
import type { TenantId } from '../call.ts'
import { utf8Text } from './bytes.ts'
import { openEnvelope, verifyEnvelope } from './envelope.ts'
import { localSigner } from './keys.ts'
import { createRecorder } from './recorder.ts'
import { sampleClock, sampleDecision, sampleRoom, sampleSeed, sampleTenant } from './sample.ts'

const refused = { status: 'refused', reason: { code: 'threat-found', message: 'No.' } } as const

describe('recording decisions', () => {
  it('signs an allow and appends it as the only final decision of its call', async () => {
    const { recorder, ledger, signer, record } = sampleRoom()
    const decision = sampleDecision()
    expect(await recorder.decided(decision, { epoch: 0, keys: [] })).toBe('recorded')
    const [entry] = await ledger.read(sampleTenant, 0, 1)
    expect(entry?.type).toBe('decision')
    const envelope = openEnvelope(entry?.body ?? '')
    expect(await verifyEnvelope(envelope, signer.key)).toBe(true)
    expect(JSON.parse(utf8Text(envelope.payload))).toMatchObject({
      predicate: { decision_id: decision.id, result: 'ADMISSIBLE', epoch: 0 },
    })
    expect(record(decision.id)).toMatchObject({
      decision,
      entry: 0,
      opened: { input: { value: decision.call.input } },
    })
    const again = { ...sampleDecision('deny'), call: decision.call }
    expect(await recorder.decided(again, { epoch: 0, keys: [], refused })).toBe('taken')
    expect((await ledger.head(sampleTenant)).size).toBe(1)
  })

  it('appends a denial together with its outcome', async () => {
    const { recorder, ledger, record } = sampleRoom()
    const decision = sampleDecision('deny')
    await recorder.decided(decision, { epoch: 0, keys: [], refused })
    expect((await ledger.read(sampleTenant, 0, 9)).map(({ type }) => type)).toEqual(['decision', 'outcome'])
    expect(record(decision.id)).toMatchObject({
      outcome: refused,
      settledAt: sampleClock.now(),
      entry: 0,
      outcomeEntry: 1,
      outcomeOpened: {},
    })
    expect(await recorder.concluded(decision, refused, 1)).toBe('taken')
  })

  it('lets a held call be decided again, once', async () => {
    const { recorder, record } = sampleRoom()
    const hold = sampleDecision('hold')
    expect(await recorder.decided(hold, { epoch: 0, keys: [], kept: 'vault/1' })).toBe('recorded')
    expect(record(hold.id)).toMatchObject({ kept: 'vault/1' })
    const allow = { ...sampleDecision(), call: hold.call }
    expect(await recorder.decided(allow, { epoch: 0, keys: ['approval/7'] })).toBe('recorded')
    expect(await recorder.decided({ ...sampleDecision(), call: hold.call }, { epoch: 0, keys: [] })).toBe('taken')
    expect(await recorder.decided(sampleDecision(), { epoch: 0, keys: ['approval/7'] })).toBe('taken')
  })

  it('records nothing under an epoch that has moved', async () => {
    const { recorder, ledger } = sampleRoom()
    expect(await recorder.epoch(sampleTenant)).toBe(0)
    await ledger.append(sampleTenant, [{ type: 'audit', body: '{}', moves: true }])
    expect(await recorder.decided(sampleDecision(), { epoch: 0, keys: [] })).toBe('moved')
    expect(await recorder.epoch(sampleTenant)).toBe(1)
    expect(await recorder.decided(sampleDecision(), { epoch: 1, keys: [] })).toBe('recorded')
    expect(await recorder.epoch('other' as TenantId)).toBe(0)
  })

  it('keeps one outcome and one amendment of a call', async () => {
    const { recorder, ledger, record } = sampleRoom()
    const decision = sampleDecision()
    await recorder.decided(decision, { epoch: 0, keys: [] })
    const lost = { status: 'lost', reason: { code: 'lost', message: 'Nobody reported.' } } as const
    expect(await recorder.concluded(decision, lost, 10)).toBe('recorded')
    expect(await recorder.concluded(decision, { status: 'succeeded', output: 1 }, 11)).toBe('taken')
    expect(await recorder.amended(decision, { status: 'succeeded', output: { rows: 2 } }, 12)).toBe('recorded')
    expect(await recorder.amended(decision, { status: 'failed', error: 'late again' }, 13)).toBe('taken')
    expect((await ledger.read(sampleTenant, 0, 9)).map(({ type }) => type)).toEqual(['decision', 'outcome', 'amendment'])
    expect(record(decision.id)).toMatchObject({
      outcome: lost,
      amendment: { output: { rows: 2 } },
      entry: 0,
      outcomeEntry: 1,
      amendmentEntry: 2,
    })
  })

  it('gives the restored input of a call away once, and audits it', async () => {
    const { recorder, ledger } = sampleRoom()
    const decision = sampleDecision()
    await recorder.decided(decision, { epoch: 0, keys: [] })
    const all = await Promise.all([1, 2, 3].map((now) => recorder.released({ decision, entry: 0 }, now)))
    expect(all.toSorted()).toEqual([false, false, true])
    const [, event, ...more] = await ledger.read(sampleTenant, 0, 9)
    expect([event?.type, more]).toEqual(['audit', []])
    expect(event?.body).toContain('input.released')
  })

  it('gives no input away by a record that says something else than its certificate', async () => {
    const { recorder, ledger } = sampleRoom()
    const [held, allowed] = [sampleDecision('hold'), sampleDecision()]
    for (const decision of [held, allowed]) await recorder.decided(decision, { epoch: 0, keys: [] })
    const { expiresAt, call } = allowed
    const other = { ...call.principal, id: 'Agent::other' as never }
    const now = expiresAt - 1
    for (const [decision, entry] of [
      [{ ...held, verdict: 'allow' }, 0],
      [{ ...held, verdict: 'allow' }, 1],
      [{ ...allowed, expiresAt: expiresAt + 1 }, 1],
      [{ ...allowed, call: { ...call, principal: other } }, 1],
      [allowed, 7],
      [allowed, undefined],
    ] as const)
      expect(await recorder.released({ decision: decision as typeof allowed, ...(entry !== undefined && { entry }) }, now)).toBe(false)
    expect(await recorder.released({ decision: allowed, entry: 1 }, expiresAt)).toBe(false)
    expect((await ledger.head(sampleTenant)).size).toBe(2)
    expect(await recorder.released({ decision: allowed, entry: 1 }, now)).toBe(true)
  })

  it('gives no input away by a certificate that is dated after the end of its key', async () => {
    const { recorder, ledger, signer, audit } = sampleRoom()
    const decision = sampleDecision()
    await recorder.decided(decision, { epoch: 0, keys: [] })
    const released = async (until: number) => {
      const retired = [{ ...signer.key, until }]
      const later = createRecorder({ ledger, signer: localSigner(sampleSeed('next')), retired, audit, clock: sampleClock })
      return later.released({ decision, entry: 0 }, decision.issuedAt + 1)
    }
    expect(await released(decision.issuedAt - 1)).toBe(false)
    expect(await released(decision.issuedAt)).toBe(true)
  })

  it('writes neither input nor output nor private facts into the ledger', async () => {
    const { recorder, ledger } = sampleRoom()
    const decision = sampleDecision('allow', {
      input: { note: 'sensitive-input' },
      context: { source_ip: '192.0.2.99', phone: 4915112345678 },
    })
    await recorder.decided(decision, { epoch: 0, keys: [] })
    await recorder.concluded(decision, { status: 'failed', error: 'sensitive-error' }, 3)
    const bodies = (await ledger.read(sampleTenant, 0, 9)).map(({ body }) => body)
    const texts = [...bodies, utf8Text(openEnvelope(bodies[0] ?? '').payload)].join('\n')
    for (const secret of ['sensitive', '192.0.2.99', '4915112345678', 'reservation']) expect(texts).not.toContain(secret)
    expect(JSON.parse(bodies[1] ?? '')).toMatchObject({
      status: 'failed',
      reason: null,
      call_id: decision.call.id,
      decision_id: decision.id,
    })
  })
})
