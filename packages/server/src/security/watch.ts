import { createHash } from 'node:crypto'
import {
  type AuditLog,
  type Blocklist,
  type Clock,
  type Counter,
  type Observer,
  type Severity,
  type TenantId,
  type Threats,
} from '@agentgate/core'
import { networkOf } from '../session/throttle.ts'
import type { Alerts } from './alerts.ts'

export interface WatchOptions {
  readonly threats: Threats
  readonly blocklist: Blocklist
  readonly counter: Counter
  readonly audit: AuditLog
  readonly alerts: Pick<Alerts, 'tell'>
  readonly clock: Clock
  readonly newId: () => string
}

/** Sees what may be an attack, tells it, and blocks networks that guess passwords. */
export interface Watch {
  /** Raises the threats of calls that were refused for what they carry. */
  readonly observer: Observer
  /** Somebody could not sign in from this address. */
  readonly signInFailed: (tenant: TenantId, address: string, account: string) => Promise<void>
  /** Whether requests from this address are refused. */
  readonly blocked: (tenant: TenantId, address: string) => Promise<boolean>
  readonly block: (block: {
    readonly tenant: TenantId
    readonly network: string
    readonly until: number
    readonly why: string
  }) => Promise<void>
  readonly unblock: (tenant: TenantId, network: string) => Promise<boolean>
}

const hour = 3_600_000
/** Failed sign-ins of a network within an hour: from the first number on they are a threat, from the second on it is blocked for an hour. */
const failures = { raised: 10, blocked: 20 }
/** Different accounts that a network failed to sign in to within an hour, from which on it tries out what others lost. */
const accounts = 10
/** Milliseconds for which what was read of the blocklist holds. */
const fresh = 1_000

/** A counter's limit that is never reached. */
const unlimited = { max: Number.MAX_SAFE_INTEGER, window: hour }

export function createWatch({ threats, blocklist, counter, audit, alerts, clock, newId }: WatchOptions): Watch {
  const read = new Map<TenantId, { readonly at: number; readonly networks: Promise<ReadonlySet<string>> }>()

  return {
    observer: {
      async decided({ id, call, verdict, reason }) {
        if (verdict !== 'deny' || reason?.kind === undefined) return
        const severity: Severity = call.context['threat_severity'] === 'critical' ? 'critical' : 'high'
        await raise(call.tenant, { kind: reason.kind, severity, subject: call.principal.id, decision: id })
      },
    },
    async signInFailed(tenant, address, account) {
      const network = networkOf(address)
      const now = clock.now()
      const all = await count(`sign-in/${tenant}/${network}`, newId(), now)
      const named = createHash('sha256').update(`${network} ${account.trim().toLowerCase()}`).digest('hex')
      const different = await count(`accounts/${tenant}/${network}`, `account/${named}/${Math.floor(now / hour)}`, now)
      const subject = `network:${network}`
      if (different >= accounts) await raise(tenant, { kind: 'credential_stuffing', severity: 'high', subject })
      else if (all >= failures.raised) await raise(tenant, { kind: 'brute_force', severity: 'high', subject })
      if (all < failures.blocked || isOwn(network)) return
      await block({ tenant, network, until: now + hour, why: different >= accounts ? 'credential_stuffing' : 'brute_force' })
    },
    async blocked(tenant, address) {
      const now = clock.now()
      const known = read.get(tenant)
      const networks = known && now - known.at < fresh ? known.networks : reading(tenant, now)
      return (await networks).has(networkOf(address))
    },
    block,
    async unblock(tenant, network) {
      read.delete(tenant)
      return blocklist.unblock(tenant, network)
    },
  }

  async function raise(
    tenant: TenantId,
    seen: { readonly kind: string; readonly severity: Severity; readonly subject: string; readonly decision?: string },
  ): Promise<void> {
    const threat = await threats.raise({ id: newId(), tenant, at: clock.now(), ...seen })
    alerts.tell(threat)
    if (threat.count > 1) return
    const { id, kind, severity } = threat
    await audit.record(tenant, { type: 'threat.raised', facts: { threat: id, kind, severity } })
  }

  async function block(entry: Parameters<Watch['block']>[0]): Promise<void> {
    await blocklist.block(entry)
    read.delete(entry.tenant)
    await audit.record(entry.tenant, { type: 'network.blocked', facts: { network: entry.network, why: entry.why, until: entry.until } })
  }

  /** How many were counted within the last hour, this one included; one of the same id counts once. */
  async function count(key: string, id: string, now: number): Promise<number> {
    const { used } = await counter.reserve({ id, key, amount: 1 }, unlimited, now)
    await counter.commit(id)
    return used
  }

  function reading(tenant: TenantId, now: number): Promise<ReadonlySet<string>> {
    const networks = blocklist.list(tenant, now).then((list) => new Set(list.map(({ network }) => network)))
    networks.catch(() => read.delete(tenant))
    read.set(tenant, { at: now, networks })
    return networks
  }
}

/** Addresses of this machine: a proxy that nobody configured would otherwise lock everybody out. */
export function isOwn(network: string): boolean {
  return network.startsWith('127.') || network === '0:0:0:0'
}
