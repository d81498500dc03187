import { randomBytes } from 'node:crypto'
import {
  type ApprovalOnFile,
  type Approvals,
  askers,
  type AuditLog,
  type Basis,
  bindingOf,
  boundBy,
  type Decision,
  type Draft,
  type Grants,
  type GrantsOnFile,
  type Judged,
  type Observer,
  type Policies,
  type PolicySet,
  type PolicyTool,
  type Proof,
  sha256,
  type Solver,
  stateOnly,
  type TenantId,
} from '@agentgate/core'
import type { FastifyBaseLogger } from 'fastify'
import type { WorkerOptions } from '../work/one-worker.ts'
import { z3Work } from '../work/z3-work.ts'
import { type Checked, fullChecks } from './full-checks.ts'
import { ProofError } from './proof-error.ts'
import { proofWork } from './proof-work.ts'

/** Where a proof reads what it is about, anew. */
export interface ProofSources {
  readonly policies: Pick<Policies, 'active'>
  /** A registered tool as policies see it. */
  readonly tool: (tenant: TenantId, name: string) => Promise<PolicyTool | undefined>
  readonly approvals: Pick<Approvals, 'find'>
  readonly grants: Pick<Grants, 'held' | 'chain'>
}

export interface ProverOptions extends WorkerOptions, ProofSources {
  /** `enforce`: what is not proved is denied. `shadow`: it is told, and nothing changes. `off`: nothing is proved. */
  readonly mode: Proof['solver']['mode']
  readonly policies: Pick<Policies, 'active' | 'byDigest'>
  readonly discharging: { readonly reserves: boolean; readonly masks: ReadonlySet<string> }
  readonly audit: Pick<AuditLog, 'record'>
  readonly log: Pick<FastifyBaseLogger, 'error'>
  /** Milliseconds for one proof: 4,000. Twice as long it may wait for its turn, and for a worker that is starting. */
  readonly limit?: number
  /** Most proofs that one principal may wait for at once, so that none takes every place in the queue: 300 of its 500. */
  readonly share?: number
  /** One theorem in so many is also checked as written: 100. */
  readonly sampled?: number
  /** What checks some theorems as written, in the background: Z3 in a worker of its own. Another in tests. */
  readonly checker?: Solver & { readonly close: () => Promise<void> }
  /** The worker's file: another in tests of one that is stuck. */
  readonly file?: URL
}

/** Proves decisions by Z3, in a worker. */
export interface Prover {
  /**
   * The gate's room of that name. Throws when the decision is not proved and proofs are enforced: the gate denies then. Other
   * `sources` are for decisions that are only simulated.
   */
  readonly prove: (draft: Draft, sources?: ProofSources) => Promise<Proof>
  /** Puts each disagreement of solver and evaluator on the audit log, once its decision is on record. */
  readonly observer: Observer
  /** The script of a recorded decision, written again; `undefined` where nothing was proved. */
  readonly theorem: (decision: Decision) => Promise<{ readonly script: string; readonly hash: string } | undefined>
  /** How the theorems fared that are also checked as written. */
  readonly checked: () => Checked
  /** Whether a proof could be made now: asked of the worker itself, at most once a second. */
  readonly health: () => Promise<{ readonly ok: boolean; readonly detail: string }>
  readonly close: () => Promise<void>
}

interface Drift {
  readonly said: string
  readonly demanded: string
  readonly hash: string
}

/** Decisions whose disagreement is not told yet, at most. */
const mostDrifts = 1_000

export function prover(options: ProverOptions): Prover {
  const {
    mode,
    policies,
    discharging,
    audit,
    log,
    limit = 4_000,
    share = 300,
    waiting = 500,
    sampled = 100,
    checker = z3Work({ waiting: 100 }),
    file,
    ...worker
  } = options
  const work = proofWork({ limit, waiting, file, ...worker })
  const drifts = new Map<string, Drift>()
  /** How many proofs each principal waits for: one of them cannot take every place. */
  const asking = new Map<string, number>()
  const house = { reserves: discharging.reserves, masks: [...discharging.masks] }
  const checks = fullChecks(checker)
  let probed: { readonly at: number; readonly health: ReturnType<Prover['health']> } | undefined

  return { prove, observer: { decided }, theorem, checked: checks.checked, health, close: closeAll }

  async function prove(draft: Draft, sources: ProofSources = options): Promise<Proof> {
    if (mode === 'off') return stateOnly(draft)
    const { tenant, principal } = draft.call
    const asker = JSON.stringify([tenant, principal.id])
    const waits = (asking.get(asker) ?? 0) + 1
    asking.set(asker, waits)
    try {
      return await proveFor(draft, waits, sources)
    } finally {
      const left = (asking.get(asker) ?? 1) - 1
      if (left > 0) asking.set(asker, left)
      else asking.delete(asker)
    }
  }

  async function proveFor(draft: Draft, waits: number, sources: ProofSources): Promise<Proof> {
    drifts.delete(draft.call.id)
    try {
      if (waits > share) throw new ProofError('solver-unavailable', `More than ${share} calls of one principal wait for a proof.`)
      return await proved(draft, sources)
    } catch (error) {
      const code = error instanceof ProofError ? error.code : 'solver-unavailable'
      log.error({ call: draft.call.id, verdict: draft.verdict, mode, code }, 'a decision could not be proved')
      if (mode === 'enforce') throw error
      const stated = await stateOnly(draft)
      return { ...stated, solver: { name: 'z3', version: '', mode, answer: drifts.has(draft.call.id) ? 'sat' : 'unknown' } }
    }
  }

  async function proved(draft: Draft, sources: ProofSources): Promise<Proof> {
    const { sets, basis } = await basisOf(draft, sources)
    const found = await work.ask({
      ask: 'prove',
      judged: judgedIn(draft),
      basis,
      sets,
      how: { full: isDistrusted(), sampled, limit: limit * 0.75 },
    })
    if (found.said !== 'proved') throw new ProofError('solver-unavailable', 'The worker answered something else.')
    const { proved, version } = found
    if (proved.found === 'unknown') throw new ProofError('solver-unknown', `Nobody can tell whether it holds: ${proved.why}.`)
    if (proved.found === 'proved') {
      const { sample, proof, answer } = proved
      if (sample !== undefined) checks.check(sample, () => contradicted(draft, proof.theorem?.hash ?? ''))
      return { ...proof, solver: { name: 'z3', version, mode, answer } }
    }
    for (const oldest of drifts.keys()) if (drifts.size >= mostDrifts) drifts.delete(oldest)
    drifts.set(draft.call.id, { said: draft.verdict, demanded: proved.demanded, hash: proved.hash })
    throw new ProofError('solver-drift', `The evaluator says ${draft.verdict}, and policies and facts demand ${proved.demanded}.`)
  }

  /** Once the full check has contradicted it, simplifying is believed no more. */
  function isDistrusted(): boolean {
    return checks.checked().disagreed > 0
  }

  function contradicted({ id, call, verdict }: Draft, hash: string): void {
    log.error(
      { call: call.id, decision: id, verdict, mode, code: 'solver-drift' },
      'a theorem that was simplified does not hold as written',
    )
    const facts = { decision: id, call: call.id, said: verdict, demanded: 'unknown', theorem: hash, mode }
    audit.record(call.tenant, { type: 'solver-drift', facts }).catch((err: unknown) => log.error({ err }, 'a drift could not be recorded'))
  }

  /** Everything is read anew: what judged the call is not asked what it judged by. */
  async function basisOf(
    { call, issuedAt, findings }: Draft,
    sources: ProofSources,
  ): Promise<{ sets: readonly PolicySet[]; basis: Basis }> {
    const { policies, tool: toolOf, approvals, grants } = sources
    const salt = randomBytes(32).toString('hex')
    const salted = (binding: string) => sha256(`${salt}${binding}`)
    const [sets, tool, approval, handed] = await Promise.all([
      policies.active(call.tenant),
      toolOf(call.tenant, call.tool.name),
      approvalOf(call, approvals, salted),
      grantsOf(call, grants, issuedAt),
    ])
    const basis = {
      salt,
      sets: sets.map(({ id, digest }) => ({ id, digest })),
      tool: tool ?? null,
      approval,
      ...bindingOf(findings, salted),
      ...(handed.bound.length > 0 && { grants: handed }),
      house,
    }
    return { sets, basis }
  }

  async function approvalOf(
    { tenant, context }: Draft['call'],
    approvals: ProofSources['approvals'],
    salted: (binding: string) => string,
  ): Promise<ApprovalOnFile | null> {
    const brought = context['approval']
    const id = typeof brought === 'object' && brought !== null && 'id' in brought ? brought['id'] : undefined
    const found = typeof id === 'string' ? await approvals.find(tenant, id) : undefined
    if (!found || found.forged) return null
    const answers = found.answers.map(({ by, approved, roles }) => ({ by, approved, roles }))
    const { id: asked, callId, state, expiresAt, call, binding } = found
    return { id: asked, call: callId, state, expiresAt, of: boundBy(call, salted(binding)), answers }
  }

  /** Who of those that ask was ever handed a grant, and the chains that the call brings. */
  async function grantsOf(call: Draft['call'], grants: ProofSources['grants'], now: number): Promise<GrantsOnFile> {
    const held = await grants.held(call.tenant, askers(call), now)
    if (held.length === 0) return { bound: [], chains: [] }
    const brought = call.context['grants']
    const ids = Array.isArray(brought) ? brought.filter((id) => typeof id === 'string').slice(0, held.length) : []
    const chains = await Promise.all(ids.map((id) => grants.chain(call.tenant, id)))
    return { bound: held.map(({ holder }) => holder), chains: chains.map((links) => links.map(({ envelope: _, ...link }) => link)) }
  }

  async function decided({ id, call }: Decision): Promise<void> {
    const drift = drifts.get(call.id)
    if (!drift) return
    drifts.delete(call.id)
    const { said, demanded, hash } = drift
    await audit.record(call.tenant, { type: 'solver-drift', facts: { decision: id, call: call.id, said, demanded, theorem: hash, mode } })
  }

  async function theorem(decision: Decision): Promise<{ script: string; hash: string } | undefined> {
    const facts = decision.proof.theorem
    if (!facts) return undefined
    // INVARIANT: a private record is what `prove` made.
    const basis = facts.basis as unknown as Basis
    const sets = await Promise.all(
      basis.sets.map(async ({ id, digest }) => {
        const text = (await policies.byDigest(decision.call.tenant, digest))?.text
        return { id, digest, ...(text !== undefined && { text }) }
      }),
    )
    const found = await work.ask({ ask: 'script', judged: judgedIn(decision), basis, sets })
    if (found.said !== 'script') throw new TypeError('The theorem cannot be written again: a policy set that it is about is gone.')
    return { script: found.script, hash: found.hash }
  }

  function health(): ReturnType<Prover['health']> {
    if (mode === 'off') return Promise.resolve({ ok: true, detail: 'off: verdicts are not proved' })
    if (!probed || Date.now() - probed.at > 1_000) probed = { at: Date.now(), health: probe() }
    return probed.health
  }

  async function probe(): Promise<{ ok: boolean; detail: string }> {
    try {
      const found = await work.alive()
      if (isDistrusted())
        return { ok: false, detail: `${mode}, and Z3 contradicted itself: every theorem is checked in full. See the log.` }
      return { ok: found.said === 'alive', detail: `${mode}, Z3 ${found.said === 'alive' ? found.version : 'does not answer'}` }
    } catch {
      return { ok: false, detail: `${mode}, and the solver does not answer: calls are denied. See the log.` }
    }
  }

  async function closeAll(): Promise<void> {
    await Promise.all([work.close(), checks.close()])
  }
}

function judgedIn({ id, call, verdict, findings, policy, issuedAt, expiresAt }: Draft): Judged {
  return {
    decision: id,
    call,
    verdict,
    findings: findings.map((found) => ({ control: found.control, verdict: found.verdict, code: found.reason?.code ?? null })),
    policy: { digests: policy.digests, determining: policy.determining },
    issuedAt,
    expiresAt,
  }
}
