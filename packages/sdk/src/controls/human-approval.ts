import { approval, type Decision } from '@agentgate/core'
import { type Duration, milliseconds } from '../duration.ts'
import { checkWebhook, tell } from './approval-webhook.ts'
import { type AgentControl, named } from './control.ts'

export interface HumanApprovalOptions {
  /** Globs of the tools that wait for a person: `['delete_*', 'transfer_funds']`. */
  readonly tools: readonly string[]
  /** How long people have to answer; then the call throws `ApprovalTimeout`. */
  readonly timeout?: Duration
  /** How many different people must approve: 1 unless told. */
  readonly quorum?: number
  /** Who may answer: `['User::bob']`; whoever may use `agent.approvals` unless told. */
  readonly approvers?: readonly string[]
  /**
   * Is told of each held call by a signed `POST`, masked, and may answer it at once: `{ id, approved, by, reason? }`, signed as well.
   * `https:`, or `http:` on this machine.
   */
  readonly webhook?: string
  /** Shared with the receiver of `webhook`, 32 characters or more: see `webhookSignature`. */
  readonly webhookSecret?: string
  /** Private networks that the webhook may be in: `['10.1.0.0/16']`. By default its name must resolve to public addresses. */
  readonly webhookNetworks?: readonly string[]
}

/**
 * Holds calls until a person answers, through `agent.approvals` or the webhook: bound to exactly that call, used once, expiring. Held
 * calls are forgotten with the process, unless its agent has `approvals: fileApprovals(…)`, or a server.
 */
export function humanApproval(options: HumanApprovalOptions): AgentControl {
  const { tools, timeout = '5m', quorum = 1, approvers, webhook, webhookSecret = '', webhookNetworks } = options
  if (!Number.isInteger(quorum) || quorum < 1 || quorum > 99)
    throw new TypeError(`\`quorum\` is ${quorum}: give a whole number of people, 1 to 99`)
  if (approvers && new Set(approvers).size < quorum)
    throw new TypeError(`\`approvers\` are ${new Set(approvers).size} people and \`quorum\` is ${quorum}: nothing could be approved`)
  const fits = named(tools)
  const span = milliseconds(timeout, 'timeout')
  const hook =
    webhook === undefined ? undefined : { url: webhook, secret: webhookSecret, ...(webhookNetworks && { networks: webhookNetworks }) }
  if (hook) checkWebhook(hook)

  return ({ approvals, earlier, answer, commit, newId }) => {
    const { recall, controls } = approval({
      approvals,
      commit,
      newId,
      ...(earlier && { earlier }),
      timeout: span,
      quorum,
      wants: ({ tool }) => tool.approval === true || fits(tool.name),
    })
    const told = new Set<string>()
    const notify = async (url: NonNullable<typeof hook>, { call, approval: id }: Decision) => {
      const asked = id === undefined ? undefined : await approvals.find(call.tenant, id)
      if (!asked || told.has(asked.id)) return
      told.add(asked.id)
      try {
        const said = await tell(url, asked)
        if (said) await answer(said.id, said)
      } catch (error) {
        process.emitWarning(error instanceof Error ? error : String(error))
      }
    }
    return {
      detect: [recall],
      controls,
      ...(approvers && { approvers }),
      // The call waits meanwhile: telling takes no time from deciding.
      ...(hook && { observe: { decided: (decision: Decision) => void (decision.verdict === 'hold' && notify(hook, decision)) } }),
    }
  }
}
