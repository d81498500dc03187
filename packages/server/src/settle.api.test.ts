import { once } from 'node:events'
import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestServer, type TestServer, type TestUser } from './test-server.ts'

let server: TestServer
let user: TestUser
beforeAll(async () => {
  server = await startTestServer()
  user = await server.signIn('requester')
  await user.client.tools.put({
    params: { name: 'lookup' },
    query: {},
    body: {
      input: { type: 'object', properties: { who: { type: 'string' } }, required: ['who'] },
      effect: 'execute',
      arguments: { who: 'prose' },
    },
  })
  await user.client.tools.put({
    params: { name: 'inside' },
    query: {},
    body: {
      input: { type: 'object', properties: { who: { type: 'string' } } },
      effect: 'read',
      boundary: 'trusted',
      arguments: { who: 'prose' },
    },
  })
})
afterAll(() => server.stop())

const decide = (action = 'lookup') => user.client.calls.decide({ body: { action, input: { who: 'a@b.example' }, session_id: 'settling' } })
const settle = (id: string, by = user) => by.client.calls.outcome({ params: { id }, body: { status: 'succeeded', output: { ok: true } } })
const status = async (id: string) => (await user.client.traces.get({ params: { id } })).trace.status

describe('settling over HTTP', () => {
  it('takes one outcome, and answers it restored', async () => {
    const { id, call, certificate_id } = await decide()
    expect(call.input).toEqual({ who: '<EMAIL_1>' })
    const outcome = await user.client.calls.outcome({
      params: { id: certificate_id },
      body: { status: 'succeeded', output: { for: '<EMAIL_1>' } },
    })
    expect(outcome).toEqual({ status: 'succeeded', output: { for: 'a@b.example' } })
    await expect(settle(id)).rejects.toMatchObject({ status: 409, code: 'already-settled' })
  })

  it('of two reports at once takes one', async () => {
    const { id } = await decide()
    const reported = await Promise.allSettled([settle(id), settle(id), settle(id)])
    expect(reported.filter((each) => each.status === 'fulfilled')).toHaveLength(1)
  })

  it('by another principal has no effect, and does not say that the call exists', async () => {
    const { id } = await decide()
    const other = await server.agentOf('someone-else')
    await expect(settle(id, other)).rejects.toMatchObject({ status: 404, code: 'unknown-decision' })
    expect(await status(id)).toBe('running')
    expect((await settle(id)).status).toBe('succeeded')
  })

  it('reported as refused has no effect: only the gate refuses', async () => {
    const { id } = await decide()
    const response = await user.fetch(`/api/calls/${id}/outcome`, { method: 'POST', body: JSON.stringify({ status: 'refused' }) })
    expect(response.status).toBe(422)
    expect(await status(id)).toBe('running')
  })

  it('may come as long as the tool may run, which is longer than its allow lasts', async () => {
    const own = await startTestServer({ still: true })
    try {
      const late = await own.signIn('requester')
      const { id } = await late.client.calls.decide({ body: { action: 'chat', input: { text: 'hello' } } })
      own.pass(14 * 60_000)
      await own.sweep()
      expect((await settle(id, late)).status).toBe('succeeded')
    } finally {
      await own.stop()
    }
  })

  it('that comes when the tool should be through is too late: the call is lost, and stays so', async () => {
    const own = await startTestServer({ env: { AGENTGATE_CALL_MINUTES: '10' } })
    try {
      const late = await own.signIn('requester')
      const { client } = late
      const { id } = await client.calls.decide({ body: { action: 'chat', input: { text: 'hello' } } })
      own.pass(11 * 60_000)
      const [swept, settled] = await Promise.allSettled([own.sweep(), settle(id, late)])
      expect(swept.status).toBe('fulfilled')
      expect(settled).toMatchObject({ status: 'rejected', reason: { code: 'already-settled' } })
      expect((await client.traces.get({ params: { id } })).trace.status).toBe('lost')
    } finally {
      await own.stop()
    }
  })

  it('hands the restored input to a trusted tool once', async () => {
    const { id, call } = await decide('inside')
    expect(call.input).toEqual({ who: '<EMAIL_1>' })
    expect(await user.client.calls.release({ params: { id } })).toEqual({ input: { who: 'a@b.example' } })
    await expect(user.client.calls.release({ params: { id } })).rejects.toMatchObject({ status: 409, code: 'not-released' })
    const other = await server.agentOf('a-thief')
    await expect(other.client.calls.release({ params: { id } })).rejects.toMatchObject({ status: 404, code: 'unknown-decision' })
  })

  it('of keyed requests whose clients go away is decided all the same, and told to whoever repeats them', async () => {
    const body = JSON.stringify({ action: 'lookup', input: { who: 'hello '.repeat(2000) }, session_id: 'vanished' })
    const { host, hostname, port } = new URL(server.url)
    const vanish = async (key: string) => {
      const socket = connect(Number(port), hostname)
      await once(socket, 'connect')
      const lines = [`host: ${host}`, `authorization: Bearer ${user.token}`, 'content-type: application/json', `idempotency-key: ${key}`]
      socket.write(`POST /api/calls HTTP/1.1\r\n${lines.join('\r\n')}\r\ncontent-length: ${body.length}\r\n\r\n${body}`)
      return socket
    }
    // Whatever each is at when its client goes: each step of deciding one makes room for a step of the others.
    const keys = Array.from({ length: 30 }, (_, index) => `vanished-${index}`)
    const sockets = await Promise.all(keys.map(vanish))
    const asked = async () =>
      (await user.client.traces.list({ query: { limit: 200 } })).items.filter((each) => each.session_id === 'vanished')
    for (const socket of sockets) socket.destroy()
    // A connection may close before the server has read what was sent on it: such a request was never made.
    await server.until(async () => (await asked()).length > keys.length / 2)
    for (const key of keys) {
      const again = await user.fetch('/api/calls', { method: 'POST', body, headers: { 'idempotency-key': key } })
      expect(await again.json()).toMatchObject({ verdict: 'allow' })
    }
    expect((await asked()).map(({ verdict }) => verdict)).toEqual(keys.map(() => 'allow'))
  })

  it('answers a repeated request with the first decision', async () => {
    const send = (text: string) =>
      user.fetch('/api/calls', {
        method: 'POST',
        body: JSON.stringify({ action: 'chat', input: { text } }),
        headers: { 'idempotency-key': 'once' },
      })
    const first = (await (await send('hello')).json()) as { id: string }
    const again = (await (await send('hello')).json()) as { id: string }
    expect(again.id).toBe(first.id)
    expect((await send('other')).status).toBe(422)
  })
})
