import { Agent, type AgentOptions, ApprovalDenied, ApprovalTimeout, humanApproval } from 'agentgate'
import { z } from 'zod'

/** Calls that pause until a person decides: through `agent.approvals`, by webhook, or on a server (dashboard, REST). */
export const people = (timeout: '5m' | '1s', webhook?: { readonly webhook: string; readonly webhookSecret: string }): AgentOptions => ({
  controls: [humanApproval({ tools: ['delete_*', 'transfer_funds', 'send_email'], timeout, ...webhook })],
})

/** Deletes an account once somebody has approved it, and says what became of it. */
export function accounts(options: AgentOptions) {
  const agent = new Agent(options)
  const deleteAccount = agent.tool({
    name: 'delete_account',
    input: z.object({ userId: z.string() }),
    effect: 'delete',
    execute: ({ userId }) => ({ deleted: userId, status: 'success' }),
  })
  const remove = async (userId: string): Promise<string> => {
    try {
      const { deleted } = await deleteAccount({ userId })
      return `deleted ${deleted}`
    } catch (error) {
      if (error instanceof ApprovalDenied) return `denied by ${error.deniedBy}: ${error.reason}`
      if (error instanceof ApprovalTimeout) return 'timed out'
      throw error
    }
  }
  return { agent, remove }
}
