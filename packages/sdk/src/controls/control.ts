import {
  type Approvals,
  type Clock,
  type Control,
  type Counter,
  type Decision,
  type Detect,
  type Json,
  type Mask,
  type MaskedCall,
  type MicroDollars,
  matchesGlob,
  type Observer,
  type Outcome,
  type UnknownTokens,
  type Vault,
} from '@agentgate/core'
import type { KeptApprovals } from '../file-approvals.ts'
import type { AgentPolicies } from '../policies.ts'
import { compensating } from '../tool.ts'

/** What an in-process agent lends its controls: its stores, its clock, its keyed hash. */
export interface House {
  readonly counter: Counter
  readonly vault: Vault
  readonly approvals: Approvals
  /** What was asked of the same call before this process began: see `KeptApprovals`. */
  readonly earlier?: KeptApprovals['earlier']
  readonly clock: Clock
  readonly newId: () => string
  readonly commit: (value: Json) => string
  /**
   * The namespace of what a limit counts, by what it says: the same in every agent with such a limit, wherever it stands among the
   * controls. Of several that say the same in one agent each has its own.
   */
  readonly countsOf: (says: Json) => string
  /** A person's answer to a held call, as someone outside gave it. `false` where it counts for nothing. */
  readonly answer: (
    approval: string,
    answer: { readonly approved: boolean; readonly by: string; readonly reason?: string },
  ) => Promise<boolean>
}

/** How decisions are proved, and of what. */
export interface Verification {
  /** Names the agent in policies and evidence, as its own `agentId` does: give one of them. */
  readonly principal?: string
  /** As the agent's own `policies`: give one of them. */
  readonly policies?: string | readonly AgentPolicies[]
  /** `enforce` (the default) denies what is not proved; `shadow` only says so in the certificate. */
  readonly mode?: 'enforce' | 'shadow'
}

/** What a control of the SDK adds to the gate of its agent. */
export interface Parts {
  readonly detect?: readonly Detect[]
  readonly mask?: Mask
  /** What its mask does about tokens without a value, which streams do as well. */
  readonly unknownToken?: UnknownTokens
  /** The conversation of calls that name none. */
  readonly session?: string
  readonly controls?: readonly Control[]
  readonly observe?: Observer
  /** What an allowed call cost in the end, where it keeps count. */
  readonly spent?: (decision: Decision, outcome: Outcome) => MicroDollars | undefined
  /** Who may answer held calls; absent: whoever can. */
  readonly approvers?: readonly string[]
  /** Decisions are proved before they count. */
  readonly verification?: Verification
}

/** A control as the agent's `controls` list takes it. `n` is its place in the list: two of a kind get different names. */
export type AgentControl = (house: House, n: number) => Parts

/** Whether a name fits one of the globs, such as `delete_*`. */
export function named(globs: readonly string[]): (name: string) => boolean {
  return (name) => globs.some((glob) => matchesGlob(glob, name))
}

/** Whether limits count a call. What undoes a counted call is not counted again, or a limit that was reached would keep it from being undone. */
export function isCounted({ tool }: MaskedCall): boolean {
  return !tool.name.startsWith(compensating)
}
