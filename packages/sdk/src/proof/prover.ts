import { randomBytes } from 'node:crypto'
import { createRequire } from 'node:module'
import type { Worker } from 'node:worker_threads'
import {
  type ApprovalOnFile,
  bindingOf,
  boundBy,
  type Approvals,
  type Draft,
  isObject,
  type PolicySet,
  type PolicyTool,
  type Proof,
  sha256,
  stateOnly,
  Unproved,
  startThread,
} from '@agentgate/core'
import type { ProofAnswer, ProofQuestion } from './prover-worker.ts'

export interface ProverOptions {
  /** `enforce` denies what is not proved; `shadow` says so in the certificate, and changes nothing. */
  readonly mode: 'enforce' | 'shadow'
  readonly sets: () => Promise<readonly PolicySet[]>
  readonly tool: (name: string) => PolicyTool | undefined
  readonly approvals: Approvals
  readonly masks: ReadonlySet<string>
  /** Milliseconds for one proof. */
  readonly limit?: number
}

interface Waiting {
  readonly resolve: (answer: ProofAnswer) => void
  readonly reject: (error: Error) => void
}

/** Throws a `TypeError` where Z3 is not installed: an agent that was asked to prove its decisions does not go on without. */
export function requireZ3(): void {
  try {
    createRequire(import.meta.url).resolve('z3-solver')
  } catch (cause) {
    throw new TypeError('`formalVerification` needs Z3, which is not installed: `npm install z3-solver@5.2.0`', { cause })
  }
}

/** Proves decisions by Z3 in a thread of its own, which is started by the first and keeps no process alive. */
export function prover({ mode, sets: active, tool, approvals, masks, limit = 8_000 }: ProverOptions): (draft: Draft) => Promise<Proof> {
  const waiting = new Map<number, Waiting>()
  let thread: Worker | undefined
  let asked = 0

  return async (draft) => {
    try {
      return await proved(draft)
    } catch (error) {
      if (mode === 'enforce') throw error
      const solver = error instanceof Unproved ? error.solver : { name: 'z3', version: '', mode, answer: 'none' }
      return { ...(await stateOnly(draft)), solver }
    }
  }

  async function proved(draft: Draft): Promise<Proof> {
    const { call, verdict, findings, policy, issuedAt, expiresAt } = draft
    const sets = (await active()).map(({ id, digest, text }) => ({ id, digest, text }))
    const salt = randomBytes(32).toString('hex')
    const salted = (binding: string) => sha256(`${salt}${binding}`)
    const basis = {
      salt,
      sets: sets.map(({ id, digest }) => ({ id, digest })),
      tool: tool(call.tool.name) ?? null,
      approval: await approvalOf(draft, salted),
      ...bindingOf(findings, salted),
      house: { reserves: true, masks: [...masks] },
    }
    const judged = {
      decision: draft.id,
      call,
      verdict,
      findings: findings.map((found) => ({ control: found.control, verdict: found.verdict, code: found.reason?.code ?? null })),
      policy: { digests: policy.digests, determining: policy.determining },
      issuedAt,
      expiresAt,
    }
    const { proved: found, error, version } = await ask({ judged, basis, sets, limit: limit * 0.75 })
    const unproved = (answer: string, why: string) => new Unproved({ name: 'z3', version, mode, answer }, why)
    if (!found) throw unproved('none', `The solver broke off: ${error}.`)
    if (found.found === 'unknown') throw unproved('unknown', `Nobody can tell whether it holds: ${found.why}.`)
    if (found.found === 'drift') throw unproved('sat', `The evaluator says ${verdict}, and policies and facts demand ${found.demanded}.`)
    return { ...found.proof, solver: { name: 'z3', version, mode, answer: found.answer } }
  }

  async function ask(question: Omit<ProofQuestion, 'id'>): Promise<ProofAnswer> {
    const worker = (thread ??= started())
    const id = asked++
    const { promise, resolve, reject } = Promise.withResolvers<ProofAnswer>()
    waiting.set(id, { resolve, reject })
    worker.ref()
    const timer = setTimeout(() => broken(worker, new Error(`The solver did not answer within ${limit} ms.`)), limit)
    try {
      worker.postMessage({ ...question, id } satisfies ProofQuestion)
      return await promise
    } catch (cause) {
      throw new Unproved({ name: 'z3', version: '', mode, answer: 'none' }, 'The solver cannot be asked.', { cause })
    } finally {
      clearTimeout(timer)
      waiting.delete(id)
      if (waiting.size === 0) worker.unref()
    }
  }

  function started(): Worker {
    const worker = startThread(new URL(`./prover-worker${import.meta.url.slice(-3)}`, import.meta.url))
    worker.unref()
    worker.on('message', (answer: ProofAnswer) => waiting.get(answer.id)?.resolve(answer))
    worker.on('error', (error) => broken(worker, error))
    worker.on('exit', () => broken(worker, new Error('The solver broke off.')))
    return worker
  }

  /** Nobody waits for a thread that is gone; the next question starts another. */
  function broken(worker: Worker, why: unknown): void {
    if (thread !== worker) return
    thread = undefined
    void worker.terminate()
    for (const { reject } of waiting.values()) reject(why instanceof Error ? why : new Error(String(why)))
  }

  /** The approval that a call brings, as its table has it and not as the call says. */
  async function approvalOf({ call }: Draft, salted: (binding: string) => string): Promise<ApprovalOnFile | null> {
    const brought = call.context['approval']
    const id = isObject(brought) ? brought['id'] : undefined
    const found = typeof id === 'string' ? await approvals.find(call.tenant, id) : undefined
    if (!found) return null
    const answers = found.answers.map(({ by, approved, roles }) => ({ by, approved, roles }))
    const of = boundBy(found.call, salted(found.binding))
    return { id: found.id, call: found.callId, state: found.state, expiresAt: found.expiresAt, of, answers }
  }
}
