import type { Database } from 'better-sqlite3'
import { approvalRows } from './approvals.ts'
import { apiKeyRows } from './api-keys.ts'
import { callRows } from './calls.ts'
import { counterRows } from './counter.ts'
import { grantRows } from './grants.ts'
import { ledgerRows } from './ledger.ts'
import { markRows } from './marks.ts'
import { piiSettingsRows } from './pii-settings.ts'
import { policyRows } from './policies.ts'
import { principalRows } from './principals.ts'
import { sessionRows } from './sessions.ts'
import { taintRows } from './taints.ts'
import { blockRows } from './blocklist.ts'
import { honeyTokenRows } from './honey-tokens.ts'
import { threatRows } from './threats.ts'
import { toolRows } from './tools.ts'
import { userRows } from './users.ts'
import { type VaultSecrets, vaultRows } from './vault.ts'

/** What the worker can be asked: by noun, then by verb. Each verb is one step of a transaction, all or none. */
export function openRows(db: Database, vault: VaultSecrets) {
  return {
    ledger: ledgerRows(db),
    calls: callRows(db),
    counter: counterRows(db),
    approvals: approvalRows(db),
    vault: vaultRows(db, vault),
    piiSettings: piiSettingsRows(db),
    policies: policyRows(db),
    principals: principalRows(db),
    grants: grantRows(db),
    taints: taintRows(db),
    threats: threatRows(db),
    blocklist: blockRows(db),
    honeyTokens: honeyTokenRows(db),
    tools: toolRows(db),
    users: userRows(db),
    sessions: sessionRows(db),
    apiKeys: apiKeyRows(db),
    marks: markRows(db),
  }
}

export type Rows = ReturnType<typeof openRows>

/**
 * Changes that need no sync of their own: until a durable one follows they may be lost with the power, not with the process.
 * What the ledger tells of them follows in the same or a later commit, which syncs them too.
 */
export const lazy: ReadonlySet<string> = new Set([
  'calls.claim',
  'counter.reserve',
  'counter.commit',
  'counter.release',
  'counter.tidy',
  'vault.keep',
  'vault.open',
  'sessions.check',
  'sessions.placed',
  'apiKeys.check',
])

/** Changes after which nothing of what they destroyed may remain in the write-ahead log. */
export const erasing: ReadonlySet<string> = new Set(['vault.forget', 'vault.erase', 'vault.purge', 'vault.rewrap'])
