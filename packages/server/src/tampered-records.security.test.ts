import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestServer, type TestServer, type TestUser } from './test-server.ts'

let server: TestServer
let user: TestUser
beforeAll(async () => {
  server = await startTestServer()
  user = await server.signIn('requester')
  const input = { type: 'object', properties: { id: { type: 'string' } } }
  for (const [name, approval] of [
    ['wipe', true],
    ['peek', false],
  ] as const)
    await user.client.tools.put({
      params: { name },
      query: {},
      body: { input, effect: approval ? 'delete' : 'read', approval, boundary: 'trusted' },
    })
})
afterAll(() => server.stop())

describe('a private record that somebody changed in the database', () => {
  it('makes no held call run: the certificate in the ledger says what was decided', async () => {
    const release = (id: string) => user.client.calls.release({ params: { id } })
    const allowed = await user.client.calls.decide({ body: { action: 'peek', input: { id: 'jane@canary.example' } } })
    expect(await release(allowed.id)).toEqual({ input: { id: 'jane@canary.example' } })
    const held = await user.client.calls.decide({ body: { action: 'wipe', input: { id: 'jane@canary.example' } } })
    expect(held.verdict).toBe('hold')
    const db = new Sqlite(join(server.folder, 'agentgate.db'))
    const changed = db.prepare(`update call_part set record = replace(record, '"verdict":"hold"', '"verdict":"allow"') where id = ?`)
    expect(changed.run(held.certificate_id).changes).toBe(1)
    db.close()
    await expect(release(held.id)).rejects.toMatchObject({ status: 409, code: 'not-released' })
  })
})
