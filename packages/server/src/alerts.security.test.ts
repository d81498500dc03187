import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { answering, failing, hanging, startReceiver, type TestReceiver } from './test-receiver.ts'
import { startTestServer, type TestServer, type TestUser } from './test-server.ts'

const input = { type: 'object', properties: { text: { type: 'string' } }, required: ['text'], additionalProperties: false }
const attack = "ada@example.com' OR '1'='1"

describe('a server with an alert webhook', () => {
  let receiver: TestReceiver
  let server: TestServer
  let admin: TestUser
  beforeAll(async () => {
    receiver = await startReceiver(answering)
    server = await startTestServer({ env: { ALERT_WEBHOOK_URL: receiver.url, ALERT_WEBHOOK_SECRET: 'x'.repeat(32) } })
    admin = await server.userWith('admin')
    await admin.client.tools.put({ params: { name: 'look_up' }, query: {}, body: { input, effect: 'read' } })
  })
  afterAll(async () => {
    await server.stop()
    receiver.stop()
  })

  const attackAs = async (name: string) => {
    const agent = await server.agentOf(name)
    return agent.client.calls.decide({ body: { action: 'look_up', input: { text: attack } } })
  }

  it('tells it of a call that was refused for what it carries, and nothing of what that was', async () => {
    expect(receiver.seen).toEqual([])
    await attackAs('first')
    await server.until(() => receiver.seen.length === 1)
    const [told] = receiver.seen
    const [threat] = (await admin.client.threats.list()).items
    expect(told?.json).toMatchObject({
      type: 'threat.raised',
      threat: { id: threat?.id, kind: 'sql_injection', decision_id: threat?.decision_id },
    })
    for (const secret of ['OR', 'ada', 'example.com', 'look_up', '127.0.0.1'])
      expect(told?.body.replace(server.url, '')).not.toContain(secret)
  })

  it('is only degraded while it fails: it answers calls, is ready, and says in its health what is wrong', async () => {
    receiver.answer = failing
    await attackAs('second')
    await server.until(async () => (await admin.client.health.get()).status === 'degraded')
    const { checks } = await admin.client.health.get()
    expect(checks['alerts']).toEqual({ ok: false, detail: 'Alerts cannot be told by `webhook`: it answered 503.' })
    expect((await fetch(`${server.url}/api/health`)).status).toBe(200)
    expect((await fetch(`${server.url}/health/readiness`)).status).toBe(200)
    expect(((await (await fetch(`${server.url}/api/health`)).json()) as { checks: unknown }).checks).toMatchObject({
      alerts: { ok: false },
    })
    receiver.answer = answering
    await server.until(async () => (await admin.client.health.get()).status === 'healthy')
  })

  it('decides no slower while it hangs', async () => {
    receiver.answer = hanging
    const before = receiver.seen.length
    const first = await attackAs('third')
    await server.until(() => receiver.seen.length > before)
    const second = await attackAs('fourth')
    for (const { verdict } of [first, second]) expect(verdict).toBe('deny')
    expect(receiver.seen).toHaveLength(before + 1)
    receiver.answer = answering
  })
})
