import { createServer, type RequestListener } from 'node:http'
import { once } from 'node:events'
import { afterEach, describe, expect, it } from 'vitest'
import { createClient, holds, permissions, Problem, problemType, readEvents, roles, routes } from './index.ts'

const open: (() => void)[] = []
afterEach(() => {
  for (const close of open.splice(0)) close()
})

async function answering(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1')
  open.push(() => server.close())
  await once(server, 'listening')
  const address = server.address()
  return `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`
}

describe('the typed client', () => {
  it('fills in the path, the query and the bearer token', async () => {
    const seen: (string | undefined)[] = []
    const url = await answering((request, response) => {
      seen.push(request.method, request.url, request.headers.authorization)
      response.setHeader('content-type', 'application/json').end('{"items":[]}')
    })
    const client = createClient({ url, token: () => 'abc' })
    expect(await client.traces.list({ query: { limit: 5, tool: 'a b' } })).toEqual({ items: [] })
    expect(seen).toEqual(['GET', '/api/traces?limit=5&tool=a+b', 'Bearer abc'])
    await client.policies.versions({ params: { id: 'x/../y' } })
    expect(seen[4]).toBe('/api/policies/x%2F..%2Fy/versions')
  })

  it('throws the problem that the server answered, with its code', async () => {
    const body = { type: 'own-request', title: 'Forbidden', status: 403, detail: 'Ask someone else.', instance: 'r1' }
    const url = await answering((_, response) => response.writeHead(403, { 'content-type': problemType }).end(JSON.stringify(body)))
    const asked = createClient({ url }).approvals.decide({ params: { id: 'a' }, body: { approved: true } })
    await expect(asked).rejects.toMatchObject({ name: 'Problem', code: 'own-request', status: 403, message: 'Ask someone else.' })
  })

  it('throws a hold of the playground as a problem, although its status is 202', async () => {
    const body = { type: 'approval-pending', title: 'Held', status: 202, detail: 'Wait.', instance: 'r', approval_id: 'q', sent: 'hi' }
    const url = await answering((_, response) => response.writeHead(202, { 'content-type': problemType }).end(JSON.stringify(body)))
    const asked = createClient({ url }).playground.chat({ body: { session_id: 's', text: 'hello' } })
    await expect(asked).rejects.toMatchObject({ code: 'approval-pending', body: { approval_id: 'q', sent: 'hi' } })
  })

  it('says so when an answer is no problem at all', async () => {
    const url = await answering((_, response) => response.writeHead(502).end('<html>'))
    await expect(createClient({ url }).principals.me()).rejects.toBeInstanceOf(Problem)
  })

  it('reads a stream event by event, and resumes behind the one it is given', async () => {
    const url = await answering((request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.end(`: beat\n\nid: ${String(request.headers['last-event-id'])}-1\nevent: x\ndata: {"type":\ndata: "reset"}\n\n`)
    })
    const heard = await Array.fromAsync(createClient({ url }).traces.stream({ after: '7' }))
    expect(heard).toEqual([{ id: '7-1', data: { type: 'reset' } }])
  })
})

describe('server-sent events', () => {
  it('come out the same wherever the bytes are cut', async () => {
    const bytes = new TextEncoder().encode('id: 1\ndata: é\r\n\r\n: beat\n\nevent: b\ndata:two\n\n')
    for (let at = 0; at <= bytes.length; at++) {
      const body = new Blob([bytes.slice(0, at), bytes.slice(at)]).stream()
      const cut = new ReadableStream<Uint8Array>({
        start(controller) {
          controller.enqueue(bytes.slice(0, at))
          controller.enqueue(bytes.slice(at))
          controller.close()
        },
      })
      for (const stream of [body, cut])
        expect(await Array.fromAsync(readEvents(stream))).toEqual([
          { id: '1', event: 'message', data: 'é' },
          { event: 'b', data: 'two' },
        ])
    }
  })
})

describe('permissions', () => {
  it('are held by roles as the table says', () => {
    expect(holds(['viewer'], 'playground:use')).toBeUndefined()
    expect(holds(['admin'], 'approval:decide')).toBe('all')
    expect(holds(['service_agent'], 'trace:read')).toBe('own')
    expect(holds(['service_agent', 'auditor'], 'trace:read')).toBe('all')
  })

  it('are never held by a role that nobody knows, prototype names included', () => {
    for (const permission of permissions) expect(holds(['root', 'constructor', '__proto__', ''], permission)).toBeUndefined()
  })

  it('are all held by some role', () => {
    for (const permission of permissions) expect(roles.some((role) => holds([role], permission))).toBe(true)
  })
})

describe('the route table', () => {
  const all = Object.values(routes).flatMap((verbs) => Object.values(verbs))

  it('has no two routes for one method and path', () => {
    const doors = all.map(({ method, path }) => `${method} ${path}`)
    expect(new Set(doors).size).toBe(doors.length)
  })

  it('names every parameter of a path in its schema', () => {
    for (const route of all) {
      const named = Array.from(route.path.matchAll(/:(\w+)/g), ([, name]) => name)
      expect(Object.keys('params' in route ? route.params.shape : {})).toEqual(named)
    }
  })
})
