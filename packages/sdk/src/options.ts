import type { Counter, Decision, Effect } from '@agentgate/core'
import type { AgentControl } from './controls/control.ts'
import type { Duration } from './duration.ts'
import type { KeptApprovals } from './file-approvals.ts'
import type { AgentPolicies } from './policies.ts'
import type { Journal } from './transaction/journal.ts'

export interface AgentOptions {
  /** Names the agent in policies and evidence: letters, digits, `_ . : -`. */
  readonly agentId?: string
  readonly controls?: readonly AgentControl[]
  /** Cedar text, or several policies in any form; absent, the built-in set `registered-tools` permits exactly this agent's tools. */
  readonly policies?: string | readonly AgentPolicies[]
  /** An alias of `agentId`. */
  readonly principal?: string
  /** Proves each decision with Z3 before it counts: install `z3-solver` beside this package. A `TypeError` where it is not there. */
  readonly formalVerification?: boolean
  /** `enforce` (the default) denies what is not proved; `shadow` only says so in the certificate. */
  readonly verificationMode?: 'enforce' | 'shadow'
  /** Hears of each decision once it is on record, its certificate having the same id: `agent.evidence(id)` writes it out. */
  readonly onCertificate?: (decision: Decision) => void | Promise<void>
  /**
   * Governs through a server instead: its policies, limits, approvals and ledger. Leave `policies` out. `controls` judge beside it, in
   * this process and counting in its memory alone: what they refuse, or would in shadow, is on record there, and they allow nothing
   * that it refuses. `piiVault` and `humanApproval` are its own to do: a `TypeError`. While it cannot be asked, every call is refused
   * (`unreachable`), which is recorded here: in `traces`, `summary()` and the `auditLog`.
   */
  readonly url?: string
  readonly apiKey?: string
  /**
   * Effects of tools that run although no server answers at `url`, such as `['read']`; none unless told. Their input is masked here,
   * and each such call is recorded as `ungoverned`. Tools with `boundary: 'trusted'` or `approval`, and held calls, are refused all the same.
   */
  readonly ungoverned?: readonly Effect[]
  /** Where limits are counted; by default in the memory of this process. Agents that share one share each limit that says the same in both. */
  readonly counter?: Counter
  /** Where transactions are written down; by default in memory, which a crash forgets. */
  readonly journal?: Journal
  /** Where held calls and their answers are kept; by default in memory. With `fileApprovals`, the same call made again after a restart picks up its answer. */
  readonly approvals?: KeptApprovals
}

export interface TransactionOptions {
  readonly signal?: AbortSignal
  /** After how long it fails, and what it did is undone. */
  readonly timeout?: Duration
}

export interface CallOptions {
  readonly signal?: AbortSignal
  /** The person the agent acts for. Only a keyed hash of it is kept. */
  readonly user?: string
  /**
   * Whose the call is, where an agent in process serves several: tenants share no limit, token, approval or evidence. Only a keyed hash
   * is kept. With `url` the key says whose: a `TypeError`.
   */
  readonly tenant?: string
  /**
   * A conversation: tokens keep their meaning within it, and what enters it from outside is held against its later calls (`context.taint`).
   * By default every call is its own, but for what entered, which is held against all calls that name none.
   */
  readonly session?: string
}
