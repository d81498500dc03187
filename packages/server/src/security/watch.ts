import { createHash } from 'node:crypto'
import {
  type AuditLog,
  type Block,
  type Blocklist,
  type Clock,
  type Counter,
  type Found,
  type Observer,
  type PrincipalId,
  promptInjection,
  type Severity,
  type TenantId,
  type Threats,
} from '@agentgate/core'
import { networkOf } from '../session/throttle.ts'
import type { Alerts } from './alerts.ts'
import { many, namedNetworks } from './networks.ts'
import { createTally } from './tally.ts'

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
  /** Raises the threats of calls that were refused for what they carry; quietly, orders to a model that were let pass, in or out. */
  readonly observer: Observer
  /** Somebody could not prove who they are. On record one by one up to `mostFailures` an hour; beyond that there is a threat. */
  readonly signInFailed: (tenant: TenantId, failed: FailedSignIn) => Promise<void>
  /** Whether requests from this address are refused. */
  readonly blocked: (tenant: TenantId, address: string) => Promise<boolean>
  /** Whether calls of this principal are refused. */
  readonly blockedPrincipal: (tenant: TenantId, principal: PrincipalId) => Promise<boolean>
  /** On record, those by hand each, those that nobody asked for up to `mostBlocks` an hour. */
  readonly block: (block: Block) => Promise<void>
  /** Puts on record what was seen, and tells people of it, unless quietly. */
  readonly raise: (tenant: TenantId, seen: Seen, quietly?: 'quietly') => Promise<void>
  readonly unblock: (tenant: TenantId, subject: string) => Promise<boolean>
}

export interface FailedSignIn {
  readonly address: string
  /** As it was given: nobody may have one of that name. */
  readonly account: string
  /** Whose account it is, if anybody's. */
  readonly principal?: PrincipalId
  /** Another event tells of it, or the password was not even looked at, as there had been too many attempts. */
  readonly silent?: boolean
}

export interface Seen {
  readonly kind: string
  readonly severity: Severity
  readonly subject: string
  readonly decision?: string
}

const hour = 3_600_000
/** Failed sign-ins of a network within an hour: from the first number on they are a threat, from the second on it is blocked for an hour. */
const failures = { raised: 10, blocked: 20 }
/** Different accounts that a network failed to sign in to within an hour, from which on it tries out what others lost. */
const accounts = 10
/** So many failed sign-ins of an hour are on record one by one: anybody can make them. */
export const mostFailures = 1_000
/** So many blocks of an hour that nobody asked for are on record one by one: whoever has many addresses can have them all blocked. */
export const mostBlocks = 200
/** Milliseconds for which what was read of the blocklist holds. */
const fresh = 1_000

export function createWatch({ threats, blocklist, counter, audit, alerts, clock, newId }: WatchOptions): Watch {
  const named = namedNetworks()
  const failed = createTally(hour, 1)
  const blocks = createTally(hour, 1)
  const read = new Map<TenantId, { readonly at: number; readonly subjects: Promise<ReadonlySet<string>> }>()

  return {
    observer: {
      async decided({ id, call, verdict, reason, findings }) {
        const seen = { subject: call.principal.id, decision: id }
        const severity: Severity = call.context['threat_severity'] === 'critical' ? 'critical' : 'high'
        if (verdict === 'deny' && reason?.kind !== undefined) await raise(call.tenant, { kind: reason.kind, severity, ...seen })
        else if (findings.some(steers)) await raise(call.tenant, { kind: promptInjection, severity: 'medium', ...seen }, 'quietly')
      },
      async inspected({ id, call }, findings) {
        if (findings.some(steers))
          await raise(call.tenant, { kind: promptInjection, severity: 'medium', subject: call.principal.id, decision: id }, 'quietly')
      },
    },
    async signInFailed(tenant, { address, account, principal, silent = false }) {
      const network = networkOf(address)
      const now = clock.now()
      const all = await count(`sign-in/${tenant}/${network}`, newId(), failures.blocked, now)
      if (!silent) await note(tenant, principal, now)
      const guessed = createHash('sha256').update(`${network} ${account.trim().toLowerCase()}`).digest('hex')
      const different = await count(`accounts/${tenant}/${network}`, `account/${guessed}/${Math.floor(now / hour)}`, accounts, now)
      const kind = different >= accounts ? 'credential_stuffing' : all >= failures.raised ? 'brute_force' : undefined
      if (kind === undefined) return
      await raise(tenant, { kind, severity: 'high', subject: named(network, now) })
      if (all < failures.blocked || isOwn(network)) return
      await block({ tenant, subject: `network:${network}`, until: now + hour, why: kind })
    },
    blocked: async (tenant, address) => (await subjects(tenant)).has(`network:${networkOf(address)}`),
    blockedPrincipal: async (tenant, principal) => (await subjects(tenant)).has(principal),
    block,
    raise,
    async unblock(tenant, subject) {
      read.delete(tenant)
      return blocklist.unblock(tenant, subject)
    },
  }

  async function raise(tenant: TenantId, seen: Seen, quietly?: 'quietly'): Promise<void> {
    const threat = await threats.raise({ id: newId(), tenant, at: clock.now(), ...seen })
    if (!quietly) alerts.tell(threat)
    if (threat.count > 1) return
    const { id, kind, severity } = threat
    await audit.record(tenant, { type: 'threat.raised', facts: { threat: id, kind, severity } })
  }

  async function block(entry: Block): Promise<void> {
    const { tenant, subject, why, until, by } = entry
    await blocklist.block(entry)
    read.delete(tenant)
    if (by === undefined && blocks.add('', 1, clock.now()).sum > mostBlocks) return
    await audit.record(tenant, { type: `${sortOf(subject)}.blocked`, ...(by && { principal: by }), facts: { subject, why, until } })
  }

  async function note(tenant: TenantId, principal: PrincipalId | undefined, now: number): Promise<void> {
    const { sum } = failed.add('', 1, now)
    if (sum <= mostFailures) await audit.record(tenant, { type: 'login.failed', ...(principal && { principal }) })
    if (sum === mostFailures) await raise(tenant, { kind: 'credential_stuffing', severity: 'high', subject: many })
  }

  /** How many were counted within the last hour, this one included, up to `max`; one of the same id counts once. */
  async function count(key: string, id: string, max: number, now: number): Promise<number> {
    const { used } = await counter.reserve({ id, key, amount: 1 }, { max, window: hour }, now)
    await counter.commit(id)
    return used
  }

  async function subjects(tenant: TenantId): Promise<ReadonlySet<string>> {
    const now = clock.now()
    const known = read.get(tenant)
    if (known && now - known.at < fresh) return known.subjects
    const subjects = blocklist.list(tenant, now).then((list) => new Set(list.map(({ subject }) => subject)))
    subjects.catch(() => read.delete(tenant))
    read.set(tenant, { at: now, subjects })
    return subjects
  }
}

function steers({ facts }: Found): boolean {
  const kinds = facts?.['threat_kinds']
  return Array.isArray(kinds) && kinds.includes(promptInjection)
}

/** What a blocked or unblocked subject is, as audit events name it. */
export function sortOf(subject: string): 'network' | 'principal' {
  return subject.startsWith('network:') ? 'network' : 'principal'
}

/** Addresses of this machine: a proxy that nobody configured would otherwise lock everybody out. */
export function isOwn(network: string): boolean {
  return network.startsWith('127.') || network === '0:0:0:0'
}
