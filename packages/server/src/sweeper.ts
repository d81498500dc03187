import type { Approval, Approvals, TenantId } from '@agentgate/core'
import type { FastifyBaseLogger } from 'fastify'
import type { House } from './house.ts'
import { isServed } from './playground/chat.ts'
import { newestOf } from './records.ts'
import { askerOf } from './serving.ts'

/** How long whoever asked may still decide an expired call again themselves: milliseconds. */
const grace = 60_000

export interface Sweeper {
  /** Looks once: settles lost calls, refuses those whose approval expired, and runs what was approved just before a crash. */
  readonly sweep: () => Promise<void>
  readonly stop: () => void
}

/** Closes what nobody else will close. `answered` goes on with an approval that this server serves. */
export function startSweeper(
  house: House,
  {
    tenant,
    every,
    log,
    answered,
    alone,
  }: {
    tenant: TenantId
    every: number
    log: FastifyBaseLogger
    answered: (approval: Approval) => Promise<void>
    /** Runs the work unless another server is at it. */
    alone: (work: () => Promise<void>) => Promise<unknown>
  },
): Sweeper {
  let running: Promise<void> | undefined
  const sweep = () => (running ??= attempt('sweep', async () => alone(once)).finally(() => (running = undefined)))
  const timer = setInterval(() => house.inBackground(sweep()), every)
  return { sweep, stop: () => clearInterval(timer) }

  async function once(): Promise<void> {
    await attempt('settle lost calls', house.sweep)
    await attempt('close expired approvals', closeExpired)
    await attempt('go on after approvals', goOn)
  }

  /** Whoever asked may decide an expired call again themselves for a while: then it is decided for them, and refused. */
  async function closeExpired(): Promise<void> {
    const now = house.clock.now()
    await each({ overdue: now }, async (asked) => {
      if (!isServed(asked.call) && asked.expiresAt + grace > now) return
      if (await isHeld(asked)) await (isServed(asked.call) ? answered(asked) : decideAgain(asked))
      if (!(await isHeld(asked))) await house.approvals.close(tenant, asked.id)
    })
  }

  /** An answer is on record before what it sets free runs: after a crash between the two, it runs now. */
  async function goOn(): Promise<void> {
    for (const state of ['approved', 'denied'] as const) {
      await each({ open: true, state }, async (asked) => {
        if (isServed(asked.call) && (await isUnheard(asked))) await answered(asked)
      })
    }
  }

  /** Page by page, however many there are. What goes wrong with one keeps none of the others, and is tried again. */
  async function each(
    query: Pick<Parameters<Approvals['list']>[1], 'open' | 'overdue' | 'state'>,
    work: (asked: Approval) => Promise<void>,
  ) {
    let wrong: unknown
    for (let before: string | undefined; ; ) {
      const page = await house.approvals.list(tenant, { ...query, limit: 200, ...(before !== undefined && { before }) })
      for (const asked of page) await work(asked).catch((error: unknown) => (wrong ??= error))
      before = page.at(-1)?.id
      if (page.length < 200) break
    }
    if (wrong !== undefined) throw wrong
  }

  /** Held still, and not decided again since the last answer. */
  async function isUnheard({ callId, answers }: Approval): Promise<boolean> {
    const decision = (await newestOf(house, tenant, callId))?.decision
    return decision?.verdict === 'hold' && decision.issuedAt <= (answers.at(-1)?.at ?? 0)
  }

  async function isHeld({ callId }: Approval): Promise<boolean> {
    return (await newestOf(house, tenant, callId))?.decision.verdict === 'hold'
  }

  async function decideAgain({ call, callId }: Approval): Promise<void> {
    try {
      await house.gate(() => askerOf(house, call)).decide({ resume: callId })
    } catch (error) {
      await house.shutOut(call, error)
    }
  }

  async function attempt(what: string, work: () => Promise<unknown>): Promise<void> {
    try {
      await work()
    } catch (error) {
      log.error({ name: error instanceof Error ? error.name : typeof error }, `could not ${what}: it is tried again`)
    }
  }
}
