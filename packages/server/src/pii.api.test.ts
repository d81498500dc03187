import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestServer, type TestServer, type TestUser } from './test-server.ts'

let server: TestServer
let user: TestUser
beforeAll(async () => {
  server = await startTestServer()
  user = await server.signIn('requester')
})
afterAll(() => server.stop())

const post = async (path: string, body: object) => user.fetch(path, { method: 'POST', body: JSON.stringify(body) })

describe('personal data over REST', () => {
  it('is redacted and restored in a session, with an audit event that names kinds and counts', async () => {
    const session_id = ((await (await post('/api/pii/sessions', { purpose: 'support' })).json()) as { session_id: string }).session_id
    const redacted = (await (await post('/api/pii/redact', { session_id, text: 'SSN 123-45-6789' })).json()) as { redacted_text: string }
    expect(redacted.redacted_text).toBe('SSN <SSN_1>')
    const restored = await post('/api/pii/restore', { session_id, text: redacted.redacted_text, purpose: 'support' })
    expect(await restored.json()).toMatchObject({ restored_text: 'SSN 123-45-6789', restorations: 1 })
    for (const text of ['&lt;SSN_1&gt;', '< ssn_1 >', String.raw`\u003cSSN_1\u003e`]) {
      const mangled = await post('/api/pii/restore', { session_id, text, purpose: 'support' })
      expect(await mangled.json()).toMatchObject({ restored_text: '123-45-6789', restorations: 1 })
    }
    expect(JSON.stringify(await user.client.evidence.audit({ query: {} }))).not.toContain('123-45-6789')
  })

  it('never gets into the audit chain by a session id or a purpose', async () => {
    const purpose = 'for canary@canary.example, 338-54-9876'
    expect((await post('/api/pii/sessions', { purpose })).status).toBe(422)
    for (const session_id of ['canary@canary.example', '339-54-9876', 'a b']) {
      expect((await post('/api/pii/redact', { session_id, text: 'x' })).status).toBe(422)
      expect((await post('/api/pii/restore', { session_id, text: 'x', purpose: 'p' })).status).toBe(422)
      expect((await post('/api/pii/reveal', { session_id, token: '<SSN_1>', purpose: 'p' })).status).toBe(422)
      expect((await user.fetch(`/api/pii/sessions/${encodeURIComponent(session_id)}`, { method: 'DELETE' })).status).toBe(422)
    }
    expect(JSON.stringify(await user.client.evidence.audit({ query: {} }))).not.toMatch(/canary|339-54/)
  })
})
