import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  approvalsContract,
  callsContract,
  counterContract,
  grantsContract,
  honeyTokensContract,
  ledgerContract,
  type OpenLedger,
  piiSettingsContract,
  policiesContract,
  principalsContract,
  taintsContract,
  blocklistContract,
  threatsContract,
  toolsContract,
  vaultContract,
} from '@agentgate/core/contracts'
import { afterEach } from 'vitest'
import { storedApprovals } from './approvals.ts'
import { joined, storedCalls } from './calls.ts'
import { storedCounter } from './counter.ts'
import { storedGrants } from './grants.ts'
import { storedLedger } from './ledger.ts'
import { storedPiiSettings } from './pii-settings.ts'
import { storedPolicies } from './policies.ts'
import { storedPrincipals } from './principals.ts'
import { openStore, type Store } from './store.ts'
import { storedTaints } from './taints.ts'
import { storedBlocklist } from './blocklist.ts'
import { storedHoneyTokens } from './honey-tokens.ts'
import { storedThreats } from './threats.ts'
import { storedTools } from './tools.ts'
import { storedVault } from './vault.ts'

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
    ledger: storedLedger(store),
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
  const ledger = storedLedger(store)
  return {
    calls: storedCalls(store),
    write: async (tenant, id, record) => void (await ledger.append(tenant, [{ type: 'decision', body: '{}', beside: { id, record } }])),
  }
})
counterContract('SQLite', async () => storedCounter(await fresh()))
approvalsContract('SQLite', async () => storedApprovals(await fresh()))
vaultContract('SQLite', async (clock) => storedVault(await fresh(), clock))
piiSettingsContract('SQLite', async () => storedPiiSettings(await fresh()))
policiesContract('SQLite', async () => storedPolicies(await fresh()))
principalsContract('SQLite', async () => storedPrincipals(await fresh()))
grantsContract('SQLite', async () => storedGrants(await fresh()))
taintsContract('SQLite', async () => storedTaints(await fresh()))
threatsContract('SQLite', async () => storedThreats(await fresh()))
blocklistContract('SQLite', async () => storedBlocklist(await fresh()))
honeyTokensContract('SQLite', async () => storedHoneyTokens(await fresh()))
toolsContract('SQLite', async () => storedTools(await fresh()))
