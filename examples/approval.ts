import { Agent, type AgentOptions, ApprovalDenied, ApprovalTimeout, humanApproval } from 'agentgate'
import { createInterface } from 'node:readline/promises'
import { setTimeout } from 'node:timers/promises'
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

/** `node examples/approval.ts`: the call waits, you are asked, and it goes on as you say. */
if (import.meta.main) {
  const { agent, remove } = accounts(people('5m'))
  const running = remove('usr_12345')
  while ((await agent.approvals.pending()).length === 0) await setTimeout(20)
  const terminal = createInterface({ input: process.stdin, output: process.stdout })
  for (const { id, call } of await agent.approvals.pending()) {
    const said = await terminal.question(`May ${call.tool.name} run with ${JSON.stringify(call.input)}? (y/n) `)
    if (said.trim() === 'y') await agent.approvals.approve(id, { by: 'User::you' })
    else await agent.approvals.deny(id, { by: 'User::you', reason: 'you said no' })
  }
  terminal.close()
  console.log(await running)
}
