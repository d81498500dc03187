import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  approvalsContract,
  callsContract,
  counterContract,
  ledgerContract,
  type OpenLedger,
  policiesContract,
  principalsContract,
  toolsContract,
  vaultContract,
} from '@agentgate/core/contracts'
import { afterEach } from 'vitest'
import { sqliteApprovals } from './approvals.ts'
import { joined, sqliteCalls } from './calls.ts'
import { sqliteCounter } from './counter.ts'
import { sqliteLedger } from './ledger.ts'
import { sqlitePolicies } from './policies.ts'
import { sqlitePrincipals } from './principals.ts'
import { openStore, type Store } from './store.ts'
import { sqliteTools } from './tools.ts'
import { sqliteVault } from './vault.ts'

const vaultSecret = new Uint8Array(32).fill(7)
const opened: { store: Store; folder: string }[] = []

async function fresh(folder = mkdtempSync(join(tmpdir(), 'agentgate-store-'))): Promise<Store> {
  const store = await openStore({ folder, vaultSecret })
  opened.push({ store, folder })
  return store
}

afterEach(async () => {
  for (const { store, folder } of opened.splice(0)) {
    await store.close()
    rmSync(folder, { recursive: true, force: true })
  }
})

async function openLedger(folder = mkdtempSync(join(tmpdir(), 'agentgate-store-'))): Promise<OpenLedger> {
  const store = await fresh(folder)
  return {
    ledger: sqliteLedger(store),
    beside: async (tenant, id) => joined(await store.ask('calls', 'find', tenant, id)),
    async reopen() {
      await store.close()
      return openLedger(folder)
    },
  }
}

ledgerContract('SQLite', () => openLedger())
callsContract('SQLite', async () => {
  const store = await fresh()
  const ledger = sqliteLedger(store)
  return {
    calls: sqliteCalls(store),
    write: async (tenant, id, record) => void (await ledger.append(tenant, [{ type: 'decision', body: '{}', beside: { id, record } }])),
  }
})
counterContract('SQLite', async () => sqliteCounter(await fresh()))
approvalsContract('SQLite', async () => sqliteApprovals(await fresh()))
vaultContract('SQLite', async () => sqliteVault(await fresh()))
policiesContract('SQLite', async () => sqlitePolicies(await fresh()))
principalsContract('SQLite', async () => sqlitePrincipals(await fresh()))
toolsContract('SQLite', async () => sqliteTools(await fresh()))
