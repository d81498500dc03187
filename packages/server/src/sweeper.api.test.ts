import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestServer, type TestServer, type TestUser } from './test-server.ts'

let server: TestServer
let agent: TestUser
beforeAll(async () => {
  server = await startTestServer({ still: true })
  const admin = await server.signIn('requester')
  await admin.client.tools.put({ params: { name: 'wipe' }, query: {}, body: { input: { type: 'object' }, effect: 'delete' } })
  agent = await server.agentOf('busy')
})
afterAll(() => server.stop())

describe('held calls that nobody answers', () => {
  it('are refused when their time is up, however many wait', async () => {
    const many = 230
    const asked = await Promise.all(Array.from({ length: many }, () => agent.client.calls.decide({ body: { action: 'wipe', input: {} } })))
    expect(new Set(asked.map(({ verdict }) => verdict))).toEqual(new Set(['hold']))
    server.pass(3_600_000)
    const open = () => server.server.house.approvals.list(asked[0]?.call.tenant as never, { open: true, limit: 10 })
    await server.until(async () => {
      // Of its own accord the server may be looking already, by the time of before.
      await server.sweep()
      return (await open()).length === 0
    })
    const found = await Promise.all(asked.map(({ id }) => agent.client.calls.get({ params: { id } })))
    const codes = found.map(({ decision }) => `${decision.verdict} ${decision.reason?.code}`)
    expect(new Set(codes)).toEqual(new Set(['deny approval-timeout']))
  })

  it('are refused too when they were approved and then never taken up', async () => {
    const asked = await agent.client.calls.decide({ body: { action: 'wipe', input: {} } })
    const approver = await server.signIn('approver')
    await approver.client.approvals.decide({ params: { id: asked.approval_id ?? '' }, body: { approved: true } })
    server.pass(3_600_000)
    await server.until(async () => {
      await server.sweep()
      const { decision } = await agent.client.calls.get({ params: { id: asked.id } })
      return decision.reason?.code === 'approval-timeout' && decision.verdict === 'deny'
    })
  })
})
