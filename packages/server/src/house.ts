import type { TraceEvent } from '@agentgate/api'
import type {
  Approval,
  Approvals,
  AuditKey,
  AuditLog,
  Blocklist,
  Calls,
  Clock,
  Custody,
  DecisionId,
  Gate,
  Grants,
  HoneyTokens,
  Identify,
  Ledger,
  Mask,
  MaskedCall,
  PiiSettingsStore,
  PlanAnswer,
  Policies,
  PolicySet,
  Principals,
  Recorded,
  SigningKeys,
  TenantId,
  Taints,
  Threats,
  Tools,
  Vault,
} from '@agentgate/core'
import type { Checkpoints } from './checkpoints.ts'
import type { Hub } from './live.ts'
import type { Recognizing } from './masking.ts'
import type { Personal } from './personal.ts'
import type { Model } from './playground/model.ts'
import type { Plan } from './planning.ts'
import type { Prover } from './proof/prover.ts'
import type { Alerts } from './security/alerts.ts'
import type { Behaviour } from './security/behaviour.ts'
import type { Records } from './on-record.ts'
import type { Honey } from './security/honey.ts'
import type { Watch } from './security/watch.ts'
import type { PolicyWork } from './work/policy-work.ts'

/** The rooms of one server, opened and furnished: what routes work with. */
export interface House {
  readonly version: string
  readonly demo: boolean
  readonly clock: Clock
  readonly newId: () => string
  readonly ledger: Ledger
  readonly calls: Calls
  readonly approvals: Approvals
  readonly policies: Policies
  /** Compiles a set for the gate, before any call is judged by it. */
  readonly preparePolicies: (set: PolicySet) => Promise<void>
  /** Decides a plan, and leaves nothing behind. `own`: the sets are not of the house, but whoever asks brings them. */
  readonly verifyPlan: (plan: Omit<Plan, 'cache'> & { readonly own: boolean }) => Promise<PlanAnswer>
  /** Reads, weighs and replays policies beside the event loop. */
  readonly policyWork: PolicyWork
  readonly prover: Prover
  readonly principals: Principals
  readonly grants: Grants
  readonly tools: Tools
  readonly threats: Threats
  readonly taints: Taints
  readonly blocklist: Blocklist
  readonly honeyTokens: HoneyTokens
  readonly honey: Honey
  readonly behaviour: Behaviour
  readonly watch: Watch
  readonly alerts: Alerts
  readonly audit: AuditLog
  /** The last signed tree head of each tenant, kept outside the database. */
  readonly checkpoints: Checkpoints
  readonly auditKeys: readonly AuditKey[]
  readonly keys: SigningKeys
  /** What the ledger itself says. */
  readonly records: Records
  readonly mask: Mask
  readonly personal: Personal
  readonly vault: Vault & Custody
  readonly piiSettings: PiiSettingsStore
  readonly recognizing: Recognizing
  /** The gate for whoever `identify` finds; with names, those controls run in shadow. */
  readonly gate: (identify: Identify, shadowed?: readonly string[]) => Gate
  /** Settles what nobody settled in time. */
  readonly sweep: () => Promise<number>
  /**
   * Refuses a held call that can no longer be decided again, as `error` says: its key is revoked or expired, its account is
   * gone, its input is forgotten. Rejects with any other error, unless the call has its final decision already.
   */
  readonly shutOut: (call: MaskedCall, error: unknown) => Promise<void>
  readonly live: {
    readonly traces: Hub<TraceEvent>
    readonly approvals: Hub<{ readonly type: 'asked' | 'answered'; readonly approval: Approval }>
  }
  /** When what is over in a tenant's vault was last taken away. */
  readonly purged: Map<TenantId, number>
  /** The last time that a tenant's audit chain was checked from end to end. */
  readonly chainChecked: Map<TenantId, { readonly at: number; readonly valid: boolean; readonly entries: number }>
  readonly model: Model
  readonly chatRate: { readonly max: number; readonly window: number }
  /** What the server works on of its own accord: awaited when it stops. */
  readonly inBackground: (work: Promise<unknown>) => void
  /** The store's private record of a decision, with what its bundle needs. */
  readonly recorded: (tenant: TenantId, id: DecisionId) => Promise<Recorded | undefined>
  /** Named checks of what the server stands on, and of what it can do without: `needed: false`. */
  readonly checks: () => Promise<{ readonly [name: string]: { readonly ok: boolean; readonly detail?: string; readonly needed?: false } }>
}
