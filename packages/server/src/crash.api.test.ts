import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Client, createClient } from '@agentgate/api'
import { entriesOf, leafHash, readAudit, verifyChain, verifyConsistency } from '@agentgate/core'
import { describe, expect, it } from 'vitest'
import { onlyTenant } from './server.ts'
import { startTestProcess } from './test-process.ts'
import { eventually, startTestServer } from './test-server.ts'

const email = 'crash@test.example'
const password = 'a password for crashes only'
const settings = { AGENTGATE_DEMO_EMAIL: email, AGENTGATE_DEMO_PASSWORD: password }

/** A demo's server in a process of its own, which can be killed. */
const spawned = (folder: string) => startTestProcess({ AGENTGATE_ENV: 'demo', AGENTGATE_DATA: folder, ...settings }, { email, password })

type Told = Map<string, 'decided' | 'settled'>

/** Decides, and settles every second call, until the server is gone; notes what it was told. */
async function load(client: Client, told: Told): Promise<void> {
  for (let n = 0; ; n++) {
    try {
      const { id } = await client.calls.decide({ body: { action: 'work', input: { text: `Order ${n} is for ada${n}@a.example` } } })
      told.set(id, 'decided')
      if (n % 2 === 0) continue
      await client.calls.outcome({ params: { id }, body: { status: 'succeeded', output: n } })
      told.set(id, 'settled')
    } catch {
      return
    }
  }
}

describe('a server that is killed under load', { timeout: 180_000 }, () => {
  it('loses nothing that it acknowledged, keeps a tree that only grew, and settles what was left open', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'agentgate-crash-'))
    const told: Told = new Map()
    try {
      let before = { size: 0, root: '' }
      for (let kill = 0; kill < 3; kill++) {
        const running = await spawned(folder)
        const { client } = running
        const { size, root } = await client.evidence.checkpoint()
        if (before.size > 0) {
          const { hashes } = await client.evidence.consistency({ query: { from: before.size, to: size } })
          expect(await verifyConsistency({ older: before.size, olderRoot: before.root, size, root }, hashes)).toBe(true)
        }
        before = { size, root }
        const input = { type: 'object', properties: { text: { type: 'string' } } }
        await client.tools.put({ params: { name: 'work' }, query: {}, body: { input, effect: 'execute', arguments: { text: 'prose' } } })
        const enough = told.size + 60
        const loads = Array.from({ length: 8 }, () => load(client, told))
        await eventually(async () => (told.size >= enough ? true : undefined))
        await running.kill()
        await Promise.all(loads)
      }

      const after = await startTestServer({ folder, env: settings })
      const { house } = after.server
      const { size, root } = await house.ledger.head(onlyTenant)
      const leaves: string[] = []
      for await (const { body } of entriesOf(house.ledger, onlyTenant)) leaves.push(leafHash(body))
      expect(leaves).toHaveLength(size)
      expect(
        await house.ledger.nodes(
          onlyTenant,
          leaves.map((_, index) => ({ level: 0, index })),
        ),
      ).toEqual(leaves)
      expect(
        await verifyConsistency({ older: before.size, olderRoot: before.root, size, root }, await proof(after.url, before.size, size)),
      ).toBe(true)
      expect(await verifyChain(entriesOf(house.ledger, onlyTenant), { tenant: onlyTenant, keys: house.auditKeys })).toMatchObject({
        valid: true,
      })

      after.pass(61 * 60_000)
      while ((await house.calls.expired(house.clock.now())).length > 0) await after.sweep()
      for (const [id, state] of told) {
        const [record] = await house.calls.list(onlyTenant, { call: id as never, limit: 1 })
        const { status } = record?.outcome ?? {}
        expect([id, state === 'settled' ? status === 'succeeded' : status === 'lost' || status === 'succeeded']).toEqual([id, true])
      }
      expect(
        [...(await Array.fromAsync(entriesOf(house.ledger, onlyTenant)))].some((entry) => readAudit(entry)?.event === 'pii.masked'),
      ).toBe(true)
      await after.stop()

      async function proof(url: string, from: number, to: number): Promise<readonly string[]> {
        const { access_token = '' } = await createClient({ url }).principals.login({ body: { email, password } })
        return (await createClient({ url, token: () => access_token }).evidence.consistency({ query: { from, to } })).hashes
      }
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })
})
