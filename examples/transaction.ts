import { Agent, ToolFailed } from 'agentgate'
import { z } from 'zod'

// What happens in the world, in order. Put your database and your payments here.
const log: string[] = []
const U = z.object({ userId: z.string() })
const C = z.object({ userId: z.string(), amount: z.number() })

const agent = new Agent({ agentId: 'billing' })
const deleteUser = agent.tool({
  name: 'delete_user',
  input: U,
  execute: ({ userId }) => void log.push(`deleted ${userId}`),
  compensation: ({ userId }) => void log.push(`restored ${userId}`),
})
const chargeUser = agent.tool({
  name: 'charge_user',
  input: C,
  execute: ({ amount }) => {
    log.push(`charged ${amount}`)
    return { receipt: 'ch_1' }
  },
  compensation: (_, { receipt }) => void log.push(`refunded ${receipt}`),
})
const sendReceipt = agent.tool({ name: 'send_receipt', input: C, execute: () => Promise.reject(new Error('the mail server is down')) })

// Step 3 fails, so steps 2 and 1 are compensated, in that order, once each.
try {
  await agent.transaction(async () => {
    await deleteUser({ userId: '123' })
    await chargeUser({ userId: '123', amount: 99.99 })
    await sendReceipt({ userId: '123', amount: 99.99 })
  })
} catch (error) {
  if (!(error instanceof ToolFailed)) throw error
  console.log(error.message) // `send_receipt` failed: the mail server is down
}
console.log(log.join(', ')) // deleted 123, charged 99.99, refunded ch_1, restored 123
console.log(agent.summary()) // { total: 5, succeeded: 4, refused: 0, failed: 1, costUsd: 0 }
