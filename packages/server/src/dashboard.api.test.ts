import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestServer, type TestServer } from './test-server.ts'

const folder = mkdtempSync(join(tmpdir(), 'agentgate-dashboard-'))
writeFileSync(join(folder, 'index.html'), '<title>the page</title>')
let server: TestServer
beforeAll(async () => {
  server = await startTestServer({ dashboard: folder })
})
afterAll(async () => {
  await server.stop()
  rmSync(folder, { recursive: true, force: true })
})

const get = (path: string, accept: string) => fetch(server.url + path, { headers: { accept } })

describe('the dashboard', () => {
  it('is one page at every address that a person navigates to', async () => {
    for (const path of ['/', '/dashboard', '/policies/x/versions']) {
      const answer = await get(path, 'text/html,application/xhtml+xml')
      expect(answer.status).toBe(200)
      expect(await answer.text()).toContain('the page')
    }
  })

  it('is at its front door for whoever takes anything: a monitor, or curl', async () => {
    for (const path of ['/', '/dashboard']) expect((await get(path, '*/*')).status).toBe(200)
    expect((await get('/policies/x', '*/*')).status).toBe(404)
    expect((await get('/', 'application/json')).status).toBe(404)
    expect((await get('/api/nothing', 'text/html')).status).toBe(404)
  })
})
