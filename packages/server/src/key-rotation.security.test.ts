import { randomBytes } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseTrust, verifyBundle } from '@agentgate/core'
import Sqlite from 'better-sqlite3'
import { afterAll, describe, expect, it } from 'vitest'
import { startTestServer, type TestServer } from './test-server.ts'

const folders: string[] = []
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

const newFolder = () => {
  const folder = mkdtempSync(join(tmpdir(), 'agentgate-rotation-'))
  folders.push(folder)
  return folder
}
const newKey = () => `${randomBytes(32).toString('base64')}\n`

async function within<T>(folder: string, work: (server: TestServer) => Promise<T>, env: Record<string, string> = {}): Promise<T> {
  const server = await startTestServer({ folder, env })
  try {
    return await work(server)
  } finally {
    await server.stop()
  }
}

/** Decides a call and answers its id. */
async function decided(server: TestServer): Promise<string> {
  const user = await server.signIn('requester')
  return (await user.client.calls.decide({ body: { action: 'nothing', input: {} } })).id
}

const keysOf = async (server: TestServer) =>
  (await (await fetch(`${server.url}/.well-known/agentgate-keys.json`)).json()) as { keys: { kid: string; until?: string }[] }
const bundleOf = async (server: TestServer, id: string) =>
  (await (await server.signIn('requester')).fetch(`/api/certificates/${id}/bundle`)).text()
const check = async (bundle: string, trust: object) => (await verifyBundle(bundle, await parseTrust(JSON.stringify(trust)))).valid

describe('a signing key that is replaced', () => {
  it('leaves the evidence from before valid, is published as retired, and its replacement is on record once', async () => {
    const folder = newFolder()
    const before = await within(folder, async (server) => {
      const id = await decided(server)
      return { id, keys: await keysOf(server), bundle: await bundleOf(server, id) }
    })
    expect(before.keys.keys).toHaveLength(1)
    writeFileSync(join(folder, 'signing.key'), newKey())
    for (const start of [1, 2]) {
      await within(folder, async (server) => {
        const now = await keysOf(server)
        expect(now.keys).toHaveLength(2)
        expect(now.keys[1]).toMatchObject({ kid: before.keys.keys[0]?.kid, until: expect.any(String) })
        expect(await check(before.bundle, now)).toBe(true)
        const anew = await bundleOf(server, before.id)
        expect(await check(anew, now)).toBe(true)
        expect(await check(anew, before.keys)).toBe(false)
        const next = await bundleOf(server, await decided(server))
        expect(await check(next, now)).toBe(true)
        expect(await check(next, before.keys)).toBe(false)
        const user = await server.signIn('approver')
        expect(await user.client.evidence.verifyChain()).toMatchObject({ valid: true })
        const { items } = await user.client.evidence.audit({ query: {} })
        expect(
          items.filter(({ type }) => type === 'key.rotated'),
          `start ${start}`,
        ).toHaveLength(1)
      })
    }
  })

  it('leaves certificates of erasure from before as good as they were', async () => {
    const folder = newFolder()
    const erasure = async (server: TestServer) => {
      const { client } = await server.signIn('requester')
      await client.pii.forget({ params: { id: (await client.pii.createSession({ body: { purpose: 'p' } })).session_id } })
      return (await client.pii.compliance()).controls.find(({ id }) => id === 'gdpr-17')
    }
    expect(await within(folder, erasure)).toMatchObject({ status: 'pass' })
    writeFileSync(join(folder, 'signing.key'), newKey())
    const after = await within(folder, erasure)
    expect(after).toMatchObject({ status: 'pass' })
    expect(after?.found).toContain('2 certificates')
  })

  it('is not taken up again, nor is a history that somebody wrote into the database', async () => {
    const folder = newFolder()
    await within(folder, decided)
    const first = readFileSync(join(folder, 'signing.key'), 'utf8')
    const second = newKey()
    writeFileSync(join(folder, 'signing.key'), second)
    await within(folder, decided)
    writeFileSync(join(folder, 'signing.key'), first)
    await expect(startTestServer({ folder })).rejects.toThrow('was replaced before')
    writeFileSync(join(folder, 'signing.key'), second)

    const db = new Sqlite(join(folder, 'agentgate.db'))
    const { value } = db.prepare("select value from mark where name = 'signing-keys'").get() as { value: string }
    const forged = value.replace(/"x":"[^"]+"\}/, `"x":"${newKey().trim()}"}`)
    const more = JSON.parse(value) as { keys: object[] }
    more.keys.push({ x: newKey().trim(), until: 1 })
    for (const wrong of [forged, JSON.stringify(more), value.replace(/"mac":"../, '"mac":"'), '{}', '']) {
      db.prepare("update mark set value = ? where name = 'signing-keys'").run(wrong)
      await expect(startTestServer({ folder })).rejects.toThrow('history of the signing key')
    }
    db.prepare("update mark set value = ? where name = 'signing-keys'").run(value)
    db.close()
    await within(folder, decided)
  })
})

describe('the history of keys, taken out of the database', () => {
  it.each(['signing', 'audit'])('is missed: %s', async (name) => {
    const folder = newFolder()
    await within(folder, decided)
    const before = readFileSync(join(folder, `${name}.key`), 'utf8').trim()
    writeFileSync(join(folder, `${name}.key`), newKey())
    await within(folder, decided, name === 'audit' ? { AGENTGATE_AUDIT_KEY_REPLACED: before } : {})
    const db = new Sqlite(join(folder, 'agentgate.db'))
    expect(db.prepare('delete from mark where name = ?').run(`${name}-keys`).changes).toBe(1)
    db.close()
    await expect(startTestServer({ folder })).rejects.toThrow('does not hold the key')
  })
})

describe('an audit key that is replaced', () => {
  const audit = 'audit.key'
  const chain = (server: TestServer) => server.signIn('approver').then(({ client }) => client.evidence.verifyChain())
  const rotations = async (server: TestServer) => {
    const { items } = await (await server.signIn('approver')).client.evidence.audit({ query: { type: 'key.rotated' } })
    return items.map(({ details }) => details['key'])
  }

  it('leaves the chain from before checked, for good, also when it is replaced again, and with the signing key', async () => {
    const folder = newFolder()
    await within(folder, decided)
    let before = readFileSync(join(folder, audit), 'utf8').trim()
    for (let replaced = 1; replaced <= 2; replaced++) {
      writeFileSync(join(folder, audit), newKey())
      if (replaced === 2) writeFileSync(join(folder, 'signing.key'), newKey())
      await within(
        folder,
        async (server) => {
          await decided(server)
          expect(await chain(server)).toMatchObject({ valid: true })
        },
        { AGENTGATE_AUDIT_KEY_REPLACED: before },
      )
      await within(folder, async (server) => {
        expect(await chain(server)).toMatchObject({ valid: true })
        expect((await rotations(server)).filter((key) => key === 'audit')).toHaveLength(replaced)
      })
      before = readFileSync(join(folder, audit), 'utf8').trim()
    }
    await within(folder, async (server) => expect(await rotations(server)).toContain('signing'))
    const db = new Sqlite(join(folder, 'agentgate.db'))
    const { value } = db.prepare("select value from mark where name = 'audit-keys'").get() as { value: string }
    expect(Buffer.from(value, 'base64').includes(Buffer.from(before, 'base64'))).toBe(false)
    db.close()
  })

  it('is not replaced by one that does not know it, or names another', async () => {
    const folder = newFolder()
    await within(folder, decided)
    const before = readFileSync(join(folder, audit), 'utf8').trim()
    writeFileSync(join(folder, audit), newKey())
    await expect(startTestServer({ folder })).rejects.toThrow('AGENTGATE_AUDIT_KEY_REPLACED')
    const other = { AGENTGATE_AUDIT_KEY_REPLACED: newKey().trim() }
    await expect(startTestServer({ folder, env: other })).rejects.toThrow('AGENTGATE_AUDIT_KEY_REPLACED')
    await within(folder, decided, { AGENTGATE_AUDIT_KEY_REPLACED: before })
    writeFileSync(join(folder, audit), newKey())
    await expect(startTestServer({ folder })).rejects.toThrow('AGENTGATE_AUDIT_KEY_REPLACED')
    await expect(startTestServer({ folder, env: { AGENTGATE_AUDIT_KEY_REPLACED: before } })).rejects.toThrow('AGENTGATE_AUDIT_KEY_REPLACED')
  })
})
