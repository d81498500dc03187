import { setImmediate } from 'node:timers/promises'
import { type AuditEvent, type Certificate, routes } from '@agentgate/api'
import {
  type AuditBody,
  bundle,
  canonical,
  checkpointNow,
  consistencyProof,
  type DecisionId,
  freeze,
  inclusionProof,
  leafHash,
  type Ledger,
  openEnvelope,
  parseTrust,
  periodOf,
  type PrincipalId,
  readAudit,
  type Recorded,
  type TenantId,
  verifyBundle,
  publicKey,
  verifyLedger,
} from '@agentgate/core'
import type { Open, Who } from '../door.ts'
import { Fault, notFound } from '../fault.ts'
import type { House } from '../house.ts'
import { concerns, recordFor } from '../records.ts'
import { rfc3339 } from '../wire.ts'

/** Certificates, bundles, proofs and the audit chain: everything that a stranger needs to check us. */
export function evidenceRoutes(open: Open, house: House): void {
  const { ledger, calls, audit, keys, auditKeys, clock } = house
  const sources = { ledger, audit, signer: keys.signer }

  /** Checks under way: who asks for one meanwhile gets the same. */
  const verifying = new Map<TenantId, ReturnType<typeof verified>>()

  open(routes.evidence.certificates, async ({ query, who, reach }) => {
    const { tenant, id } = who.asker.principal
    const { limit, cursor } = query
    const records = await calls.list(tenant, {
      limit,
      bare: true,
      ...(cursor !== undefined && { before: cursor }),
      ...(reach === 'own' && { principal: id }),
    })
    const last = records.at(-1)
    const items = await Promise.all(records.map(async ({ decision }) => certificateOf(await recorded(tenant, decision.id))))
    return { items, ...(last && records.length === limit && { next_cursor: last.decision.id }) }
  })

  open(routes.evidence.certificate, async ({ params, who, reach }) => {
    const record = await found(who, reach, params.id)
    const [entry] = await ledger.read(who.asker.principal.tenant, record.entry, record.entry + 1)
    if (!entry) throw notFound('certificate')
    return { certificate: certificateOf(record), envelope: JSON.parse(entry.body), statement: statementOf(entry.body) }
  })

  open(routes.evidence.bundle, async ({ params, who, reach, reply }) => {
    const record = await found(who, reach, params.id)
    const { tenant } = who.asker.principal
    const sets = await Promise.all(record.decision.policy.digests.map((digest) => house.policies.byDigest(tenant, digest)))
    const policies = sets.flatMap((set) => (set ? [{ digest: set.digest, text: set.text }] : []))
    // Without its theorem a bundle is evidence still: whoever reads it is told that none is enclosed.
    const proved = record.payload ? undefined : await house.prover.theorem(record.decision).catch(() => undefined)
    const script = proved?.hash === record.decision.proof.theorem?.hash ? proved?.script : undefined
    const former = await Promise.all(keys.retired.map(({ raw }) => publicKey(raw)))
    const text = await bundle(sources, record, { policies, keys: former, ...(script !== undefined && { theorem: script }) })
    void reply
      .header('content-disposition', `attachment; filename="${record.decision.id}.agentgate.json"`)
      .type('application/vnd.agentgate.bundle+json')
      .serializer((value: string) => value)
      .send(text)
    return undefined
  })

  open(routes.evidence.theorem, async ({ params, who, reach }) => {
    const { decision, payload } = await found(who, reach, params.id)
    if (payload) throw new Fault(410, payload, gone[payload])
    const { type, predicates, solver, theorem } = decision.proof
    const written = await house.prover.theorem(decision)
    if (!theorem || !written) throw new Fault(404, 'no-theorem', 'The decision was not proved, so it has no theorem.')
    if (written.hash !== theorem.hash)
      throw new Fault(409, 'theorem-changed', 'This version of AgentGate writes another script: take it from a bundle of that time.')
    return {
      decision_id: decision.id,
      verdict: decision.verdict,
      theorem_hash: theorem.hash,
      proof_type: type,
      predicates: predicates.map(({ name, holds, witness }) => ({ name, holds, witness: [...witness] })),
      slice: { ...theorem.slice },
      solver: { ...solver },
      script: written.script,
    }
  })

  open(routes.evidence.verify, async ({ body }) => {
    const trust = await parseTrust(JSON.stringify(keys.jwks()))
    let file: string
    try {
      file = canonical(freeze(body.bundle))
    } catch {
      throw new Fault(422, 'invalid-request', 'The bundle holds what JSON cannot carry (NaN, a lone surrogate), or is nested too deep.', {
        errors: [{ path: '/bundle', message: 'is not canonical JSON' }],
      })
    }
    const { valid, checks } = await verifyBundle(file, trust)
    return { valid, checks: checks.map(({ name, ok, detail }) => ({ name, ok, detail })) }
  })

  open(routes.evidence.keys, async () => keySet())
  open(routes.evidence.wellKnownKeys, async () => keySet())

  open(routes.evidence.checkpoint, async ({ who }) => {
    const { note, head } = await checkpointNow(sources, who.asker.principal.tenant)
    return { size: head.size, root: head.root, checkpoint: note }
  })

  open(routes.evidence.inclusion, async ({ query, who }) => {
    const { tenant } = who.asker.principal
    const head = await ledger.head(tenant)
    const size = query.size ?? head.size
    within(size, head.size)
    if (query.index >= size) throw new Fault(422, 'invalid-request', `Entry ${query.index} is not among the first ${size}.`)
    const [entry] = await ledger.read(tenant, query.index, query.index + 1)
    if (!entry) throw notFound('ledger entry')
    const { note } = await checkpointNow(sources, tenant)
    const hashes = [...(await inclusionProof(query.index, size, (at) => ledger.nodes(tenant, at)))]
    return {
      index: query.index,
      size,
      leaf: leafHash(entry.body),
      ...(size === head.size && { root: head.root }),
      hashes,
      checkpoint: note,
    }
  })

  open(routes.evidence.consistency, async ({ query, who }) => {
    const { tenant } = who.asker.principal
    const { size } = await ledger.head(tenant)
    const to = query.to ?? size
    within(to, size)
    within(query.from, to)
    return { from: query.from, to, hashes: [...(await consistencyProof(query.from, to, (at) => ledger.nodes(tenant, at)))] }
  })

  open(routes.evidence.period, async ({ query, who }) => {
    const { tenant, id } = who.asker.principal
    const [from, to] = [Date.parse(query.from), Date.parse(query.to)]
    if (to < from) throw new Fault(422, 'invalid-request', 'The period ends before it begins: give `from` before `to`.')
    const { proof, ...period } = await periodOf(sources, tenant, { from, to })
    const facts = { from: query.from, to: query.to, first: period.first, end: period.end }
    await audit.record(tenant, { type: 'evidence.exported', principal: id, facts })
    return { ...period, proof: [...proof] }
  })

  open(routes.evidence.entries, async ({ query, who }) => {
    const { tenant } = who.asker.principal
    const entries = await ledger.read(tenant, query.from, Math.min(query.to, query.from + 500))
    return { items: entries.map(({ index, type, at, body }) => ({ index, type, at: rfc3339(at), body })) }
  })

  open(routes.evidence.audit, async ({ query, who }) => {
    const { tenant } = who.asker.principal
    const wanted = ({ event }: AuditBody) => query.type === undefined || event === query.type
    const { items, next } = await auditPage(ledger, tenant, { ...query, wanted })
    return { items, ...(next !== undefined && { next_cursor: String(next) }) }
  })

  open(routes.evidence.verifyChain, async ({ who }) => {
    const { tenant } = who.asker.principal
    const running = verifying.get(tenant) ?? verified(tenant).finally(() => verifying.delete(tenant))
    verifying.set(tenant, running)
    return running
  })

  /** The whole ledger, page by page, with the event loop free in between. */
  async function verified(tenant: TenantId) {
    const checkpoint = house.checkpoints.last(tenant)
    const { first_invalid, ...report } = await verifyLedger(ledger, { tenant, keys: auditKeys, checkpoint, pause: () => setImmediate() })
    house.chainChecked.set(tenant, { at: clock.now(), valid: report.valid, entries: report.entries_checked })
    return {
      ...report,
      ...(first_invalid && { first_invalid: { ...first_invalid } }),
      checkpoint: checkpoint ? { size: checkpoint.size, root: checkpoint.root } : null,
      limits,
    }
  }

  async function found(who: Who, reach: 'all' | 'own', id: string): Promise<Recorded> {
    const { tenant, id: principal } = who.asker.principal
    const exact = await house.recorded(tenant, id as DecisionId)
    if (exact && (reach === 'all' || concerns(exact, principal))) return exact
    return recorded(tenant, (await recordFor(house, who, reach, id)).decision.id)
  }

  async function recorded(tenant: TenantId, id: DecisionId): Promise<Recorded> {
    const record = await house.recorded(tenant, id)
    if (!record) throw notFound('certificate')
    return record
  }

  function keySet() {
    // INVARIANT: a JWKS of ours is plain JSON of this shape; the answer is checked against it wherever answers are checked.
    return structuredClone(keys.jwks()) as { keys: { kty: string; kid: string }[] }
  }
}

const gone = {
  erased: 'What the theorem was written from was erased: its hash stays in the certificate, and in bundles of before.',
  damaged: 'What the theorem was written from does not open any more: it was damaged or moved, or its key is gone.',
}

const limits =
  'Whoever puts back the whole folder, with the checkpoint file in it, or holds the signing key, is found out only by someone who keeps a later bundle or checkpoint. Private records beside the ledger are not checked here.'

function within(size: number, most: number): void {
  if (size > most) throw new Fault(422, 'invalid-request', `The tree has ${most} entries, not ${size}: ask for at most that.`)
}

function certificateOf({ decision: { id, call, issuedAt, verdict, proof }, entry }: Recorded): Certificate {
  return {
    decision_id: id,
    call_id: call.id,
    issued_at: rfc3339(issuedAt),
    verdict,
    result: verdict === 'allow' ? 'ADMISSIBLE' : 'INADMISSIBLE',
    action: call.action,
    principal: call.principal.id,
    solver_mode: proof.solver.mode,
    entry,
  }
}

function statementOf(envelope: string): Record<string, unknown> {
  return JSON.parse(new TextDecoder().decode(openEnvelope(envelope).payload))
}

export function eventOf({ seq, event, at, principal, facts, hash }: AuditBody): AuditEvent {
  const details = Object.entries(facts).map(([name, fact]) => [name, 'value' in fact ? fact.value : { digest: fact.digest }])
  return { seq, type: event, at, by: (principal as PrincipalId | null) ?? 'system', details: Object.fromEntries(details), hash }
}

/** Newest first, looking back from the entry before `cursor`. */
export async function auditPage(
  ledger: Ledger,
  tenant: TenantId,
  { cursor, limit, wanted }: { cursor?: string | undefined; limit: number; wanted: (event: AuditBody) => boolean },
) {
  const items: AuditEvent[] = []
  const { size } = await ledger.head(tenant)
  let end = Math.min(cursor !== undefined && /^\d{1,15}$/.test(cursor) ? Number(cursor) : size, size)
  while (end > 0) {
    const start = Math.max(0, end - 500)
    for (const entry of (await ledger.read(tenant, start, end)).toReversed()) {
      const event = readAudit(entry)
      if (!event || !wanted(event)) continue
      items.push(eventOf(event))
      if (items.length === limit) return { items, next: entry.index }
    }
    end = start
  }
  return { items, next: undefined }
}
