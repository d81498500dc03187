import { deliver, Undelivered, type Webhook } from '@agentgate/api/webhook'
import type { AuditLog, Clock, RaisedThreat, TenantId } from '@agentgate/core'
import { type AlertText, jsonWording, slackWording, type Wording } from './alert-text.ts'

export interface AlertsOptions {
  /** Told as JSON, signed. */
  readonly webhook?: Webhook & { readonly secret: string }
  /** Told as Slack takes it; its address is the secret. */
  readonly slack?: Webhook
  /** Where people look at threats. */
  readonly page: string
  readonly audit: Pick<AuditLog, 'record'>
  readonly clock: Clock
  readonly newId: () => string
  /** Audit events that could not be written. */
  readonly failed: (error: unknown) => void
  readonly pace?: Partial<Pace>
}

export interface Pace {
  /** Milliseconds before each try. */
  readonly tries: readonly number[]
  /** Milliseconds that one try may take. */
  readonly patience: number
  /** So many threats are told one by one in any `window` milliseconds; of the others, how many they were. */
  readonly most: number
  readonly window: number
  /** So many wait for one receiver; of the others, how many they were. */
  readonly waiting: number
}

const usual: Pace = {
  tries: [0, 1_000, 5_000, 30_000, 60_000, ...Array.from({ length: 12 }, () => 300_000)],
  patience: 10_000,
  most: 30,
  window: 600_000,
  waiting: 100,
}
/** Milliseconds from which on a threat is too old to be told. */
const stale = 3_600_000
/** Milliseconds that alerts under way have when the server stops. */
const grace = 3_000

/**
 * Tells people of threats, on every channel that is configured, beside whatever raised them. What waits for a receiver is lost with
 * the process; the threats are not.
 */
export interface Alerts {
  /** At the first sighting of a threat and at every tenth, hundredth, thousandth. Never waits, never throws. */
  readonly tell: (threat: RaisedThreat) => void
  /** Absent where no channel is configured. */
  readonly health: () => { readonly ok: boolean; readonly detail?: string } | undefined
  /** Ends what is under way; what was not told is on record then. */
  readonly close: () => Promise<void>
}

export function createAlerts({ webhook, slack, pace, ...rest }: AlertsOptions): Alerts {
  const all = { ...rest, pace: { ...usual, ...pace } }
  const channels = [
    ...(webhook ? [createChannel('webhook', webhook, jsonWording, all)] : []),
    ...(slack ? [createChannel('slack', slack, slackWording, all)] : []),
  ]
  return {
    tell(threat) {
      if (!isPowerOfTen(threat.count)) return
      for (const channel of channels) channel.tell(threat)
    },
    health() {
      if (channels.length === 0) return undefined
      const bad = channels.flatMap((channel) => channel.trouble() ?? [])
      return bad.length === 0 ? { ok: true } : { ok: false, detail: bad.join(' ') }
    },
    close: async () => void (await Promise.all(channels.map(async (channel) => channel.close()))),
  }
}

function isPowerOfTen(count: number): boolean {
  return /^10*$/.test(String(count))
}

interface Waiting extends AlertText {
  readonly tenant: TenantId
  /** How many it tells of. */
  readonly threats: number
  readonly until: number
}

interface Room extends Omit<AlertsOptions, 'webhook' | 'slack' | 'pace'> {
  readonly pace: Pace
}

/** One receiver: what waits for it is told in its order, one after the other, so that it is never stormed. */
function createChannel(name: string, receiver: Webhook, wording: Wording, { page, audit, clock, newId, failed, pace }: Room) {
  const queue: Waiting[] = []
  const ending = new AbortController()
  let working: Promise<void> | undefined
  let window = { from: Number.NEGATIVE_INFINITY, told: 0 }
  /** Those of each tenant that were not told one by one. */
  const more = new Map<TenantId, number>()
  let trouble: string | undefined
  let timer: NodeJS.Timeout | undefined

  return {
    tell(threat: RaisedThreat): void {
      if (ending.signal.aborted) return
      const now = clock.now()
      if (now - window.from >= pace.window) window = { from: now, told: 0 }
      if (window.told >= pace.most || queue.length >= pace.waiting) {
        more.set(threat.tenant, (more.get(threat.tenant) ?? 0) + 1)
        timer ??= setTimeout(() => tellMore(), pace.window).unref()
        return
      }
      window.told++
      put(threat.tenant, 1, wording.raised(threat, page))
    },
    trouble: () => trouble,
    async close(): Promise<void> {
      clearTimeout(timer)
      tellMore(Number.POSITIVE_INFINITY)
      const patience = setTimeout(() => ending.abort(), trouble === undefined ? grace : 0)
      await working
      clearTimeout(patience)
      ending.abort()
    },
  }

  function tellMore(waiting: number = pace.waiting): void {
    timer = undefined
    for (const [tenant, count] of more) {
      if (queue.length >= waiting) {
        timer = setTimeout(() => tellMore(), pace.window).unref()
        return
      }
      more.delete(tenant)
      put(tenant, count, wording.more(newId(), count, page))
    }
  }

  function put(tenant: TenantId, threats: number, text: AlertText): void {
    queue.push({ tenant, threats, ...text, until: Date.now() + stale })
    working ??= work().finally(() => {
      working = undefined
    })
  }

  async function work(): Promise<void> {
    for (let next = queue[0]; next !== undefined; queue.shift(), next = queue[0]) await send(next)
  }

  async function send({ tenant, threats, id, body, until }: Waiting): Promise<void> {
    try {
      const heard = (error: Undelivered) => {
        trouble = `Alerts cannot be told by \`${name}\`: ${error.message}.`
      }
      const { tries, patience } = pace
      await deliver(receiver, { id, body, until }, { tries, patience, signal: ending.signal, failed: heard })
      trouble = undefined
    } catch (error) {
      const { code, status }: { code: string; status?: number } = error instanceof Undelivered ? error : { code: 'stopped' }
      const facts = { channel: name, alert: id, threats, code, ...(status !== undefined && { status }) }
      await audit.record(tenant, { type: 'alert.failed', facts }).catch(failed)
    }
  }
}
