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
  type PrincipalId,
  type Severity,
  type TenantId,
} from '@agentgate/core'
import { networkOf } from '../session/throttle.ts'
import { createTally } from './tally.ts'
import { isOwn, type Watch } from './watch.ts'

export interface HoneyOptions {
  readonly tokens: HoneyTokens
  /** 32 bytes or more; the keys of their marks are derived from it. */
  readonly secret: Uint8Array
  readonly watch: Pick<Watch, 'raise' | 'block'>
  readonly audit: AuditLog
  readonly clock: Clock
}

/** Looks for honey tokens in calls and in credentials, and answers a touch by the level of its token. */
export interface Honey {
  readonly detect: Detect
  /** Answers the touches of a decided call. */
  readonly observer: Observer
  /**
   * Somebody presented a credential that is not valid: was it a honey token? Answered once an hour for each network, for a thousand of them at most:
   * whoever presents one needs no account for it.
   */
  readonly presented: (tenant: TenantId, credential: string, address: string) => Promise<void>
  readonly values: HoneyValues
  /** To be called when a token was planted or retired: the next call is looked at anew. */
  readonly changed: (tenant: TenantId) => void
}

const hour = 3_600_000
/** Milliseconds for which what was read of the tokens holds. */
const fresh = 1_000
/** How many touched calls wait for their decision at most, and how many networks are answered within an hour. */
const most = 1_000
/** So much of a credential is looked at. */
const longest = 4_096
const severities: { readonly [level in HoneyToken['level']]: Severity } = { log: 'medium', alert: 'high', block: 'critical' }

export function createHoney({ tokens, secret, watch, audit, clock }: HoneyOptions): Honey {
  const values = honeyValues(secret)
  const read = new Map<TenantId, { readonly at: number; readonly planted: Promise<readonly HoneyToken[]> }>()
  const presenting = createTally(hour, 10_000)
  const presentings = createTally(hour, 1)
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
        const { source_ip: address } = call.context
        const by = { principal: call.principal.id, ...(typeof address === 'string' && { network: networkOf(address) }) }
        await answer(call.tenant, found, by, id)
      },
    },
    async presented(tenant, credential, address) {
      const found = values.find(credential.slice(0, longest), await planted(tenant))
      if (found.length === 0) return
      const network = networkOf(address)
      const now = clock.now()
      if (presenting.add(network, 1, now).before > 0 || presentings.add('', 1, now).sum > most) return
      await answer(tenant, found, { network })
    },
  }

  async function answer(tenant: TenantId, found: readonly HoneyToken[], { principal, network }: Toucher, decision?: string): Promise<void> {
    const [worst] = found.toSorted((one, other) => rank(other) - rank(one))
    const subject = principal ?? `network:${network}`
    if (!worst) return
    if (worst.level === 'block') {
      const block = { tenant, until: clock.now() + hour, why: 'honey_token' }
      if (principal !== undefined) await watch.block({ ...block, subject: principal })
      if (network !== undefined && !isOwn(network)) await watch.block({ ...block, subject: `network:${network}` })
    }
    for (const token of found) {
      await tokens.touch(tenant, token.id, clock.now())
      const facts = { token: token.id, level: token.level, subject, ...(decision !== undefined && { decision }) }
      await audit.record(tenant, { type: 'honey-token.touched', ...(principal && { principal }), facts })
    }
    const seen = { kind: 'honey_token', severity: severities[worst.level], subject, ...(decision !== undefined && { decision }) }
    await watch.raise(tenant, seen, worst.level === 'log' ? 'quietly' : undefined)
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

/** Who touched one, as far as that is known. */
type Toucher = { readonly principal: PrincipalId; readonly network?: string } | { readonly principal?: never; readonly network: string }

function rank({ level }: HoneyToken): number {
  return ['log', 'alert', 'block'].indexOf(level)
}
