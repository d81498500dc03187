import { mkdtempSync, rmSync } from 'node:fs'
import { cp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import postgres from 'postgres'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readConfig } from './config.ts'
import { createLog } from './log.ts'
import { onlyTenant, openServer } from './server.ts'
import { postgresPrograms, startTestPostgres, type TestPostgres } from './test-postgres.ts'
import { startTestServer } from './test-server.ts'

const programs = postgresPrograms(process.env['PATH'])
const missing = 'PostgreSQL is not installed: nothing shows that tampering with it is found.'
if (!programs) {
  if (process.env['CI']) throw new Error(missing)
  console.warn(`SKIPPED: ${missing}`)
}

/** A server ran, recorded 120 decisions and 60 audit events in turn, and stopped; then somebody edits its PostgreSQL. */
describe.skipIf(!programs)('a ledger in PostgreSQL that was tampered with while the server stood still', () => {
  let database: TestPostgres
  let first: { readonly url: string; readonly folder: string }
  let size: number
  const folders: string[] = []
  const newFolder = () => {
    const folder = mkdtempSync(join(tmpdir(), 'agentgate-tampered-'))
    folders.push(folder)
    return folder
  }

  beforeAll(async () => {
    database = await startTestPostgres(programs ?? '')
    first = { url: await database.fresh(), folder: newFolder() }
    const running = await startTestServer({ folder: first.folder, env: { DATABASE_URL: first.url } })
    const { house } = running.server
    for (let at = 0; at < 60; at++) {
      const bodies = ['a', 'b'].map((name) => ({ type: 'decision' as const, body: JSON.stringify(`${at} ${name}`) }))
      await house.ledger.append(onlyTenant, bodies)
      await house.audit.record(onlyTenant, { type: 'login', facts: { at } })
    }
    await running.stop()
    const sql = postgres(first.url, { max: 1 })
    size = Number((await sql<{ size: string }[]>`select size from tree`)[0]?.size)
    await sql.end()
  })
  afterAll(async () => {
    await database?.stop()
    for (const folder of folders) rmSync(folder, { recursive: true, force: true })
  })

  /** A copy of the database and of the folder, after this SQL. */
  async function after(change: string): Promise<{ readonly url: string; readonly folder: string }> {
    const copy = { url: await database.copy(first.url), folder: newFolder() }
    await cp(first.folder, copy.folder, { recursive: true })
    await database.edit(copy.url, change)
    return copy
  }

  async function verified(change: string) {
    const { url, folder } = await after(change)
    const running = await startTestServer({ folder, env: { DATABASE_URL: url } })
    try {
      return await (await running.signIn('requester')).client.evidence.verifyChain()
    } finally {
      await running.stop()
    }
  }

  /** The one line with which a server refuses to start. */
  async function refusal(change: string): Promise<string> {
    const { url, folder } = await after(change)
    const config = readConfig({ AGENTGATE_ENV: 'demo', AGENTGATE_DATA: folder, DATABASE_URL: url, PORT: '0' })
    const log = createLog({ level: 'error', destination: { write: () => undefined } })
    const error = await openServer({ config, log }).then(
      async (server) => server.stop(),
      (reason: unknown) => reason,
    )
    expect(error).toMatchObject({ name: 'StoreError', code: 'corrupt' })
    return error instanceof Error ? error.message : ''
  }

  const oneDecision = "type = 'decision' and idx = (select min(idx) from entry where type = 'decision' and idx > 70)"

  it('is valid as it was left', async () => {
    const report = await verified('select 1')
    expect(report).toMatchObject({ valid: true, checkpoint: { size } })
    expect(report.entries_checked).toBeGreaterThanOrEqual(size)
  })

  it('is told where entries were deleted', async () => {
    const { valid, first_invalid } = await verified("delete from entry where type <> 'audit' and idx between 50 and 160")
    expect(valid).toBe(false)
    expect(first_invalid?.how).toBe('removed')
    expect(first_invalid?.index).toBeGreaterThanOrEqual(50)
    expect(first_invalid?.index).toBeLessThan(53)
  })

  it('is told that a body was changed, with its leaf and without', async () => {
    const one = await verified(`update entry set body = '"forged"' where ${oneDecision}`)
    expect(one).toMatchObject({ valid: false, first_invalid: { how: 'changed' } })
    expect(one.first_invalid?.what).toMatch(/^The body of entry 7\d is not the one that was appended/)
    const both = await verified(
      `update entry set body = '"forged"', leaf = sha256('\\x00'::bytea || convert_to('"forged"', 'UTF8')) where ${oneDecision}`,
    )
    expect(both).toMatchObject({ valid: false, first_invalid: { how: 'changed' } })
  })

  it('is told that two entries changed places', async () => {
    const swap = `create temporary table two as select idx, body, leaf from entry where type = 'audit' and idx > 60 order by idx limit 2;
      update entry set body = two.body, leaf = two.leaf from two where entry.idx <> two.idx and entry.idx in (select idx from two)`
    const { valid, first_invalid } = await verified(swap)
    expect(valid).toBe(false)
    expect(first_invalid?.index).toBeGreaterThan(60)
    expect(first_invalid?.index).toBeLessThan(68)
  })

  it('is told of an entry that was slipped in behind the last', async () => {
    const report = await verified(`
      update entry set idx = idx + 1 where idx = ${size - 1};
      insert into entry select tenant, ${size - 1}, type, body, leaf, at from entry where idx = 1;
      update tree set size = size + 1`)
    expect(report).toMatchObject({ valid: false, first_invalid: { index: size - 1, how: 'inserted' } })
  })

  it('is told of an audit event that is passed off as something else', async () => {
    const report = await verified(`update entry set type = 'decision' where type = 'audit' and idx > ${size - 8} and idx < ${size - 1}`)
    expect(report).toMatchObject({ valid: false, first_invalid: { how: 'changed' } })
  })

  it('is told of a hash of the tree that was changed or removed', async () => {
    expect(await verified('delete from node where level = 1 and idx = 20')).toMatchObject({
      valid: false,
      first_invalid: { index: 41, how: 'removed' },
    })
    expect(await verified("update node set hash = decode(repeat('ab', 32), 'hex') where level = 1 and idx = 20")).toMatchObject({
      valid: false,
      first_invalid: { index: 41, how: 'changed' },
    })
  })

  it('is not served when its end was cut off, cleanly or not, thanks to the checkpoint outside the database', async () => {
    const cut = `delete from entry where idx >= ${size - 10}; delete from entry_key where idx >= ${size - 10};
      delete from node where (idx + 1) * (1::bigint << level) > ${size - 10}; update tree set size = ${size - 10}`
    expect(await refusal(cut)).toContain(`has ${size - 10} entries and had ${size} when \`checkpoint-default.note\` was signed`)
    expect(await refusal("delete from entry where type = 'audit' and idx >= 150")).toMatch(
      /^The ledger of `default` in PostgreSQL is damaged .*: restore a backup\.$/,
    )
  })

  it('is not served when the tree says less than its entries, or more', async () => {
    expect(await refusal(`update tree set size = ${size - 10}`)).toContain('is damaged')
    expect(await refusal(`update tree set size = ${size + 1}`)).toContain('is damaged')
    expect(await refusal('delete from tree')).toContain('is damaged')
    expect(await refusal('delete from node where level > 2')).toContain('hashes of its tree are missing')
    expect(await refusal(`update entry set body = '1' where idx = ${size - 1}`)).toContain('the body of its last entry')
  })

  it('is told what is changed under a running server', async () => {
    const { url, folder } = await after('select 1')
    const running = await startTestServer({ folder, env: { DATABASE_URL: url } })
    const { client } = await running.signIn('requester')
    await database.edit(url, 'delete from entry where idx = 20')
    expect(await client.evidence.verifyChain()).toMatchObject({ valid: false, first_invalid: { index: 20, how: 'removed' } })
    await running.stop()
  })
})
