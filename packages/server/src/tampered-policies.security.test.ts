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
    const db = new Sqlite(join(folder, 'agentgate.db'))
    try {
      return db.prepare("update policy_version set text = replace(text, ?, ?) where id = 'quiet'").run(from, to).changes
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
})
