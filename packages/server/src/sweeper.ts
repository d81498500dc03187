import type { Approval, TenantId } from '@agentgate/core'
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
  }: { tenant: TenantId; every: number; log: FastifyBaseLogger; answered: (approval: Approval) => Promise<void> },
): Sweeper {
  let running: Promise<void> | undefined
  const sweep = () => (running ??= once().finally(() => (running = undefined)))
  const timer = setInterval(() => house.inBackground(sweep()), every)
  return { sweep, stop: () => clearInterval(timer) }

  async function once(): Promise<void> {
    await attempt('settle lost calls', house.sweep)
    await attempt('close expired approvals', closeExpired)
    await attempt('go on after approvals', goOn)
  }

  async function closeExpired(): Promise<void> {
    const now = house.clock.now()
    for (const asked of await house.approvals.list(tenant, { state: 'pending', limit: 200 })) {
      const until = asked.expiresAt + (isServed(asked.call) ? 0 : grace)
      if (until > now || !(await isHeld(asked))) continue
      if (isServed(asked.call)) await answered(asked)
      else await decideAgain(asked)
    }
  }

  /** An answer is on record before what it sets free runs: after a crash between the two, it runs now. */
  async function goOn(): Promise<void> {
    for (const state of ['approved', 'denied'] as const) {
      for (const asked of await house.approvals.list(tenant, { state, limit: 50 })) {
        if (isServed(asked.call) && (await isHeld(asked))) await answered(asked)
      }
    }
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
