import { isWebhookSignature } from '@agentgate/api/webhook'
import { type AuditLog, type PrincipalId, type RaisedThreat, systemClock, type TenantId } from '@agentgate/core'
import { describe, expect, it, onTestFinished } from 'vitest'
import { answering, failing, hanging, type Received, startReceiver } from '../test-receiver.ts'
import { eventually } from '../test-server.ts'
import { type AlertsOptions, createAlerts, type Pace } from './alerts.ts'

const secret = 'a secret that the receiver has as well'
const page = 'https://gate.example.com/threats'
const tenant = 'default' as TenantId

function alertsTo(channels: Pick<AlertsOptions, 'webhook' | 'slack'>, pace: Partial<Pace> = {}) {
  const events: Parameters<AuditLog['record']>[1][] = []
  let ids = 0
  const alerts = createAlerts({
    ...channels,
    page,
    audit: {
      async record(_, event) {
        events.push(event)
        return { taken: '' }
      },
    },
    clock: systemClock,
    newId: () => `more-${++ids}`,
    failed: (error) => {
      throw error
    },
    pace: { tries: [0, 20, 40, ...Array.from({ length: 200 }, () => 40)], patience: 200, ...pace },
  })
  onTestFinished(async () => alerts.close())
  return { alerts, events }
}

function threat(n: number, change: Partial<RaisedThreat> = {}): RaisedThreat {
  const [firstAt, lastAt] = [1_700_000_000_000, 1_700_000_060_000]
  const subject = 'Agent::1' as PrincipalId
  return {
    id: `threat-${n}`,
    tenant,
    kind: 'sql_injection',
    severity: 'critical',
    subject,
    state: 'pending',
    count: 1,
    firstAt,
    lastAt,
    steps: [],
    ...change,
  }
}

const told = (json: Received['json']) => json['threat'] as Partial<RaisedThreat> | undefined
const until = async (test: () => boolean) => eventually(async () => (test() ? true : undefined))

async function receiverOf(answer = answering) {
  const receiver = await startReceiver(answer)
  onTestFinished(receiver.stop)
  return receiver
}

describe('alerts', () => {
  it('are signed, with a time, and say kinds, counts and opaque ids', async () => {
    const { seen, url } = await receiverOf()
    const { alerts } = alertsTo({ webhook: { url, secret } })
    alerts.tell(threat(1, { decision: 'decision-1' }))
    await until(() => seen.length === 1)
    const [{ headers, body, json }] = seen as [Received]
    expect(isWebhookSignature(secret, body, String(headers['agentgate-signature']))).toBe(true)
    expect(isWebhookSignature(secret, `${body} `, String(headers['agentgate-signature']))).toBe(false)
    expect(headers['idempotency-key']).toBe('threat-1/1')
    expect(json).toEqual({
      type: 'threat.raised',
      threat: {
        id: 'threat-1',
        kind: 'sql_injection',
        severity: 'critical',
        state: 'pending',
        count: 1,
        principal: 'Agent::1',
        decision_id: 'decision-1',
        first_at: '2023-11-14T22:13:20.000Z',
        last_at: '2023-11-14T22:14:20.000Z',
        url: `${page}?id=threat-1`,
      },
    })
  })

  it('keep the address of a network in the house, in either shape', async () => {
    const { seen, url } = await receiverOf()
    const { alerts } = alertsTo({ webhook: { url, secret }, slack: { url } })
    alerts.tell(threat(1, { kind: 'brute_force', subject: 'network:203.0.113.9' }))
    await until(() => seen.length === 2)
    for (const { body } of seen) expect(body).not.toContain('203.0.113')
  })

  it('reach Slack as a text that its marks cannot be broken out of, unsigned: the address is the secret', async () => {
    const { seen, url } = await receiverOf()
    const { alerts } = alertsTo({ slack: { url } })
    alerts.tell(threat(1, { count: 10, subject: 'Agent::<!channel>`&' }))
    await until(() => seen.length === 1)
    const [{ headers, json }] = seen as [Received]
    expect(headers['agentgate-signature']).toBeUndefined()
    expect(json).toEqual({
      text: `*critical* \`sql_injection\` of \`Agent::&lt;!channel&gt;'&amp;\`, seen 10 times: <${page}?id=threat-1|look at threats>`,
    })
  })

  it('come once for what goes on, and again at every power of ten', async () => {
    const { seen, url } = await receiverOf()
    const { alerts } = alertsTo({ webhook: { url, secret } })
    for (let count = 1; count <= 1_000; count++) alerts.tell(threat(1, { count }))
    await until(() => seen.length === 4)
    expect(seen.map(({ json }) => told(json)?.count)).toEqual([1, 10, 100, 1_000])
    expect(new Set(seen.map(({ headers }) => headers['idempotency-key'])).size).toBe(4)
  })

  it('come so many in a window, and then as a number', async () => {
    const { seen, url } = await receiverOf()
    const { alerts } = alertsTo({ webhook: { url, secret } }, { most: 3, window: 150 })
    for (let n = 0; n < 50; n++) alerts.tell(threat(n))
    await until(() => seen.length === 4)
    expect(seen.map(({ json }) => json['type'])).toEqual(['threat.raised', 'threat.raised', 'threat.raised', 'threats.more'])
    expect(seen[3]?.json['more']).toBe(47)
    alerts.tell(threat(99))
    await until(() => seen.length === 5)
    expect(seen[4] && told(seen[4].json)?.id).toBe('threat-99')
  })

  it('are tried again while a receiver fails and hangs, in their order, and none is lost when it comes back', async () => {
    const state = await receiverOf(failing)
    const { alerts, events } = alertsTo({ webhook: { url: state.url, secret } })
    expect(alerts.health()).toEqual({ ok: true })
    for (let n = 0; n < 5; n++) alerts.tell(threat(n))
    await until(() => state.seen.length >= 3)
    expect(alerts.health()).toEqual({ ok: false, detail: 'Alerts cannot be told by `webhook`: it answered 503.' })
    const failed = state.seen.length
    state.answer = hanging
    await until(() => state.seen.length >= failed + 2)
    expect(alerts.health()?.detail).toContain('it gave no good answer')
    expect(new Set(state.seen.map(({ json }) => told(json)?.id))).toEqual(new Set(['threat-0']))
    state.answer = answering
    await until(() => told(state.seen.at(-1)?.json ?? {})?.id === 'threat-4')
    await until(() => alerts.health()?.ok === true)
    const order = state.seen.map(({ json }) => told(json)?.id).filter((id, at, all) => id !== all[at - 1])
    expect(order).toEqual([0, 1, 2, 3, 4].map((n) => `threat-${n}`))
    expect(events).toEqual([])
  })

  it('that are given up are on record, with why, and no address of a receiver', async () => {
    const { url } = await receiverOf(failing)
    const { alerts, events } = alertsTo({ slack: { url } }, { tries: [0, 10] })
    alerts.tell(threat(1))
    await until(() => events.length === 1)
    expect(events).toEqual([
      { type: 'alert.failed', facts: { channel: 'slack', alert: 'threat-1/1', threats: 1, code: 'answered', status: 503 } },
    ])
    expect(alerts.health()?.detail).not.toContain('127.0.0.1')
  })

  it('hold no more than their queue while a receiver hangs, and hold up no other channel', async () => {
    const [stuck, fine] = [await receiverOf(hanging), await receiverOf()]
    const { alerts, events } = alertsTo(
      { webhook: { url: stuck.url, secret }, slack: { url: fine.url } },
      { most: 10_000, waiting: 20, patience: 60_000, window: 60_000 },
    )
    for (let n = 0; n < 5_000; n++) alerts.tell(threat(n))
    await until(() => fine.seen.length >= 20)
    expect(stuck.seen).toHaveLength(1)
    const closing = alerts.close()
    stuck.answer = answering
    await closing
    const counted = events.map(({ facts }) => facts as { channel: string; threats: number; code: string })
    expect(new Set(counted.map(({ code }) => code))).toEqual(new Set(['stopped']))
    const lost = counted.filter(({ channel }) => channel === 'webhook').reduce((sum, { threats }) => sum + threats, 0)
    expect(lost).toBe(5_000)
    expect(fine.seen.at(-1)?.json['text']).toMatch(/^\d+ more threats were raised/)
  })

  it('go to no address but public ones and those that are named', async () => {
    const { alerts, events } = alertsTo({ webhook: { url: 'https://10.0.0.1/alerts', secret } }, { tries: [0] })
    alerts.tell(threat(1))
    await until(() => events.length === 1)
    expect(events).toMatchObject([{ facts: { code: 'address-refused' } }])
  })
})
