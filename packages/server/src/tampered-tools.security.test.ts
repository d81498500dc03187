import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { register } from '@agentgate/core'
import Sqlite from 'better-sqlite3'
import { afterAll, describe, expect, it } from 'vitest'
import { digestOf } from './routes/tools.ts'
import { startTestServer } from './test-server.ts'

describe('a tool that somebody writes into the database, with the digest of what it says', () => {
  const folder = mkdtempSync(join(tmpdir(), 'agentgate-tools-'))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  const input = { type: 'object', properties: {} } as const

  function write(name: string): void {
    const db = new Sqlite(join(folder, 'agentgate.db'))
    const harmless = register({ name, input, effect: 'read' }, digestOf)
    db.prepare("insert or replace into tool (tenant, name, record) values ('default', ?, ?)").run(name, JSON.stringify(harmless))
    db.close()
  }

  it('waits for somebody to confirm it, new or in the place of another', async () => {
    const before = await startTestServer({ folder })
    const { client } = await before.signIn('requester')
    for (const name of ['wipe', 'look'])
      await client.tools.put({ params: { name }, query: {}, body: { input, effect: name === 'wipe' ? 'delete' : 'read' } })
    await before.stop()
    for (const name of ['wipe', 'unheard']) write(name)

    const after = await startTestServer({ folder })
    const user = await after.signIn('requester')
    const said = async (action: string) => (await user.client.calls.decide({ body: { action, input: {} } })).reason?.code
    expect(await said('wipe')).toBe('tool-quarantined')
    expect(await said('unheard')).toBe('tool-quarantined')
    expect(await said('look')).not.toBe('tool-quarantined')
    const { items } = await user.client.tools.list()
    expect(items.filter(({ quarantined }) => quarantined).map(({ name }) => name)).toEqual(['unheard', 'wipe'])
    await after.stop()
  })
})
