import type { Approvals, Clock, Control, Counter, Detect, Json, Mask, Observer, Vault } from '@agentgate/core'

/** What an in-process agent lends its controls: its stores, its clock, its keyed hash. */
export interface House {
  readonly counter: Counter
  readonly vault: Vault
  readonly approvals: Approvals
  readonly clock: Clock
  readonly newId: () => string
  readonly commit: (value: Json) => string
}

/** What a control of the SDK adds to the gate of its agent. */
export interface Parts {
  readonly detect?: readonly Detect[]
  readonly mask?: Mask
  readonly controls?: readonly Control[]
  readonly observe?: Observer
}

/** A control as the agent's `controls` list takes it. `n` is its place in the list: two of a kind get different names. */
export type AgentControl = (house: House, n: number) => Parts

/** Whether a name fits a glob such as `delete_*`. */
export function named(globs: readonly string[]): (name: string) => boolean {
  const tests = globs.map(
    (glob) =>
      new RegExp(
        `^${glob
          .split('*')
          .map((part) => part.replaceAll(/[^\w]/g, '\\$&'))
          .join('.*')}$`,
      ),
  )
  return (name) => tests.some((test) => test.test(name))
}
