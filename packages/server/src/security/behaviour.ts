import type { Clock, Observer, PrincipalId, TenantId } from '@agentgate/core'
import { networkOf } from '../session/throttle.ts'
import { many, namedNetworks } from './networks.ts'
import { createTally, type Tally } from './tally.ts'
import type { Seen, Watch } from './watch.ts'

/** From which numbers on what somebody does is a threat. */
export interface BehaviourLimits {
  /** Requests of one network that carry no valid credential, within a minute. */
  readonly anonymousRequests: number
  /** Requests of one principal within a minute. */
  readonly requests: number
  /** Bytes that one principal is answered within a minute. */
  readonly bytes: number
  /** Requests and calls of one principal that are refused as not permitted, within an hour. */
  readonly refusals: number
}

export interface BehaviourOptions {
  readonly tenant: TenantId
  readonly limits: BehaviourLimits
  readonly watch: Pick<Watch, 'raise'>
  readonly clock: Clock
  readonly inBackground: (work: Promise<unknown>) => void
}

/** A request as the server answered it. */
export interface Answered {
  readonly address: string
  /** Absent without a valid credential. */
  readonly principal?: PrincipalId
  readonly bytes: number
  /** Whether it was refused for want of a permission. */
  readonly notPermitted: boolean
}

/**
 * Watches what networks and principals do on this server, and raises what no ordinary one does. It refuses nothing, keeps nobody waiting,
 * and writes once for each window of each subject, and for networks at most `mostNetworks` times an hour: beyond that they are one.
 */
export interface Behaviour {
  readonly answered: (request: Answered) => void
  /** Counts calls that policies refuse. */
  readonly observer: Observer
}

const minute = 60_000
const hour = 3_600_000
/** How many subjects are counted at once. */
const most = 10_000
export function createBehaviour({ tenant, limits, watch, clock, inBackground }: BehaviourOptions): Behaviour {
  const anonymous = createTally(minute, most)
  const requests = createTally(minute, most)
  const bytes = createTally(minute, most)
  const refusals = createTally(hour, most)
  const named = namedNetworks()
  const crowds = createTally(minute, 1)

  return {
    answered({ address, principal, bytes: sent, notPermitted }) {
      if (principal === undefined) {
        const network = networkOf(address)
        if (crosses(anonymous, network, 1, limits.anonymousRequests)) crowded(network)
        return
      }
      if (crosses(requests, principal, 1, limits.requests)) raise({ kind: 'rate_anomaly', severity: 'medium', subject: principal })
      if (crosses(bytes, principal, sent, limits.bytes)) raise({ kind: 'data_exfiltration', severity: 'high', subject: principal })
      if (notPermitted) refused(principal)
    },
    observer: {
      decided({ call, verdict, reason, id }) {
        if (verdict === 'deny' && (reason?.code === 'no-permit' || reason?.code === 'policy-forbid')) refused(call.principal.id, id)
      },
    },
  }

  function refused(principal: PrincipalId, decision?: string): void {
    if (!crosses(refusals, principal, 1, limits.refusals)) return
    raise({ kind: 'privilege_escalation', severity: 'high', subject: principal, ...(decision !== undefined && { decision }) })
  }

  function crowded(network: string): void {
    const subject = named(network, clock.now())
    if (subject !== many) return raise({ kind: 'rate_anomaly', severity: 'medium', subject })
    if (crosses(crowds, '', 1, 1)) raise({ kind: 'rate_anomaly', severity: 'high', subject })
  }

  /** Whether this amount is the one that reaches the limit, in its window. */
  function crosses(tally: Tally, key: string, amount: number, limit: number): boolean {
    const { before, sum } = tally.add(key, amount, clock.now())
    return before < limit && sum >= limit
  }

  function raise(seen: Seen): void {
    inBackground(watch.raise(tenant, seen))
  }
}
