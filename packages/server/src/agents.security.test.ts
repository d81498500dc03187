import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestServer, type TestServer, type TestUser } from './test-server.ts'

let server: TestServer
let requester: TestUser
let approver: TestUser
beforeAll(async () => {
  server = await startTestServer()
  requester = await server.signIn('requester')
  approver = await server.signIn('approver')
})
afterAll(() => server.stop())

async function keyOf(user: TestUser, roles: string[], more: { expires_at?: string } = {}) {
  const { key, api_key } = await user.client.principals.createApiKey({ body: { name: roles.join(' '), roles, ...more } })
  const call = (path: string, body: unknown) =>
    fetch(server.url + path, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
  return { id: api_key.id, call }
}

const deleting = { action: 'delete_user', input: { request: 'user 17' } }
const executed = async () => (await requester.client.evidence.audit({ query: { type: 'tool.executed', limit: 200 } })).items.length
const held = async (response: Response) => {
  const { approval_id } = (await response.json()) as { approval_id?: string }
  return String(approval_id)
}

describe('an API key', () => {
  it('answers no approvals, neither those of its own person nor of others', async () => {
    const id = await held(await requester.fetch('/api/calls', { method: 'POST', body: JSON.stringify(deleting) }))
    for (const owner of [requester, approver]) {
      const answered = await (await keyOf(owner, ['approver'])).call(`/api/approvals/${id}/decide`, { approved: true })
      expect(answered.status).toBe(403)
      expect(await answered.json()).toMatchObject({ type: 'agents-do-not-decide' })
    }
    expect((await approver.client.approvals.get({ params: { id } })).state).toBe('pending')
  })

  it('asks for its person, who does not decide what it asks', async () => {
    const id = await held(await (await keyOf(requester, ['service_agent'])).call('/api/calls', deleting))
    const asked = await requester.client.approvals.get({ params: { id } })
    expect(asked).toMatchObject({ own: true, requester: (await requester.client.principals.me()).id })
    const own = await requester.client.approvals.decide({ params: { id }, body: { approved: true } }).catch((error: unknown) => error)
    expect(own).toMatchObject({ status: 403, code: 'own-request' })
  })

  it('does not read what another key of the same person asks, as it reads none of its traces', async () => {
    const id = await held(await (await keyOf(requester, ['service_agent'])).call('/api/calls', deleting))
    const { key } = await requester.client.principals.createApiKey({ body: { name: 'nosy', roles: ['service_agent'] } })
    const read = (path: string) => fetch(server.url + path, { headers: { authorization: `Bearer ${key}` } })
    expect((await read(`/api/approvals/${id}`)).status).toBe(404)
    expect(await (await read('/api/approvals')).text()).not.toContain(id)
    expect((await requester.client.approvals.get({ params: { id } })).id).toBe(id)
  })

  it('makes no other key', async () => {
    const made = await (await keyOf(requester, ['admin'])).call('/api/auth/api-keys', { name: 'child' })
    expect(made.status).toBe(403)
    expect(await made.json()).toMatchObject({ type: 'only-people' })
  })

  it('does not read what its person said in a session of the same name', async () => {
    const said = await requester.client.playground.chat({ body: { session_id: 'shared', text: 'My SSN is 123-45-6789' } })
    expect(said.sent).toContain('<SSN_1>')
    const agent = await keyOf(requester, ['service_agent'])
    const decided = await agent.call('/api/calls', { action: 'chat', input: { text: 'hello' }, session_id: 'shared' })
    const { id } = (await decided.json()) as { id: string }
    const outcome = await agent.call(`/api/calls/${id}/outcome`, { status: 'succeeded', output: { answer: '<SSN_1>' } })
    expect(await outcome.text()).not.toContain('123-45-6789')
  })
})

describe('a held call, once approved', () => {
  const approveAfter = async (call: (path: string, body: unknown) => Promise<Response>, meanwhile: () => Promise<unknown>) => {
    const before = await executed()
    const id = await held(await call('/api/calls', deleting))
    await meanwhile()
    await approver.client.approvals.decide({ params: { id }, body: { approved: true } })
    await server.sweep()
    const [newest] = (await requester.client.traces.list({ query: { limit: 1 } })).items
    return { ran: (await executed()) - before, verdict: newest?.verdict, code: newest?.reason?.code }
  }

  it('runs while its key is good', async () => {
    const { call } = await keyOf(requester, ['service_agent'])
    expect(await approveAfter(call, async () => undefined)).toMatchObject({ ran: 1 })
  })

  it('does not run when its key was revoked meanwhile', async () => {
    const { id, call } = await keyOf(requester, ['service_agent'])
    expect(await approveAfter(call, () => requester.client.principals.revokeApiKey({ params: { id } }))).toEqual({
      ran: 0,
      verdict: 'deny',
      code: 'unauthenticated',
    })
  })

  it('does not run when its key expired meanwhile', async () => {
    const { call } = await keyOf(requester, ['service_agent'], { expires_at: new Date(Date.now() + 60_000).toISOString() })
    expect(await approveAfter(call, async () => server.pass(61_000))).toEqual({ ran: 0, verdict: 'deny', code: 'unauthenticated' })
  })
})
