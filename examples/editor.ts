import { Agent, auditLog, costTracker, humanApproval, piiVault, rateLimiter, Refused, validator } from 'agentgate'
import { policiesOf } from 'agentgate/policies'
import { z } from 'zod'

/** What a user's editor says of the SDK: nothing is `any`, and what must not compile does not. Never run. */

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
const same = <A, B>(_: Same<A, B>): void => undefined

const agent = new Agent({ agentId: 'editor', controls: [piiVault(), validator(), auditLog()] })
const findUser = agent.tool({
  name: 'find_user',
  input: z.object({ id: z.string(), limit: z.number().default(10) }),
  effect: 'read',
  execute: (input, extra) => {
    same<typeof input, { id: string; limit: number }>(true)
    same<typeof extra.signal, AbortSignal>(true)
    return { id: input.id, plans: ['pro'] }
  },
})
const found = await findUser({ id: 'usr_1' })
same<typeof found, { id: string; plans: string[] }>(true)
same<Parameters<typeof findUser>[0], { id: string; limit?: number | undefined }>(true)

try {
  await findUser({ id: 'usr_1' }, { user: 'ada', session: 's1', signal: AbortSignal.timeout(1000) })
} catch (error) {
  if (error instanceof Refused) {
    same<typeof error.code, string>(true)
    same<typeof error.decision.verdict, 'allow' | 'hold' | 'deny'>(true)
  }
}
const page = await policiesOf({ url: 'http://127.0.0.1:3000', apiKey: 'ag_x' }).list()
same<(typeof page.items)[number]['id'], string>(true)

// @ts-expect-error an argument that the schema does not have
await findUser({ id: 'usr_1', admin: true })
// @ts-expect-error an argument of another type
await findUser({ id: 1 })
// @ts-expect-error the output is what `execute` returns
same<typeof found, string>(true)
interface Row {
  readonly id: string
  readonly tags?: readonly string[]
  readonly next?: Row
}
const rows = agent.tool({ name: 'rows', input: z.object({}), execute: async (): Promise<readonly Row[]> => [{ id: '1' }] })
same<Awaited<ReturnType<typeof rows>>, readonly Row[]>(true)
// @ts-expect-error JSON carries no dates
agent.tool({ name: 'when', input: z.object({}), execute: () => ({ rows: [{ at: new Date() }] }) })
// @ts-expect-error nor maps
agent.tool({ name: 'where', input: z.object({}), execute: async () => new Map([['a', 1]]) })
// @ts-expect-error nor big integers, which would come back as numbers or texts
agent.tool({ name: 'many', input: z.object({}), execute: () => 1n })
// @ts-expect-error no such effect
agent.tool({ name: 'x', input: z.object({}), effect: 'destroy', execute: () => 1 })
// @ts-expect-error no such window
rateLimiter({ maxCalls: 1, window: 'soon' })
// @ts-expect-error no such scope
costTracker({ budget: 1, scope: 'planet' })
// @ts-expect-error the tools that wait are a list
humanApproval({ tools: 'delete_*' })
// @ts-expect-error no such control
new Agent({ controls: ['piiVault'] })
// @ts-expect-error no such option
new Agent({ agentID: 'x' })
