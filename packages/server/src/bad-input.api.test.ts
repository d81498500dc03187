import { once } from 'node:events'
import { connect } from 'node:net'
import { text as textOf } from 'node:stream/consumers'
import { type ProblemBody, problem, problemType, type Route, routes } from '@agentgate/api'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestServer, type TestServer, type TestUser } from './test-server.ts'

let server: TestServer
let user: TestUser
beforeAll(async () => {
  server = await startTestServer()
  user = await server.signIn('requester')
})
afterAll(() => server.stop())

async function problemOf(response: Response): Promise<ProblemBody> {
  expect(response.headers.get('content-type')).toContain(problemType)
  expect(response.headers.get('cache-control')).toBe('no-store')
  const body = problem.parse(await response.json())
  expect(body.status).toBe(response.status)
  expect(body.instance).toBe(response.headers.get('x-request-id'))
  return body
}

const post = (path: string, body: string, headers: Record<string, string> = {}) => user.fetch(path, { method: 'POST', body, headers })

describe('bad input', () => {
  it('is told apart: what is not JSON is 400', async () => {
    for (const body of ['{', '{"action":', 'null}', '{"__proto__":{}}'])
      expect(await problemOf(await post('/api/calls', body))).toMatchObject({ status: 400, type: 'malformed-json' })
  })

  it('of bytes that are no UTF-8 is 400, on every route that takes a body, and never read as something else', async () => {
    const around = (bytes: readonly number[]) =>
      Buffer.concat([Buffer.from('{"why":"caf'), Buffer.from(bytes), Buffer.from('","policy":{"text":""},"text":"","action":"x"}')])
    const send = (method: string, path: string, bytes: readonly number[], headers = {}) =>
      user.fetch(path, { method, body: around(bytes), headers: { 'content-type': 'application/json', ...headers } })
    const taking = Object.values(routes).flatMap((noun) => Object.values(noun as Record<string, Route>).filter(({ body }) => body))
    expect(taking.length).toBeGreaterThan(10)
    for (const { method, path } of taking)
      expect([path, await problemOf(await send(method, path.replaceAll(/:\w+/g, 'x'), [0xe9]))]).toMatchObject([
        path,
        { status: 400, type: 'invalid-utf-8' },
      ])
    // A lone byte, an overlong slash, a surrogate half, a character cut short, another charset.
    for (const bytes of [[0xff], [0xc0, 0xaf], [0xed, 0xa0, 0x80], [0xf0, 0x9f, 0x98]])
      expect(await problemOf(await send('POST', '/api/policies/validate', bytes))).toMatchObject({ status: 400, type: 'invalid-utf-8' })
    const latin = { 'content-type': 'application/json; charset=iso-8859-1' }
    expect((await send('POST', '/api/policies/validate', [0xe9], latin)).status).toBe(400)
    expect((await send('POST', '/api/policies/validate', [...Buffer.from('é😀')])).status).toBe(422)
  })

  it('of the wrong types is 422, with the path of each mistake and never a value', async () => {
    const found = await problemOf(await post('/api/calls', JSON.stringify({ action: 7, labels: ['123-45-6789'], extra: 1 })))
    expect(found).toMatchObject({ status: 422, type: 'invalid-request' })
    expect(found.errors?.map(({ path }) => path)).toEqual(expect.arrayContaining(['/action', '/labels/0']))
    expect(JSON.stringify(found)).not.toContain('123-45-6789')
    expect(await problemOf(await post('/api/calls', '[]'))).toMatchObject({ status: 422 })
    expect(await problemOf(await user.fetch('/api/traces?limit=201'))).toMatchObject({ status: 422, errors: [{ path: '/query/limit' }] })
    expect(await problemOf(await user.fetch('/api/traces?limit=ten'))).toMatchObject({ status: 422 })
  })

  it('of no bytes is no body, whatever type it is said to have', async () => {
    const { api_key } = await user.client.principals.createApiKey({ body: { name: 'bodyless' } })
    const headers = { 'content-type': 'application/json' }
    expect((await user.fetch(`/api/auth/api-keys/${api_key.id}`, { method: 'DELETE', headers })).status).toBe(200)
    expect(await problemOf(await post('/api/calls', ''))).toMatchObject({ status: 422, type: 'invalid-request' })
  })

  it('that is too large is 413 with the limit of its route, and reaches clients that are still sending', async () => {
    const body = (size: number) => JSON.stringify({ action: 'chat', input: { text: 'x'.repeat(size) } })
    for (const [path, size, limit] of [
      ['/api/calls', 3 << 20, '2 MiB (2097152 bytes)'],
      ['/api/policies/validate', 5 << 20, '4.5 MiB (4718592 bytes)'],
      ['/api/policies/validate', 24 << 20, '4.5 MiB'],
    ] as const) {
      for (let turn = 0; turn < 5; turn++) {
        expect(await problemOf(await post(path, body(size)))).toMatchObject({
          status: 413,
          type: 'body-too-large',
          detail: expect.stringContaining(limit),
        })
      }
    }
    // Whoever is still sending learns of it once everything is sent: nothing breaks before.
    const socket = connect(Number(new URL(server.url).port), '127.0.0.1')
    const answer = textOf(socket)
    socket.write(`POST /api/policies/validate HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${user.token}\r\n`)
    socket.write('content-type: application/json\r\ncontent-length: 6291456\r\nconnection: close\r\n\r\n')
    for (let sent = 0; sent < 96; sent++) {
      await new Promise<void>((resolve, reject) => {
        socket.write(Buffer.alloc(65_536, 'x'), (error) => (error ? reject(error) : setImmediate(resolve)))
      })
    }
    expect(await answer).toMatch(/^HTTP\/1.1 413 [^]*4718592 bytes/u)
    const unknownLength = new Blob([body(6 << 20)]).stream()
    const streamed = { method: 'POST', body: unknownLength, duplex: 'half', headers: { 'content-type': 'application/json' } } as const
    expect(await problemOf(await user.fetch('/api/policies/validate', streamed))).toMatchObject({ status: 413, type: 'body-too-large' })
  })

  it('of another type is 415', async () => {
    expect(await problemOf(await post('/api/calls', 'a=b', { 'content-type': 'application/x-www-form-urlencoded' }))).toMatchObject({
      status: 415,
    })
    expect(await problemOf(await post('/api/calls', 'hello', { 'content-type': 'text/plain' }))).toMatchObject({ status: 415 })
  })

  it('of a bundle that is no canonical JSON is 422', async () => {
    const found = await problemOf(await post('/api/certificates/verify', String.raw`{"bundle":{"a":"\ud800"}}`))
    expect(found).toMatchObject({ status: 422, errors: [{ path: '/bundle' }] })
  })

  it('to an address that is none is 404, whoever asks', async () => {
    expect(await problemOf(await user.fetch('/api/nothing'))).toMatchObject({ status: 404, type: 'not-found' })
    expect(await problemOf(await fetch(`${server.url}/api/nothing`))).toMatchObject({ status: 404 })
    expect(await problemOf(await user.fetch('/api/calls', { method: 'DELETE' }))).toMatchObject({ status: 404 })
    expect(await problemOf(await user.fetch('/api/traces/none'))).toMatchObject({ status: 404 })
    expect((await fetch(`${server.url}/api/%`)).status).toBe(400)
  })

  it('nested a thousand levels deep is refused, and the server goes on', async () => {
    const deep = `${'['.repeat(1000)}${']'.repeat(1000)}`
    const response = await post('/api/calls', `{"action":"chat","input":{"text":${deep}}}`)
    expect(await response.json()).toMatchObject({ verdict: 'deny', reason: { code: 'invalid-input' } })
    const many = `${'['.repeat(1_000_000)}${']'.repeat(1_000_000)}`
    expect((await post('/api/calls', `{"action":"chat","input":${many}}`)).status).toBeLessThan(500)
    expect((await user.fetch('/api/auth/me')).status).toBe(200)
  })

  it('of very many values, or with a very long text, is 422 and names the limit, before anything is detected in it', async () => {
    for (const [text, limit] of [
      [Array.from({ length: 190_000 }, () => 'a b'), '20000 values'],
      [Object.fromEntries(Array.from({ length: 120_000 }, (_, index) => [`k${index}`, 1])), '20000 values'],
      ['x'.repeat(1_000_001), '1000000 characters'],
    ] as const) {
      const found = await problemOf(await post('/api/calls', JSON.stringify({ action: 'chat', input: { text } })))
      expect(found).toMatchObject({ status: 422, type: 'input-too-large', errors: [{ path: '/input' }] })
      expect(found.detail).toContain(limit)
    }
  })

  it('is refused in a report too, and a smaller report is taken after it', async () => {
    const { id } = await user.client.calls.decide({ body: { action: 'chat', input: { text: 'hello' } } })
    const tell = (output: unknown) => post(`/api/calls/${id}/outcome`, JSON.stringify({ status: 'succeeded', output }))
    expect(await problemOf(await tell('x'.repeat(1_000_001)))).toMatchObject({ status: 422, type: 'input-too-large' })
    expect(await (await tell('short')).json()).toMatchObject({ status: 'succeeded', output: 'short' })
  })

  it('that fits no registered tool is a refusal on record', async () => {
    const unknown = await user.client.calls.decide({ body: { action: 'no_such_tool', input: {} } })
    expect(unknown).toMatchObject({ verdict: 'deny', reason: { code: 'unknown-tool' } })
    const wrong = await user.client.calls.decide({ body: { action: 'chat', input: { text: 7, other: '123-45-6789' } } })
    expect(wrong).toMatchObject({ verdict: 'deny', reason: { code: 'invalid-input' } })
    expect(JSON.stringify(wrong)).not.toContain('123-45-6789')
    expect((await user.client.traces.get({ params: { id: wrong.trace_id } })).trace.status).toBe('refused')
  })
})

describe('a credential', () => {
  const asked = (token: string) => fetch(`${server.url}/api/auth/me`, { headers: token ? { authorization: `Bearer ${token}` } : {} })

  it('that is missing, forged, cut short or of another algorithm is 401', async () => {
    const [header = '', payload = '', signature = ''] = user.token.split('.')
    const none = Buffer.from(JSON.stringify({ alg: 'none', typ: 'JWT' })).toString('base64url')
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString())
    const lifted = Buffer.from(JSON.stringify({ ...claims, exp: 4_000_000_000, sub: 'User::someone' })).toString('base64url')
    const forged = [
      '',
      'x',
      `${header}.${payload}.`,
      `${none}.${payload}.`,
      `${header}.${lifted}.${signature}`,
      user.token.slice(0, -4),
      `ag_${'a'.repeat(43)}`,
    ]
    for (const token of forged) expect(await problemOf(await asked(token))).toMatchObject({ status: 401, type: 'unauthenticated' })
    expect((await asked(user.token)).status).toBe(200)
  })

  it('that has expired is 401', async () => {
    const own = await startTestServer()
    try {
      const { fetch } = await own.signIn('requester')
      expect((await fetch('/api/auth/me')).status).toBe(200)
      own.pass(16 * 60_000)
      expect(await problemOf(await fetch('/api/auth/me'))).toMatchObject({ status: 401 })
    } finally {
      await own.stop()
    }
  })

  it('of someone without the permission is 403, and says which permission it takes', async () => {
    const approver = await server.signIn('approver')
    const refused = await approver.client.playground.chat({ body: { session_id: 's', text: 'hi' } }).catch((error: unknown) => error)
    expect(refused).toMatchObject({ status: 403, code: 'not-permitted' })
    expect(String(refused)).toContain('playground:use')
  })
})

describe('every answer', () => {
  it('carries the request id that was sent, unless it could not be one', async () => {
    const told = async (id: string) => (await user.fetch('/api/auth/me', { headers: { 'x-request-id': id } })).headers.get('x-request-id')
    for (const id of ['0af7651916cd43dd8448eb211c80319c', '0af76519-16cd-43dd-8448-eb211c80319c', '01ARZ3NDEKTSV4RRFFQ69G5FAV'])
      expect(await told(id)).toBe(id)
    const personal = [
      '123-45-6789',
      'jane.doe',
      '4111111111111111',
      '00000000000000004111111111111111',
      '00001234-5678-9012-3456-000000000000',
    ]
    for (const id of ['a b"c', 'my-request.1', ...personal]) expect(await told(id)).toMatch(/^[0-9a-f-]{36}$/)
    for (const id of personal) expect(server.log()).not.toContain(id)
  })

  it('is kept by no cache, and its page may run no foreign or inline script', async () => {
    const { headers } = await user.fetch('/api/auth/me')
    expect(headers.get('cache-control')).toBe('no-store')
    expect(headers.get('content-security-policy')).toContain("script-src 'self'")
    expect(headers.get('content-security-policy')).not.toContain('unsafe')
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('x-frame-options')).toBe('DENY')
  })
})

describe('a client that vanishes', () => {
  it('in the middle of a live stream leaves nothing open', async () => {
    const leave = new AbortController()
    const response = await user.fetch('/api/traces/stream', { signal: leave.signal })
    expect(response.headers.get('content-type')).toContain('text/event-stream')
    expect(server.listeners()).toBe(1)
    leave.abort()
    await server.until(() => server.listeners() === 0)
  })

  it('before it has sent its body is forgotten, and others are answered', async () => {
    const { port } = new URL(server.url)
    const socket = connect(Number(port), '127.0.0.1')
    await once(socket, 'connect')
    socket.write(`POST /api/calls HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n{"action":`)
    socket.destroy()
    expect((await user.fetch('/api/auth/me')).status).toBe(200)
  })
})
