import { type Overview, routes, type Trace } from '@agentgate/api'
import type { CallRecord, Calls, PrincipalId, TenantId } from '@agentgate/core'
import type { Open } from '../door.ts'
import type { House } from '../house.ts'
import { newestOf, recordFor } from '../records.ts'
import { serveHub } from '../stream.ts'
import { rfc3339, wireDecision, wireFinding, wireOutcome, wireTrace } from '../wire.ts'

const day = 86_400_000
/** The most decisions that one overview or timeline looks at. */
const most = 5_000

/** What happened: one line a call, the story of one, counts, and the live tail. */
export function traceRoutes(open: Open, house: House, authenticate: (request: never) => Promise<unknown>): void {
  open(routes.traces.list, async ({ query, who, reach }) => {
    const { tenant, id } = who.asker.principal
    const { cursor, limit, verdict, status, tool } = query
    const principal = reach === 'own' ? id : query.principal
    const records = await house.calls.list(tenant, {
      limit,
      bare: true,
      ...(cursor !== undefined && { before: cursor }),
      ...(verdict && { verdict }),
      ...(status && { status }),
      ...(tool !== undefined && { tool }),
      ...(principal !== undefined && { principal }),
    })
    const last = records.at(-1)
    const items = (await standing(house, tenant, records)).map(wireTrace)
    return { items, ...(last && records.length === limit && { next_cursor: last.decision.id }) }
  })

  open(routes.traces.timeline, async ({ query, who, reach }) => {
    const { tenant, id } = who.asker.principal
    const width = Math.ceil((query.minutes * 60_000) / query.buckets)
    const start = house.clock.now() - width * query.buckets
    const { records, truncated } = await since(house.calls, tenant, start, reach === 'own' ? id : undefined)
    const buckets = Array.from({ length: query.buckets }, (_, index) => ({
      from: rfc3339(start + index * width),
      allow: 0,
      hold: 0,
      deny: 0,
      failed: 0,
    }))
    for (const { decision, outcome } of await standing(house, tenant, records)) {
      const bucket = buckets[Math.floor((decision.issuedAt - start) / width)]
      if (!bucket) continue
      bucket[decision.verdict]++
      if (outcome?.status === 'failed') bucket.failed++
    }
    return { buckets, truncated }
  })

  open(routes.traces.stream, async ({ who, reach, request, reply }) => {
    const { principal } = who.asker
    serveHub(house.live.traces, request, reply, {
      principal,
      show: ({ about, data }) => (reach === 'all' || about.includes(principal.id) ? data : undefined),
      stillWelcome: () => authenticate(request as never),
    })
    return undefined
  })

  open(routes.traces.get, async ({ params, who, reach }) => {
    const record = await recordFor(house, who, reach, params.id)
    const { call } = record.decision
    const all = await house.calls.list(call.tenant, { call: call.id, limit: 50 })
    const newest = all[0] ?? record
    return {
      trace: wireTrace(newest),
      decisions: all.toReversed().map(({ decision }) => wireDecision(decision)),
      ...(newest.outcome && { outcome: wireOutcome(newest.outcome) }),
      ...(newest.inspected && { inspected: newest.inspected.map(wireFinding) }),
      ...(newest.entry !== undefined && { entry: newest.entry }),
    }
  })

  open(routes.traces.overview, async ({ who, reach }) => {
    const { tenant, id } = who.asker.principal
    return overviewOf(house, tenant, reach === 'own' ? id : undefined)
  })
}

async function overviewOf(house: House, tenant: TenantId, principal: PrincipalId | undefined): Promise<Overview> {
  const now = house.clock.now()
  const { records, truncated } = await since(house.calls, tenant, now - day, principal)
  const traces = (await standing(house, tenant, records)).map(wireTrace)
  const { size, root } = await house.ledger.head(tenant)
  const waiting = await house.approvals.list(tenant, { state: 'pending', limit: 200 })
  const chain = house.chainChecked.get(tenant)
  const count = (test: (trace: Trace) => boolean) => traces.filter(test).length
  const settled = count(({ verdict, status }) => verdict === 'allow' && status !== 'running')
  return {
    since: rfc3339(now - day),
    calls: traces.length,
    verdicts: {
      allow: count(({ verdict }) => verdict === 'allow'),
      hold: count(({ verdict }) => verdict === 'hold'),
      deny: count(({ verdict }) => verdict === 'deny'),
    },
    statuses: Object.fromEntries(
      Map.groupBy(traces, ({ status }) => status)
        .entries()
        .map(([status, of]) => [status, of.length]),
    ),
    success_rate: settled === 0 ? null : count(({ status }) => status === 'succeeded') / settled,
    cost_today: truncated ? null : traces.reduce((sum, { cost = 0, verdict }) => sum + (verdict === 'allow' ? cost : 0), 0),
    pending_approvals: waiting.filter(({ expiresAt, call }) => expiresAt > now && (!principal || call.principal.id === principal)).length,
    truncated,
    evidence: {
      size,
      root,
      solver_mode: records[0]?.decision.proof.solver.mode ?? 'off',
      chain: chain ? { valid: chain.valid, checked_at: rfc3339(chain.at), entries_checked: chain.entries } : null,
    },
    recent: traces.slice(0, 10),
  }
}

/** Without the holds that were decided again since: a call is shown once, as it stands. */
async function standing(house: House, tenant: TenantId, records: readonly CallRecord[]): Promise<readonly CallRecord[]> {
  const newest = new Map(records.toReversed().map((record) => [record.decision.call.id, record.decision.id]))
  const kept: CallRecord[] = []
  for (const record of records) {
    const { id, verdict, call } = record.decision
    if (newest.get(call.id) !== id) continue
    if (verdict === 'hold' && (await newestOf(house, tenant, call.id))?.decision.id !== id) continue
    kept.push(record)
  }
  return kept
}

async function since(
  calls: Calls,
  tenant: TenantId,
  from: number,
  principal: PrincipalId | undefined,
): Promise<{ records: readonly CallRecord[]; truncated: boolean }> {
  const records: CallRecord[] = []
  for (;;) {
    const before = records.at(-1)?.decision.id
    const page = await calls.list(tenant, { limit: 200, bare: true, ...(before && { before }), ...(principal && { principal }) })
    const recent = page.filter(({ decision }) => decision.issuedAt >= from)
    records.push(...recent)
    if (recent.length < page.length || page.length < 200) return { records, truncated: false }
    if (records.length >= most) return { records, truncated: true }
  }
}
