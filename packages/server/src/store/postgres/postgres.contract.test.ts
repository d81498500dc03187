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
import { afterAll, afterEach, beforeAll, describe } from 'vitest'
import { postgresPrograms, startTestPostgres, type TestPostgres } from '../../test-postgres.ts'
import { storedApprovals } from '../approvals.ts'
import { joined, storedCalls } from '../calls.ts'
import { storedCounter } from '../counter.ts'
import { storedGrants } from '../grants.ts'
import { storedLedger } from '../ledger.ts'
import { storedPiiSettings } from '../pii-settings.ts'
import { storedPolicies } from '../policies.ts'
import { storedPrincipals } from '../principals.ts'
import type { Store } from '../store.ts'
import { storedTaints } from '../taints.ts'
import { storedBlocklist } from '../blocklist.ts'
import { storedHoneyTokens } from '../honey-tokens.ts'
import { storedThreats } from '../threats.ts'
import { storedTools } from '../tools.ts'
import { storedVault } from '../vault.ts'
import { openPostgres } from './open.ts'

const programs = postgresPrograms(process.env['PATH'])
const missing = 'PostgreSQL is not installed: nothing shows that the store works on it.'
if (!programs) {
  if (process.env['CI']) throw new Error(missing)
  console.warn(`SKIPPED: ${missing}`)
}

describe.skipIf(!programs)('PostgreSQL', () => {
  const vaultSecret = new Uint8Array(32).fill(7)
  const opened: Store[] = []
  let server: TestPostgres
  beforeAll(async () => {
    server = await startTestPostgres(programs ?? '')
  })
  afterAll(async () => server?.stop())
  afterEach(async () => {
    for (const store of opened.splice(0)) await store.close()
  })

  async function fresh(url?: string): Promise<Store> {
    const store = await openPostgres({ url: url ?? (await server.fresh()), vaultSecret })
    opened.push(store)
    return store
  }

  async function openLedger(url: string): Promise<OpenLedger> {
    const store = await fresh(url)
    return {
      ledger: storedLedger(store),
      beside: async (tenant, id) => joined(await store.ask('calls', 'find', tenant, id)),
      async reopen() {
        await store.close()
        return openLedger(url)
      },
    }
  }

  ledgerContract('PostgreSQL', async () => openLedger(await server.fresh()))
  callsContract('PostgreSQL', async () => {
    const store = await fresh()
    const ledger = storedLedger(store)
    return {
      calls: storedCalls(store),
      write: async (tenant, id, record) => void (await ledger.append(tenant, [{ type: 'decision', body: '{}', beside: { id, record } }])),
    }
  })
  counterContract('PostgreSQL', async () => storedCounter(await fresh()))
  approvalsContract('PostgreSQL', async () => storedApprovals(await fresh()))
  vaultContract('PostgreSQL', async (clock) => storedVault(await fresh(), clock))
  piiSettingsContract('PostgreSQL', async () => storedPiiSettings(await fresh()))
  policiesContract('PostgreSQL', async () => storedPolicies(await fresh()))
  principalsContract('PostgreSQL', async () => storedPrincipals(await fresh()))
  grantsContract('PostgreSQL', async () => storedGrants(await fresh()))
  taintsContract('PostgreSQL', async () => storedTaints(await fresh()))
  threatsContract('PostgreSQL', async () => storedThreats(await fresh()))
  blocklistContract('PostgreSQL', async () => storedBlocklist(await fresh()))
  honeyTokensContract('PostgreSQL', async () => storedHoneyTokens(await fresh()))
  toolsContract('PostgreSQL', async () => storedTools(await fresh()))
})
