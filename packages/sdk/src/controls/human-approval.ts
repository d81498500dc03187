import { approval } from '@agentgate/core'
import { type Duration, milliseconds } from '../duration.ts'
import { type AgentControl, named } from './control.ts'

export interface HumanApprovalOptions {
  /** Globs of the tools that wait for a person: `['delete_*', 'transfer_funds']`. */
  readonly tools: readonly string[]
  /** How long people have to answer; then the call throws `ApprovalTimeout`. */
  readonly timeout?: Duration
  /** How many different people must approve: 1 unless told. */
  readonly quorum?: number
}

/** Holds calls until a person answers through `agent.approvals`: bound to exactly that call, used once, expiring. */
export function humanApproval({ tools, timeout = '5m', quorum = 1 }: HumanApprovalOptions): AgentControl {
  if (!Number.isInteger(quorum) || quorum < 1 || quorum > 99)
    throw new TypeError(`\`quorum\` is ${quorum}: give a whole number of people, 1 to 99`)
  const fits = named(tools)
  const span = milliseconds(timeout, 'timeout')
  return ({ approvals, commit, newId }) => {
    const { recall, controls } = approval({
      approvals,
      commit,
      newId,
      timeout: span,
      quorum,
      wants: ({ tool }) => tool.approval === true || fits(tool.name),
    })
    return { detect: [recall], controls }
  }
}
