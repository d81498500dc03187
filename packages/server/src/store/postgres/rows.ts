import type { Rows } from '../sqlite/rows.ts'
import type { VaultSecrets } from '../sqlite/vault.ts'
import { apiKeyRows } from './api-keys.ts'
import { approvalRows } from './approvals.ts'
import { callRows } from './calls.ts'
import { counterRows } from './counter.ts'
import type { Database } from './database.ts'
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
import { vaultRows } from './vault.ts'

/** Every noun and verb of the embedded store, except what only its one thread needs. Each verb is a transaction of its own. */
type SameVerbs = {
  readonly [N in keyof Rows]: {
    readonly [V in keyof Rows[N] as `${N}.${V & string}` extends 'ledger.check' | 'ledger.forget' | 'calls.write'
      ? never
      : V]: Rows[N][V] extends (...args: infer A) => infer R ? (...args: A) => Promise<R> : never
  }
}

/** What PostgreSQL can be asked: by noun, then by verb. */
export function openRows(db: Database, vault: VaultSecrets) {
  const rows = {
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
  return rows satisfies SameVerbs
}
