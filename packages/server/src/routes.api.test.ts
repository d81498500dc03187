import { holds, permissions, problemType, type Route, roles, routes } from '@agentgate/api'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestServer, type TestServer } from './test-server.ts'

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
})
afterAll(() => server.stop())

const all: readonly Route[] = Object.values(routes).flatMap((verbs) => Object.values(verbs))
const addressOf = ({ path }: Route) => path.replace(/:\w+/g, 'some-id')

describe('every route', () => {
  it('says who may use it, and the server opens nothing besides', () => {
    const served = server.routes()
    expect(served.length).toBeGreaterThan(40)
    for (const { url, needs } of served) {
      expect(needs, url).toBeDefined()
      if (needs !== 'anyone' && needs !== 'signed-in') expect(permissions, url).toContain(needs)
    }
    const declared = new Set(all.map(({ method, path }) => `${method} ${path}`))
    const besides = served.map(({ method, url }) => `${method} ${url}`).filter((door) => !declared.has(door))
    expect(besides.toSorted()).toEqual(['GET /*', 'GET /api/openapi.json', 'HEAD /*'])
    expect(served.filter(({ method, url }) => declared.has(`${method} ${url}`))).toHaveLength(declared.size)
  })

  it('that is not for anyone is 401 without a credential', async () => {
    for (const route of all.filter(({ needs }) => needs !== 'anyone')) {
      const response = await fetch(server.url + addressOf(route), { method: route.method })
      expect([route.path, response.status]).toEqual([route.path, 401])
      expect(response.headers.get('content-type')).toContain(problemType)
      await response.body?.cancel()
    }
  })

  it('answers 403 to exactly those roles that lack its permission', async () => {
    for (const role of roles) {
      const { fetch: ask } = await server.userWith(role)
      for (const route of all) {
        if (route.needs === 'anyone' || route.needs === 'signed-in') continue
        const leave = new AbortController()
        const body = route.method === 'GET' || route.method === 'DELETE' ? {} : { body: '{}' }
        const response = await ask(addressOf(route), { method: route.method, signal: leave.signal, ...body })
        const code = response.status === 403 ? ((await response.json()) as { type: string }).type : ''
        leave.abort()
        expect([role, route.method, route.path, code === 'not-permitted']).toEqual([
          role,
          route.method,
          route.path,
          holds([role], route.needs) === undefined,
        ])
      }
    }
  })

  it('is described by the OpenAPI document', async () => {
    const document = (await (await fetch(`${server.url}/api/openapi.json`)).json()) as {
      openapi: string
      paths: Record<string, Record<string, unknown>>
    }
    expect(document.openapi).toBe('3.1.0')
    for (const { method, path } of all) expect(document.paths[path.replace(/:(\w+)/g, '{$1}')]).toHaveProperty(method.toLowerCase())
  })
})

describe('cookies', () => {
  it('are what browsers get instead of tokens, and count only for requests from our own pages', async () => {
    const { email, password } = server.credentials.requester
    const origin = server.url
    const login = await fetch(`${server.url}/api/auth/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin },
      body: JSON.stringify({ email, password }),
    })
    const cookies = login.headers.getSetCookie()
    expect(cookies.length).toBeGreaterThan(0)
    for (const cookie of cookies) expect(cookie).toMatch(/HttpOnly.*SameSite=(Lax|Strict)|SameSite=(Lax|Strict).*HttpOnly/)
    expect(await login.json()).not.toHaveProperty('access_token')

    const cookie = cookies.map((each) => each.split(';')[0]).join('; ')
    const chat = (headers: Record<string, string>) =>
      fetch(`${server.url}/api/playground/chat`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', cookie, ...headers },
        body: JSON.stringify({ session_id: 'c', text: 'hello' }),
      })
    expect((await fetch(`${server.url}/api/auth/me`, { headers: { cookie } })).status).toBe(200)
    expect((await chat({ origin })).status).toBe(200)
    for (const headers of [{ origin: 'https://evil.example' }, { origin: 'null' }, {}]) {
      const refused = await chat(headers)
      expect([headers, refused.status]).toEqual([headers, 403])
    }
  })
})
