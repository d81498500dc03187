import { Agent, RateLimitError, statefulGuardrail } from 'agentgate'
import { z } from 'zod'

const agent = new Agent({
  agentId: 'assistant',
  controls: [
    statefulGuardrail({
      mode: 'enforce',
      policies: [
        { tool: 'send_email', maxCalls: 5, window: '1h', scope: 'user' },
        { tool: 'delete_*', cooldown: '10m' },
        { tool: 'send_report', after: ['read_report', 'review_report'], within: '1h' },
        {
          start: 'open',
          moves: [
            { from: 'open', tool: 'close_case', to: 'closed' },
            { from: 'closed', tool: 'reopen_case', to: 'open' },
          ],
        },
      ],
    }),
  ],
})
const sendEmail = agent.tool({ name: 'send_email', input: z.object({ to: z.string() }), execute: ({ to }) => `sent to ${to}` })
const deleteFile = agent.tool({ name: 'delete_file', input: z.object({ path: z.string() }), execute: ({ path }) => `deleted ${path}` })
const reading = ['read_report', 'review_report', 'send_report'] as const
const [readReport, reviewReport, sendReport] = reading.map((name) => agent.tool({ name, input: z.object({}), execute: () => name }))

const cases = ['close_case', 'reopen_case'] as const
const [closeCase, reopenCase] = cases.map((name) => agent.tool({ name, input: z.object({}), execute: () => name }))

const codeOf = (error: unknown) => (error instanceof Error && 'code' in error ? error.code : error)

for (let n = 0; n < 5; n++) await sendEmail({ to: 'team' }, { user: 'ada' })
console.log(await sendEmail({ to: 'team' }, { user: 'ada' }).catch(codeOf)) // rate-exceeded
console.log(await sendEmail({ to: 'team' }, { user: 'bob' })) // sent to team

console.log(await deleteFile({ path: '/tmp/a' })) // deleted /tmp/a
const again = await deleteFile({ path: '/tmp/b' }).catch((error: unknown) => error)
console.log(again instanceof RateLimitError && again.retryAfter > 590 && again.retryAfter <= 600) // true

await agent.within({ session: 's1' }, async () => {
  console.log(await sendReport?.({}).catch(codeOf)) // out-of-order
  await readReport?.({})
  await reviewReport?.({})
  console.log(await sendReport?.({})) // send_report
})

await agent.within({ session: 's2' }, async () => {
  console.log(await closeCase?.({})) // close_case
  console.log(await closeCase?.({}).catch(codeOf)) // out-of-order
  console.log(await reopenCase?.({})) // reopen_case
})
