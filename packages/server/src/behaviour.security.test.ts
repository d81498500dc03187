import Fastify from 'fastify'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Who } from './door.ts'
import { watchAnswers } from './security/answered.ts'
import { mostNetworks } from './security/networks.ts'
import { startTestServer, type TestServer, type TestUser } from './test-server.ts'

describe('what a server sees of behaviour', () => {
  let server: TestServer
  let admin: TestUser
  beforeAll(async () => {
    server = await startTestServer({
      still: true,
      env: {
        TRUSTED_PROXIES: '127.0.0.1',
        AGENTGATE_WATCH_ANONYMOUS: '5',
        AGENTGATE_WATCH_MEGABYTES: '1',
        AGENTGATE_WATCH_REFUSALS: '4',
      },
    })
    admin = await server.userWith('security_admin')
  })
  afterAll(() => server.stop())

  const from = async (address: string, path = '/api/overview', init: RequestInit = {}) => {
    const response = await fetch(server.url + path, { ...init, headers: { 'x-forwarded-for': address, ...init.headers } })
    await response.arrayBuffer()
    return response.status
  }
  const raised = async (kind: string, more: Partial<{ subject: string }> = {}) => {
    const { items } = await admin.client.threats.list({ query: { limit: 200 } })
    return items.filter((each) => each.kind === kind && (more.subject === undefined || each.subject === more.subject))
  }
  const eventually = async (kind: string, subject: string) => {
    await server.until(async () => (await raised(kind, { subject })).length > 0)
    return raised(kind, { subject })
  }
  const subjectOf = async (user: TestUser) => (await user.client.principals.me()).id

  it('is a network that keeps asking without a credential, or with one that is not valid; health checks are none', async () => {
    for (let n = 0; n < 20; n++) {
      await from('203.0.113.1', '/health/liveness')
      await from('203.0.113.1', '/api/health')
    }
    for (let n = 0; n < 3; n++) {
      await from('203.0.113.2')
      await from('203.0.113.2', '/api/traces', { headers: { authorization: 'Bearer wrong' } })
    }
    expect(await eventually('rate_anomaly', 'network:203.0.113.2')).toMatchObject([{ severity: 'medium', count: 1, state: 'pending' }])
    expect(await raised('rate_anomaly', { subject: 'network:203.0.113.1' })).toEqual([])
    const [{ id } = { id: '' }] = await raised('rate_anomaly')
    expect(await admin.client.threats.resolve({ params: { id } })).toMatchObject({ state: 'resolved' })
  })

  it('is a person who keeps trying what their roles do not permit', async () => {
    const viewer = await server.userWith('viewer')
    const subject = await subjectOf(viewer)
    for (let n = 0; n < 3; n++) expect((await viewer.fetch('/api/auth/api-keys/x', { method: 'DELETE' })).status).not.toBe(403)
    for (let n = 0; n < 3; n++) expect((await viewer.fetch('/api/security/honey-tokens')).status).toBe(403)
    expect(await raised('privilege_escalation')).toEqual([])
    await viewer.fetch('/api/security/honey-tokens')
    expect(await eventually('privilege_escalation', subject)).toMatchObject([{ severity: 'high', count: 1 }])
  })

  it('is an agent whose calls no policy permits, again and again', async () => {
    const operator = await server.signIn('requester')
    await operator.client.principals.stepUp({ body: { password: server.credentials.requester.password } })
    const input = { type: 'object', properties: {}, additionalProperties: false }
    await operator.client.tools.put({ params: { name: 'shut_down' }, query: {}, body: { input, effect: 'delete' } })
    const text = 'forbid (principal, action == Action::"shut_down", resource);'
    await operator.client.policies.create({ body: { id: 'never', policy: { text } } })
    await operator.client.policies.activate({ params: { id: 'never' }, body: { why: 'a test' } })
    const agent = await server.agentOf('prober')
    const ids: string[] = []
    for (let n = 0; n < 4; n++) {
      const { id, verdict, reason } = await agent.client.calls.decide({ body: { action: 'shut_down', input: {} } })
      expect([verdict, reason?.code]).toEqual(['deny', 'policy-forbid'])
      ids.push(id)
    }
    const { trace } = await admin.client.traces.get({ params: { id: ids.at(-1) ?? '' } })
    const [threat] = await eventually('privilege_escalation', trace.principal)
    expect((await admin.client.traces.get({ params: { id: threat?.decision_id ?? '' } })).trace.id).toBe(trace.id)
  })

  it('is whoever takes much away', async () => {
    const auditor = await server.userWith('auditor')
    const subject = await subjectOf(auditor)
    let taken = 0
    for (; taken < 500_000; taken += (await (await auditor.fetch('/api/audit?limit=200')).arrayBuffer()).byteLength);
    expect(await raised('data_exfiltration', { subject })).toEqual([])
    for (; taken < 1_000_000; taken += (await (await auditor.fetch('/api/audit?limit=200')).arrayBuffer()).byteLength);
    expect(await eventually('data_exfiltration', subject)).toMatchObject([{ severity: 'high' }])
  })

  it('is whoever takes much away and hangs up before the last byte', async () => {
    const app = Fastify()
    const heard: { bytes: number; notPermitted: boolean }[] = []
    const asking = async () => ({ asker: { principal: { id: 'Agent::taker' } } }) as unknown as Who
    const who = watchAnswers(app, { answered: (request) => void heard.push(request), refused: () => undefined }, asking)
    app.get('/api/whole', async (request) => {
      await who(request)
      return 'x'.repeat(30_000_000)
    })
    app.get('/api/stream', async (request, reply) => {
      await who(request)
      reply.hijack()
      for (let n = 0; n < 300; n++) reply.raw.write('x'.repeat(100_000))
    })
    const url = await app.listen({ port: 0, host: '127.0.0.1' })
    try {
      for (const path of ['/api/whole', '/api/stream']) {
        const leaving = new AbortController()
        const response = await fetch(url + path, { signal: leaving.signal })
        let taken = 0
        for await (const chunk of response.body ?? []) if ((taken += chunk.length) > 10_000_000) break
        leaving.abort()
        await server.until(() => heard.length > 0)
        expect(heard.splice(0)).toMatchObject([
          { principal: 'Agent::taker', notPermitted: false, bytes: expect.toSatisfy((bytes: number) => bytes >= taken) },
        ])
      }
    } finally {
      await app.close()
    }
  })

  it('fills no database, however many networks ask', async () => {
    const types = async () => (await admin.client.evidence.audit({ query: { type: 'threat.raised', limit: 200 } })).items.length
    const before = await types()
    for (let n = 0; n < 120; n++) await Promise.all(Array.from({ length: 5 }, async () => from(`2001:db8:0:${n.toString(16)}::1`)))
    await server.until(async () => (await raised('rate_anomaly', { subject: 'network:many' })).length === 1)
    expect((await raised('rate_anomaly')).length).toBeLessThanOrEqual(mostNetworks + 1)
    expect((await types()) - before).toBeLessThanOrEqual(mostNetworks + 1)
  })
})
