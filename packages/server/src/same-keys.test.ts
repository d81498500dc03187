import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import type { Keys } from './key-files.ts'
import { checkSameKeys } from './same-keys.ts'
import { openStore } from './store/store.ts'

it('servers of one database have the same lasting keys; keys give way to those that say so', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'agentgate-keys-'))
  const key = () => new Uint8Array(randomBytes(32))
  const keys: Keys = { secret: key(), signing: key(), audit: key(), commitment: key(), vault: key() }
  const store = await openStore({ folder, vaultSecret: keys.vault })
  const warned: unknown[] = []
  const check = (more: Partial<Keys>, replaced: { vault?: Uint8Array; audit?: Uint8Array } = {}) =>
    checkSameKeys(store, { ...keys, ...more }, { warn: (...said: unknown[]) => void warned.push(said) }, replaced)
  try {
    await check({})
    await check({})
    await expect(check({ audit: key() }, { vault: keys.audit })).rejects.toThrow('AGENTGATE_AUDIT_KEY')
    const vault = key()
    await expect(check({ vault })).rejects.toThrow('PII_VAULT_KEY')
    await expect(check({ vault }, { vault: key() })).rejects.toThrow('PII_VAULT_KEY')
    expect(warned).toEqual([])
    await check({ vault }, { vault: keys.vault })
    await check({ vault })
    await expect(check({})).rejects.toThrow('PII_VAULT_KEY')
    await check({ vault, audit: vault }, { audit: keys.audit })
    await check({ vault, audit: vault })
    await check({ vault, audit: keys.audit }, { audit: vault })
    await check({ vault, secret: key() })
    expect(warned.length).toBeGreaterThan(0)
  } finally {
    await store.close()
    rmSync(folder, { recursive: true, force: true })
  }
})
