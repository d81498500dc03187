import { randomBytes } from 'node:crypto'
import type { ApprovalId, Approvals, Calls, DecisionId, TenantId } from '@agentgate/core'
import { z } from 'zod'
import type { House } from './house.ts'
import { createHub, type Hub } from './live.ts'
import type { Wire } from './store/store.ts'
import { wireTrace } from './wire.ts'

const told = z.object({
  from: z.string(),
  events: z.array(
    z.object({
      tenant: z.string(),
      about: z.array(z.string()),
      of: z.enum(['traces', 'approvals']),
      type: z.enum(['decided', 'settled', 'asked', 'answered']),
      id: z.string(),
    }),
  ),
})
type Told = z.output<typeof told>['events'][number]

/** How long events gather, in milliseconds, and how many go together: a message holds less than 8,000 bytes. */
const gather = 25
const most = 12
/** How many events of other servers may wait to be read before some are skipped. */
const backlog = 500

/**
 * Hubs that tell the other servers of the store what happens, and hear it of them. Only ids go by the wire: each server reads
 * the rest where somebody listens. What could not be heard or read is skipped, and whoever comes back for it is told to reload.
 */
export function relayedLive(
  wire: Wire,
  { calls, approvals, failed }: { calls: Calls; approvals: Approvals; failed: (error: unknown) => void },
): House['live'] {
  const from = randomBytes(8).toString('hex')
  const live: House['live'] = { traces: createHub(), approvals: createHub() }
  const waiting: Told[] = []
  let due = false
  let reading = 0

  wire.hear(
    (message) => void hear(message).catch(failed),
    () => {
      live.traces.skip()
      live.approvals.skip()
    },
  )
  return {
    traces: telling(live.traces, ({ data: { type, trace } }) =>
      type === 'reset' || !trace ? undefined : { of: 'traces', type, id: trace.certificate_id },
    ),
    approvals: telling(live.approvals, ({ data: { type, approval } }) => ({ of: 'approvals', type, id: approval.id })),
  }

  function telling<T>(
    hub: Hub<T>,
    told: (event: Parameters<Hub<T>['publish']>[0]) => Pick<Told, 'of' | 'type' | 'id'> | undefined,
  ): Hub<T> {
    return {
      ...hub,
      publish(event) {
        hub.publish(event)
        const what = told(event)
        if (!what || waiting.length >= backlog) return
        waiting.push({ tenant: event.tenant, about: [...event.about], ...what })
        if (due) return
        due = true
        setTimeout(() => void send().catch(failed), gather).unref()
      },
    }
  }

  async function send(): Promise<void> {
    due = false
    while (waiting.length > 0) await wire.tell(JSON.stringify({ from, events: waiting.splice(0, most) }))
  }

  async function hear(message: string): Promise<void> {
    const { from: by, events } = told.parse(JSON.parse(message))
    if (by === from) return
    for (const event of events) {
      const hub = live[event.of]
      if (hub.listeners() === 0 || reading >= backlog) hub.skip()
      else {
        reading++
        await publish(event).finally(() => reading--)
      }
    }
  }

  async function publish({ tenant, about, of, type, id }: Told): Promise<void> {
    const place = { tenant, about }
    if (of === 'traces' && (type === 'decided' || type === 'settled')) {
      const record = await calls.find(tenant as TenantId, id as DecisionId)
      if (record)
        live.traces.publish({ ...place, data: { type, trace: wireTrace(type === 'decided' ? { decision: record.decision } : record) } })
    }
    if (of === 'approvals' && (type === 'asked' || type === 'answered')) {
      const approval = await approvals.find(tenant as TenantId, id as ApprovalId)
      if (approval) live.approvals.publish({ ...place, data: { type, approval } })
    }
  }
}
