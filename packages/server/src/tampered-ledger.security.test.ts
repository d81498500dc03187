import { mkdtempSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { cp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readConfig } from './config.ts'
import { createLog } from './log.ts'
import { onlyTenant, openServer } from './server.ts'
import { startTestServer } from './test-server.ts'

/** A server ran, recorded 120 decisions and 60 audit events in turn, and stopped; then somebody edits its database. */
describe('a ledger that was tampered with while the server stood still', () => {
  let first: string
  let size: number
  const folders: string[] = []
  const newFolder = () => {
    const folder = mkdtempSync(join(tmpdir(), 'agentgate-tampered-'))
    folders.push(folder)
    return folder
  }

  beforeAll(async () => {
    first = newFolder()
    const running = await startTestServer({ folder: first })
    const { house } = running.server
    for (let at = 0; at < 60; at++) {
      const bodies = ['a', 'b'].map((name) => ({ type: 'decision' as const, body: JSON.stringify(`${at} ${name}`) }))
      await house.ledger.append(onlyTenant, bodies)
      await house.audit.record(onlyTenant, { type: 'login', facts: { at } })
    }
    await running.stop()
    size = sizeIn(first)
  })
  afterAll(() => folders.forEach((folder) => rmSync(folder, { recursive: true, force: true })))

  const sizeIn = (folder: string) => edit(folder, (db) => (db.prepare('select size from tree').get() as { size: number }).size)

  function edit<T>(folder: string, change: (db: Sqlite.Database) => T): T {
    const db = new Sqlite(join(folder, 'agentgate.db'))
    try {
      return change(db)
    } finally {
      db.close()
    }
  }

  async function after(change: (db: Sqlite.Database) => unknown): Promise<string> {
    const folder = newFolder()
    await cp(first, folder, { recursive: true })
    edit(folder, change)
    return folder
  }

  async function verified(folder: string) {
    const running = await startTestServer({ folder })
    try {
      return await (await running.signIn('requester')).client.evidence.verifyChain()
    } finally {
      await running.stop()
    }
  }

  /** The one line with which a server refuses to start in the folder. */
  async function refusal(folder: string): Promise<string> {
    const config = readConfig({ AGENTGATE_ENV: 'demo', AGENTGATE_DATA: folder, PORT: '0' })
    const before = readFileSync(join(folder, 'agentgate.db'))
    const log = createLog({ level: 'error', destination: { write: () => undefined } })
    const error = await openServer({ config, log }).then(
      async (server) => server.stop(),
      (reason: unknown) => reason,
    )
    expect(error).toMatchObject({ name: 'StoreError', code: 'corrupt' })
    expect(readFileSync(join(folder, 'agentgate.db')).equals(before)).toBe(true)
    return error instanceof Error ? error.message : ''
  }

  /** Leaves a smaller ledger that agrees with itself in every row. */
  const cutTo = (to: number) => (db: Sqlite.Database) => {
    db.prepare('delete from entry where idx >= ?').run(to)
    db.prepare('delete from entry_key where idx >= ?').run(to)
    db.prepare('delete from node where (idx + 1) * (1 << level) > ?').run(to)
    db.prepare('update tree set size = ?').run(to)
  }

  it('is valid as it was left, and says what it was compared with and what it cannot find out', async () => {
    const report = await verified(await after(() => undefined))
    expect(report).toMatchObject({ valid: true, checkpoint: { size } })
    expect(report.entries_checked).toBeGreaterThanOrEqual(size)
    expect(report.limits).toContain('whole folder')
  })

  it('finds entries that were deleted, of whatever type', async () => {
    const folder = await after((db) => db.exec("delete from entry where type <> 'audit' and idx between 50 and 160"))
    const { valid, first_invalid } = await verified(folder)
    expect(valid).toBe(false)
    expect(first_invalid?.how).toBe('removed')
    expect(first_invalid?.index).toBeGreaterThanOrEqual(50)
    expect(first_invalid?.index).toBeLessThan(53)
    expect(first_invalid?.what).toMatch(/^Entry 5\d of \d+ is missing\.$/)
  })

  it('finds the audit events that were deleted with their keys', async () => {
    const folder = await after((db) => {
      db.exec(`delete from entry_key where name like 'audit/%' and idx between 150 and ${size - 2}`)
      db.exec(`delete from entry where type = 'audit' and idx between 150 and ${size - 2}`)
    })
    expect(await verified(folder)).toMatchObject({ valid: false, first_invalid: { how: 'removed' } })
  })

  it('does not start when the last events are gone', async () => {
    const folder = await after((db) => db.exec("delete from entry where type = 'audit' and idx >= 150"))
    expect(await refusal(folder)).toMatch(/^The ledger of `default` in .* is damaged .*: restore a backup\.$/)
  })

  it('finds a body that was changed, with its leaf and without', async () => {
    const place = "tenant = 'default' and type = 'decision' and idx = (select min(idx) from entry where type = 'decision' and idx > 70)"
    const one = await verified(await after((db) => db.exec(`update entry set body = '"forged"' where ${place}`)))
    expect(one).toMatchObject({ valid: false, first_invalid: { how: 'changed' } })
    expect(one.first_invalid?.what).toMatch(/^The body of entry 7\d is not the one that was appended/)
    const both = await after((db) =>
      db.exec(
        `update entry set body = '"forged"', leaf = x'${'00'.repeat(32)}' where ${place}; update entry set leaf = (select leaf from entry where idx = 1) where ${place}`,
      ),
    )
    expect(await verified(both)).toMatchObject({ valid: false, first_invalid: { how: 'changed' } })
  })

  it('finds an audit event that is passed off as something else', async () => {
    const folder = await after((db) =>
      db.exec(`update entry set type = 'decision' where type = 'audit' and idx > ${size - 8} and idx < ${size - 1}`),
    )
    expect(await verified(folder)).toMatchObject({ valid: false, first_invalid: { how: 'changed' } })
  })

  it('does not start where the event that activated a policy set was changed or removed, and says where', async () => {
    const activated = `type = 'audit' and body like '%policy.activated%'`
    const index = edit(first, (db) => (db.prepare(`select idx from entry where ${activated}`).get() as { idx: number }).idx)
    for (const change of [
      `update entry set body = replace(body, '"value"', '"valve"') where ${activated}`,
      `delete from entry where ${activated}`,
    ]) {
      const folder = await after((db) => db.exec(change))
      await expect(startTestServer({ folder })).rejects.toThrow(new RegExp(`by the ledger.*The ledger was changed, too: .*${index}`, 'su'))
    }
  })

  it('finds a hash of the tree that was changed or removed', async () => {
    expect(await verified(await after((db) => db.exec('delete from node where level = 1 and idx = 20')))).toMatchObject({
      valid: false,
      first_invalid: { index: 41, how: 'removed' },
    })
    expect(
      await verified(await after((db) => db.exec(`update node set hash = x'${'ab'.repeat(32)}' where level = 1 and idx = 20`))),
    ).toMatchObject({
      valid: false,
      first_invalid: { index: 41, how: 'changed' },
    })
  })

  it('does not start on a ledger whose end was cut off cleanly, nor on an older copy, thanks to the checkpoint beside it', async () => {
    const folder = await after(cutTo(size - 10))
    expect(await refusal(folder)).toContain(`has ${size - 10} entries and had ${size} when \`checkpoint-default.note\` was signed`)
    // Without the checkpoint nothing shows: whoever rolls back the whole folder is not found out by the folder.
    renameSync(join(folder, 'checkpoint-default.note'), join(folder, 'moved-away'))
    expect(await verified(folder)).toMatchObject({ valid: true })
  })

  it('does not start on the database of another server, with more entries', async () => {
    const other = newFolder()
    const running = await startTestServer({ folder: other })
    const bodies = Array.from({ length: size }, (_, at) => ({ type: 'decision' as const, body: String(at) }))
    await running.server.house.ledger.append(onlyTenant, bodies)
    await running.stop()
    const folder = await after(() => undefined)
    await cp(join(other, 'agentgate.db'), join(folder, 'agentgate.db'))
    expect(await refusal(folder)).toContain('is not the one that was written under this audit key')
    // Also when it has the other keys too: the checkpoint is another one's.
    for (const name of ['signing', 'audit']) await cp(join(other, `${name}.key`), join(folder, `${name}.key`))
    expect(await refusal(folder)).toContain('is no checkpoint that this server')
    const bare = await after(() => undefined)
    await cp(join(other, 'agentgate.db'), join(bare, 'agentgate.db'))
    const db = new Sqlite(join(bare, 'agentgate.db'))
    db.exec("delete from mark where name = 'signing-keys'")
    db.close()
    expect(await refusal(bare)).toContain(`does not hold the ${size} entries that it had`)
    expect(await refusal(await after(cutTo(0)))).toContain('has 0 entries')
  })

  it('does not start when the tree says less than its entries, or more', async () => {
    expect(await refusal(await after((db) => db.exec(`update tree set size = ${size - 10}`)))).toContain('is damaged')
    expect(await refusal(await after((db) => db.exec(`update tree set size = ${size + 1}`)))).toContain('is damaged')
    const rows = await after((db) => db.exec(`delete from entry where idx >= ${size - 10}; update tree set size = ${size - 10}`))
    await refusal(rows)
    expect(await refusal(await after((db) => db.exec('delete from tree')))).toContain('is damaged')
    expect(await refusal(await after((db) => db.exec('delete from node where level > 2')))).toContain('hashes of its tree are missing')
    expect(await refusal(await after((db) => db.exec(`update entry set body = '1' where idx = ${size - 1}`)))).toContain(
      'the body of its last entry',
    )
  })

  it('does not start with a checkpoint that its key did not sign', async () => {
    const folder = await after(() => undefined)
    const file = join(folder, 'checkpoint-default.note')
    const note = readFileSync(file, 'utf8')
    for (const forged of [note.replace(/^\d+$/m, '3'), 'nothing', '', note.replace('agentgate/default', 'agentgate/other')]) {
      writeFileSync(file, forged)
      expect(await refusal(folder)).toContain('is no checkpoint that this server')
    }
  })

  it('keeps its checkpoint for its owner only, and never an older one than the ledger was', async () => {
    const folder = await after(() => undefined)
    await verified(folder)
    expect(statSync(join(folder, 'checkpoint-default.note')).mode & 0o777).toBe(0o600)
    const [, kept] = readFileSync(join(folder, 'checkpoint-default.note'), 'utf8').split('\n')
    expect(Number(kept)).toBe(sizeIn(folder))
    expect(Number(kept)).toBeGreaterThan(size)
  })

  it('finds what is changed under a running server', async () => {
    const folder = await after(() => undefined)
    const running = await startTestServer({ folder })
    const { client } = await running.signIn('requester')
    edit(folder, (db) => db.exec('delete from entry where idx = 20'))
    expect(await client.evidence.verifyChain()).toMatchObject({ valid: false, first_invalid: { index: 20, how: 'removed' } })
    await running.stop()
  })
})
