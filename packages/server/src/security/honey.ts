import {
  type AuditLog,
  type Call,
  type CallId,
  type Clock,
  type Detect,
  honey,
  type HoneyToken,
  type HoneyTokens,
  honeyValues,
  type HoneyValues,
  type Observer,
  type Severity,
  type TenantId,
} from '@agentgate/core'
import { networkOf } from '../session/throttle.ts'
import { isOwn, type Watch } from './watch.ts'

export interface HoneyOptions {
  readonly tokens: HoneyTokens
  /** 32 bytes or more; the keys of their marks are derived from it. */
  readonly secret: Uint8Array
  readonly watch: Pick<Watch, 'raise' | 'block'>
  readonly audit: AuditLog
  readonly clock: Clock
}

/** Looks for honey tokens in calls, and answers a touch by the level of its token. */
export interface Honey {
  readonly detect: Detect
  /** Answers the touches of a decided call. */
  readonly observer: Observer
  readonly values: HoneyValues
  /** To be called when a token was planted or retired: the next call is looked at anew. */
  readonly changed: (tenant: TenantId) => void
}

const hour = 3_600_000
/** Milliseconds for which what was read of the tokens holds. */
const fresh = 1_000
/** How many touched calls wait for their decision at most. */
const most = 1_000
const severities: { readonly [level in HoneyToken['level']]: Severity } = { log: 'medium', alert: 'high', block: 'critical' }

export function createHoney({ tokens, secret, watch, audit, clock }: HoneyOptions): Honey {
  const values = honeyValues(secret)
  const read = new Map<TenantId, { readonly at: number; readonly planted: Promise<readonly HoneyToken[]> }>()
  const waiting = new Map<CallId, readonly HoneyToken[]>()
  return {
    values,
    changed: (tenant) => void read.delete(tenant),
    detect: honey({ values, planted, touched: waits }),
    observer: {
      async decided({ id, call }) {
        const found = waiting.get(call.id)
        if (!found) return
        waiting.delete(call.id)
        const [worst] = found.toSorted((one, other) => rank(other) - rank(one))
        const until = clock.now() + hour
        const { source_ip: address } = call.context
        const network = typeof address === 'string' ? networkOf(address) : undefined
        if (worst?.level === 'block') {
          const block = { tenant: call.tenant, until, why: 'honey_token' }
          await watch.block({ ...block, subject: call.principal.id })
          if (network !== undefined && !isOwn(network)) await watch.block({ ...block, subject: `network:${network}` })
        }
        for (const token of found) {
          await tokens.touch(call.tenant, token.id, clock.now())
          const facts = { token: token.id, level: token.level, decision: id }
          await audit.record(call.tenant, { type: 'honey-token.touched', principal: call.principal.id, facts })
        }
        if (!worst) return
        const seen = { kind: 'honey_token', severity: severities[worst.level], subject: call.principal.id, decision: id }
        await watch.raise(call.tenant, seen, worst.level === 'log' ? 'quietly' : undefined)
      },
    },
  }

  function waits({ id }: Call, found: readonly HoneyToken[]): void {
    waiting.set(id, found)
    const [oldest] = waiting.keys()
    if (waiting.size > most && oldest !== undefined) waiting.delete(oldest)
  }

  async function planted(tenant: TenantId): Promise<readonly HoneyToken[]> {
    const now = clock.now()
    const known = read.get(tenant)
    if (known && now - known.at < fresh) return known.planted
    const planted = tokens.list(tenant).then((list) => list.filter(({ retiredAt }) => retiredAt === undefined))
    planted.catch(() => read.delete(tenant))
    read.set(tenant, { at: now, planted })
    return planted
  }
}

function rank({ level }: HoneyToken): number {
  return ['log', 'alert', 'block'].indexOf(level)
}
