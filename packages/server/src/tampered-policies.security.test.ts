import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import { afterEach, describe, expect, it } from 'vitest'
import { startTestServer } from './test-server.ts'

describe('a policy whose text somebody changes in the database', () => {
  const folder = mkdtempSync(join(tmpdir(), 'agentgate-policies-'))
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  function edit(from: string, to: string): number {
    return run("update policy_version set text = replace(text, ?, ?) where id = 'quiet'", from, to)
  }

  function run(sql: string, ...values: readonly string[]): number {
    const db = new Sqlite(join(folder, 'agentgate.db'))
    try {
      return db.prepare(sql).run(...values).changes
    } finally {
      db.close()
    }
  }

  async function said(): Promise<unknown> {
    const server = await startTestServer({ folder })
    const { client } = await server.signIn('requester')
    try {
      return await client.playground.chat({ body: { session_id: 'p', text: 'hello' } }).catch(({ code }: { code: string }) => code)
    } finally {
      await server.stop()
    }
  }

  it('judges nothing, and is judged by again once the text is back', async () => {
    const server = await startTestServer({ folder })
    const { client } = await server.signIn('requester')
    const text = '@id("nobody-chats") forbid (principal, action == Action::"chat", resource);'
    await client.policies.create({ body: { id: 'quiet', policy: { text } } })
    await client.policies.activate({ params: { id: 'quiet' }, body: { why: 'a test' } })
    await server.stop()
    expect(await said()).toBe('policy-forbid')

    expect(edit('"chat"', '"chess"')).toBe(1)
    await expect(said()).rejects.toMatchObject({ name: 'StoreError', code: 'corrupt', message: expect.stringContaining('`quiet`') })

    expect(edit('"chess"', '"chat"')).toBe(1)
    expect(await said()).toBe('policy-forbid')
  })
  it('judges nothing with its digest changed as well, nor when it is taken out of force, put back or joined by another', async () => {
    const [quiet, loud] = ['chat', 'delete'].map((name) => `@id("nobody-chats") forbid (principal, action == Action::"${name}", resource);`)
    const server = await startTestServer({ folder })
    const { client } = await server.signIn('requester')
    await client.principals.stepUp({ body: { password: server.credentials.requester.password } })
    for (const text of [loud, quiet]) {
      await client.policies.create({ body: { id: 'quiet', policy: { text: text ?? '' } } })
      await client.policies.activate({ params: { id: 'quiet' }, body: { why: 'a test' } })
    }
    await server.stop()
    const refused = { name: 'StoreError', code: 'corrupt', message: expect.stringContaining('by the ledger') }
    const set = (version: string) => run('update policy_standing set active = ? where id = ?', version, 'quiet')
    expect(await said()).toBe('policy-forbid')

    expect(set('1')).toBe(1)
    await expect(said()).rejects.toMatchObject(refused)
    expect(run("update policy_standing set active = null where id = 'quiet'")).toBe(1)
    await expect(said()).rejects.toMatchObject(refused)
    expect(set('2')).toBe(1)
    expect(await said()).toBe('policy-forbid')

    const permissive = 'permit (principal, action, resource);'
    const copied =
      "insert into policy_version select max(seq) + 1, tenant, 'more', 1, ?, content, ?, null, null, null, 1, 'User::x' from policy_version"
    run(copied, createHash('sha256').update(permissive).digest('hex'), permissive)
    run("insert into policy_standing (tenant, id, active) select tenant, 'more', 1 from tree")
    await expect(said()).rejects.toMatchObject(refused)
  })
})
