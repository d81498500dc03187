import type { Brand } from './brand.ts'
import type { MaskedCall } from './call.ts'
import type { Json, JsonObject } from './json.ts'

/** A UUIDv7. The certificate of a decision has the same id. */
export type DecisionId = Brand<string, 'DecisionId'>

export type Verdict = 'pass' | 'allow' | 'hold' | 'deny'

/** Why. `code` is stable, kebab-case and documented; `message` is for people and holds no personal data. */
export interface Reason {
  readonly code: string
  readonly message: string
  /** The kind of threat, for `threat-found`. */
  readonly kind?: string
  /** Milliseconds until the same call could pass, for `rate-exceeded` and `budget-exceeded`. */
  readonly retryAfterMs?: number
}

/** What must also be done for an allow to stand, named by the policy's annotation. */
export interface Obligation {
  readonly name: string
  readonly value: string
  readonly policy: string
}

/** Which policy sets judged the call (SHA-256, hex) and which of their policies decided it. */
export interface PolicyFacts {
  readonly digests: readonly string[]
  readonly determining: readonly string[]
}

/** What one control found. JSON only: settling may happen in another process. */
export type Finding = {
  /** Plain data handed back to the same control's `settle`. Never leaves the server. */
  readonly held?: Json
  /** Facts for `context`, seen by every later control. No personal data: kinds, counts, severities. */
  readonly facts?: JsonObject
  readonly obligations?: readonly Obligation[]
  /** Of a hold that waits for people: any one of these answers is enough, so many of them, each with the role where one is named. */
  readonly ways?: readonly { readonly quorum: number; readonly role?: string }[]
  readonly policy?: PolicyFacts
  /** The approval that a hold waits for, or that an allow consumed. */
  readonly approval?: string
  /** What a control in shadow would have said. */
  readonly shadow?: { readonly verdict: Verdict; readonly reason?: Reason }
} & ({ readonly verdict: 'pass' | 'allow'; readonly reason?: Reason } | { readonly verdict: 'hold' | 'deny'; readonly reason: Reason })

/** A finding with its control's name and how long it took. */
export type Found = Finding & { readonly control: string; readonly ms: number }

/**
 * What a control beside the agent found, where a server governs it: it may refuse the call, or say in shadow what it would have, and
 * never allows anything. `control` begins with `agent/`, so that evidence tells it from the controls of the gate.
 */
export type OwnFinding = Pick<Finding, 'facts' | 'shadow'> & { readonly control: `agent/${string}` } & (
    | { readonly verdict: 'pass' }
    | { readonly verdict: 'deny'; readonly reason: Reason }
  )

/** The six predicates of admissibility (design: evidence, "The theorem"), in this order. */
export const predicateNames = ['AuthValid', 'LineageValid', 'PermitExists', 'DenyExists', 'ObligationsMet', 'ContextBound'] as const

export interface Predicate {
  readonly name: (typeof predicateNames)[number]
  readonly holds: boolean
  /** What it rests on: who, policies, controls or digests. Of obligations that are not met, the controls that say so. */
  readonly witness: readonly string[]
}

/** The question that a solver answered of a decision. */
export interface TheoremFacts {
  /** SHA-256, hex, of its script. */
  readonly hash: string
  /** How many policies it is about, of all that were active: those left out cannot apply, which the script says too. */
  readonly slice: { readonly read: number; readonly of: number }
  /** What the solver was told beside the facts of the call and the findings of controls. */
  readonly attested: readonly string[]
  /** The code that solver and evaluator share, by name. */
  readonly shared: readonly string[]
  /** What its script is written again from, besides the decision and the texts of the policies. Never leaves the server. */
  readonly basis: JsonObject
}

/** What was shown about a verdict, and how. `off`: nothing was solved, the predicates are only stated. */
export interface Proof {
  /** Absent where nothing was proved. */
  readonly theorem?: TheoremFacts
  readonly type: 'CONSTRUCTIVE_TRACE' | 'COUNTEREXAMPLE' | 'UNSAT_CORE'
  readonly predicates: readonly Predicate[]
  readonly solver: { readonly name: string; readonly version: string; readonly mode: 'off' | 'shadow' | 'enforce'; readonly answer: string }
}

/** A decision before it is on record. */
export interface Draft {
  readonly id: DecisionId
  readonly call: MaskedCall
  readonly verdict: 'allow' | 'hold' | 'deny'
  /** Present unless the verdict is allow. */
  readonly reason?: Reason
  readonly findings: readonly Found[]
  readonly obligations: readonly Obligation[]
  readonly policy: PolicyFacts
  readonly approval?: string
  /** Milliseconds since 1970, by the clock port. */
  readonly issuedAt: number
  /** When an allow that has not been settled becomes `lost`. */
  readonly expiresAt: number
}

/** What the gate decided, proved, and made durable. */
export type Decision = Draft & { readonly proof: Proof }

/** What became of a call. `refused` never ran; `withheld` ran, its output is kept back; `cut` was stopped mid-stream; `lost` never reported. */
export type Outcome =
  | { readonly status: 'succeeded'; readonly output: Json }
  | { readonly status: 'failed'; readonly error: string }
  | { readonly status: 'refused' | 'withheld' | 'cut' | 'lost'; readonly reason: Reason }

/**
 * All that an agent may say of a call it was allowed to run. `streamed`: part of the output was let out before: what is kept back is
 * `cut`. `found`: what its own controls found in the answer; `deny` keeps it back.
 */
export type Report = Extract<Outcome, { status: 'succeeded' | 'failed' }> & {
  readonly streamed?: true
  readonly found?: readonly OwnFinding[]
}

const silence: Reason = { code: 'no-permit', message: 'No control allowed the call: activate a policy that permits it.' }

/** Deny overrides hold, hold overrides allow, and silence denies. */
export function combine(findings: readonly Found[]): Pick<Draft, 'verdict' | 'reason'> {
  for (const verdict of ['deny', 'hold'] as const) {
    const found = findings.find((finding) => finding.verdict === verdict)
    if (found?.reason) return { verdict, reason: found.reason }
  }
  return findings.some(({ verdict }) => verdict === 'allow') ? { verdict: 'allow' } : { verdict: 'deny', reason: silence }
}
