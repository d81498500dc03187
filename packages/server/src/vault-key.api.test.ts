import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { eventually, startTestServer } from './test-server.ts'

const folder = mkdtempSync(join(tmpdir(), 'agentgate-vault-key-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

it('a server takes a new vault key beside the one that it replaces, and needs the old one no more afterwards', async () => {
  const [first, second] = [randomBytes(32).toString('base64'), randomBytes(32).toString('base64')]
  const started = async (env: { [name: string]: string }) =>
    startTestServer({ folder, env: { AGENTGATE_DEMO_PASSWORD: 'a long password of the demo', ...env } })
  const restored = async (server: Awaited<ReturnType<typeof started>>, session_id: string) => {
    const { client } = await server.signIn('requester')
    return client.pii.restore({ body: { session_id, text: '<SSN_1>', purpose: 'p' } }).then(
      ({ restored_text }) => restored_text,
      ({ code }: { code: string }) => code,
    )
  }

  const before = await started({ PII_VAULT_KEY: first })
  const { client } = await before.signIn('requester')
  const { session_id } = await client.pii.createSession({ body: { purpose: 'p' } })
  await client.pii.redact({ body: { session_id, text: '338-54-9876' } })
  await before.stop()

  const without = await started({ PII_VAULT_KEY: second })
  expect(await restored(without, session_id)).toBe('integrity-failed')
  await without.stop()

  const beside = await started({ PII_VAULT_KEY: second, PII_VAULT_KEY_REPLACED: first })
  expect(await restored(beside, session_id)).toBe('338-54-9876')
  await eventually(async () => (beside.server.house.purged.size > 0 ? true : undefined))
  await beside.stop()

  const after = await started({ PII_VAULT_KEY: second })
  expect(await restored(after, session_id)).toBe('338-54-9876')
  await after.stop()
})
