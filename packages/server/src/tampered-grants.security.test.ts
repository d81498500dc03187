import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestServer, type TestServer, type TestUser } from './test-server.ts'

describe('grants whose rows somebody changes in the database', () => {
  const folder = mkdtempSync(join(tmpdir(), 'agentgate-grants-'))
  let server: TestServer
  let admin: TestUser
  const idOf = async (user: TestUser) => (await user.client.principals.me()).id

  beforeAll(async () => {
    server = await startTestServer({ folder })
    admin = await server.userWith('admin')
    const input = { type: 'object', properties: { resource: { type: 'string' } } }
    await admin.client.tools.put({ params: { name: 'look_up' }, query: {}, body: { input, effect: 'read' } })
    await admin.client.principals.stepUp({ body: { password: 'a long password of admin' } })
    const text = '@id("all") permit (principal, action in [Action::"read"], resource);'
    await admin.client.policies.create({ body: { id: 'open', policy: { text } } })
    await admin.client.policies.activate({ params: { id: 'open' }, body: { why: 'a test' } })
  })
  afterAll(async () => {
    await server.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  function edit(sql: string, ...values: readonly string[]): void {
    const db = new Sqlite(join(folder, 'agentgate.db'))
    try {
      expect(db.prepare(sql).run(...values).changes).toBeGreaterThan(0)
    } finally {
      db.close()
    }
  }
  async function issue(to: TestUser, more: object = {}) {
    const expires_at = new Date(Date.now() + 86_400_000).toISOString()
    const body = { holder: await idOf(to), allowed_actions: ['effect:read'], resource_scope: ['/reports/*'], expires_at, ...more }
    return admin.client.delegations.issue({ body })
  }
  async function code({ token }: TestUser, resource = '/reports/may'): Promise<string> {
    const body = JSON.stringify({ action: 'look_up', input: { resource } })
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
    const answer = await fetch(`${server.url}/api/calls`, { method: 'POST', body, headers })
    const { verdict, reason } = (await answer.json()) as { verdict: string; reason?: { code: string } }
    return reason?.code ?? verdict
  }
  async function restart(): Promise<void> {
    await server.stop()
    server = await startTestServer({ folder })
    admin = await server.signIn('requester')
  }

  it('stay revoked when the revocation is taken back, also after a restart', async () => {
    const agent = await server.agentOf('revoked')
    const { id } = await issue(agent)
    expect(await code(agent)).toBe('allow')
    await admin.client.delegations.revoke({ params: { id } })
    expect(await code(agent)).toBe('grant-revoked')
    edit('update access_grant set revoked_at = null where id = ?', id)
    expect(await code(agent)).toBe('grant-revoked')
    expect((await admin.client.delegations.list({ query: { holder: await idOf(agent) } })).items).toMatchObject([{ state: 'revoked' }])
    await restart()
    expect(await code(agent)).toBe('grant-revoked')
  })

  it.each([
    ['deleted', 'delete from access_grant where id = ?'],
    ['put in the name of another', "update access_grant set holder = 'Agent::another' where id = ?"],
  ])('bind whoever held them when they are %s, also after a restart', async (how, sql) => {
    const agent = await server.agentOf(how)
    const { id } = await issue(agent)
    expect(await code(agent, '/payroll/may')).toBe('grant-exceeded')
    edit(sql, id)
    expect(await code(agent, '/payroll/may')).toBe('grant-expired')
    expect(await code(agent)).toBe('grant-expired')
    await restart()
    expect(await code(agent)).toBe('grant-expired')
    expect(await code(await server.agentOf(`free of what was ${how}`))).toBe('allow')
  })
})
