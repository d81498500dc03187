import { createHmac, randomBytes } from 'node:crypto'
import {
  type Approval,
  type Approvals,
  approval,
  auditKey,
  auditLog,
  bundle,
  canonical,
  createDetector,
  createGate,
  createParse,
  createRecorder,
  type Decision,
  type DecisionId,
  type EventFlow,
  flowOf,
  type Gate,
  type Json,
  localSigner,
  type MaskedCall,
  type MicroDollars,
  memoryApprovals,
  memoryCounter,
  memoryTaints,
  memoryTools,
  memoryVault,
  type Observer,
  type Outcome,
  type Owner,
  ownerOf,
  owedLimits,
  parseTrust,
  pii,
  policy,
  type PolicyTool,
  type PrincipalId,
  provenance,
  type PublicKey,
  restoring,
  register,
  type Recorded,
  type Recorder,
  sha256,
  spki,
  stateOnly,
  type StreamShape,
  systemClock,
  type TenantId,
  type ToolDeclaration,
  uuidv7,
  verifyBundle,
} from '@agentgate/core'
import type { House } from './controls/control.ts'
import { longestTimer } from './duration.ts'
import type { Denial } from './errors.ts'
import type { AgentOptions, CallOptions } from './options.ts'
import { type AgentPolicySets, policySets } from './policies.ts'
import { prover, requireZ3 } from './proof/prover.ts'
import { declareParsed, type Tool, validateBy } from './tool.ts'
import { recentCalls } from './recent-calls.ts'
import { waiting } from './waiting.ts'

/** The people's side of calls held in this process. */
export interface LocalApprovals {
  readonly pending: () => Promise<readonly Approval[]>
  /** Answers a held call, each person once. */
  readonly approve: (id: string, answer: LocalAnswer) => Promise<boolean>
  readonly deny: (id: string, answer: LocalAnswer) => Promise<boolean>
}

/** A person's answer, as the program around the agent vouches for it: nothing here asks who it really was. */
export interface LocalAnswer {
  /** Names the person in evidence: use an opaque id. */
  readonly by: string
  readonly reason?: string
  /** What `@approval("…")` may ask for; `['approver']` unless told. */
  readonly roles?: readonly string[]
}

/** An evidence bundle, and the public key that verifies it: pin the key by another way than the bundle came. */
export interface Evidence {
  /** The text of the `.agentgate.json` file. */
  readonly bundle: string
  /** PEM (SubjectPublicKeyInfo). */
  readonly publicKey: string
}

/** A gate in this process: stores in memory, a signing key of its own, evidence of what runs and of the last thousand calls that ended. */
export interface Local {
  readonly gateFor: (options: CallOptions) => Gate
  /** The same, answering a hold instead of waiting for a person. */
  readonly unwaited: (options: CallOptions) => Gate
  readonly register: (declaration: ToolDeclaration) => Promise<void>
  /** The opaque id of a conversation that the agent's code names as it likes. */
  readonly sessionOf: (name: string) => string
  /** The conversation of calls that name none, as the agent's code names it. */
  readonly session: string | undefined
  readonly masks: boolean
  /** Restores the stream of an allowed call for whom it is made for. */
  readonly restoring: (call: MaskedCall, shape: StreamShape) => EventFlow
  /** Of the agent's policies: see `AgentPolicySets`. */
  readonly policies: Pick<AgentPolicySets, 'added' | 'ready'>
  /** The policies as they were given, to the agent or to its `formalVerification`. */
  readonly given: AgentOptions['policies']
  readonly approvals: LocalApprovals
  readonly denialOf: (approval: string) => Promise<Denial | undefined>
  /** What an allowed call cost in the end, by the first that keeps count. */
  readonly spent: (decision: Decision, outcome: Outcome) => MicroDollars | undefined
  readonly verify: (id: DecisionId) => Promise<boolean>
  readonly evidence: (id: DecisionId) => Promise<Evidence>
}

/** Whose calls are that name no tenant, and all tools: those are the agent's. */
const local = 'local' as TenantId
const minute = 60_000
/** How long a tool may run: whoever could settle its call instead is in this process too. */
const day = 86_400_000

interface LocalOptions extends AgentOptions {
  readonly tools: ReadonlyMap<string, Tool>
  readonly observe: Observer
  /** Says nothing of tools that policies name and nobody registered. */
  readonly quiet?: boolean
  /** Milliseconds that deciding may take. */
  readonly patience?: number
}

export function localGate(options: LocalOptions): Local {
  const clock = systemClock
  const newId = () => uuidv7(clock.now())
  const kept = options.approvals
  const commitmentKey = kept?.commitmentKey ?? randomBytes(32)
  const commit = (value: Json) => createHmac('sha256', commitmentKey).update(canonical(value)).digest('hex')
  const alike = new Map<string, number>()
  const house: House = {
    counter: options.counter ?? memoryCounter(),
    vault: memoryVault(),
    approvals: kept ?? memoryApprovals(),
    ...(kept && { earlier: kept.earlier }),
    clock,
    newId,
    commit,
    countsOf(says) {
      const digest = sha256(canonical(says))
      const before = alike.get(digest) ?? 0
      alike.set(digest, before + 1)
      return `${digest}/${before}`
    },
    answer,
  }

  const parts = (options.controls ?? []).map((control, n) => control(house, n))
  const masks = parts.flatMap(({ mask }) => mask ?? [])
  if (masks.length > 1) throw new TypeError('An agent has one `piiVault`: give it all the kinds to mask')
  if (parts.filter(({ detect }) => detect?.some(({ name }) => name === 'approval')).length > 1)
    throw new TypeError('An agent has one `humanApproval`: give it all the tools that wait for a person')
  const verifications = parts.flatMap(({ verification }) => verification ?? [])
  if (verifications.length > 1) throw new TypeError('An agent has one `formalVerification`: give it all the policies')
  const [verification = {}] = verifications
  const isFormal = options.formalVerification === true || verifications.length > 0
  if (isFormal) requireZ3()
  if (options.policies !== undefined && verification.policies !== undefined)
    throw new TypeError('The agent has `policies`, and its `formalVerification` has others: give them in one place')
  const given = options.policies ?? verification.policies
  const mask = masks[0] ?? pii({ vault: house.vault })
  const [unknownToken = 'fail_closed'] = parts.flatMap((each) => each.unknownToken ?? [])
  const asks = parts.some(({ detect }) => detect?.some(({ name }) => name === 'approval'))
  if (!asks) {
    const { recall, controls } = approval({ ...house, timeout: 5 * minute })
    parts.push({ detect: [recall], controls })
  }

  /** Whose tokens nobody asks for: forgotten one to two minutes later, when what was just settled is restored too. */
  let leaving: Owner[] = []
  let left: Owner[] = []
  const { ledger, calls, tenantOf } = recentCalls(clock, (call) => {
    // A session that is the call's own is no other's.
    if (String(call.session) === call.id) leaving.push(ownerOf(call))
  })
  const signer = localSigner(randomBytes(32))
  const audit = auditLog({ ledger, key: auditKey(randomBytes(32)), clock })
  const registered = memoryTools()
  const personal = createDetector()
  const sets = policySets(
    given,
    () => [...options.tools.values()].map(policyTool),
    (names) => {
      if (options.quiet) return
      const said = names.slice(0, 10).map((name) => `\`${name}\``)
      const more = names.length > 10 ? ` and ${names.length - 10} others` : ''
      process.emitWarning(
        `The agent's policies name ${said.join(', ')}${more}, and no tool, action or effect is called so: until one is registered, what they say of it is said of no call.`,
      )
    },
    { kinds: mask.kinds, secondFactor: false },
  )

  const toolOf = (name: string) => {
    const known = options.tools.get(name)
    return known && policyTool(known)
  }
  const prove = isFormal
    ? prover({
        mode: options.verificationMode ?? verification.mode ?? 'enforce',
        sets: sets.active,
        tool: toolOf,
        approvals: house.approvals,
        masks: mask.kinds,
      })
    : stateOnly

  const inside = createGate({
    parse: createParse({ find: (_, name) => registered.find(local, name) }, validateBy(options.tools), (text) => personal(text).length > 0),
    detect: [...parts.flatMap(({ detect }) => detect ?? []), provenance({ taints: memoryTaints() })],
    mask,
    controls: [
      policy({
        active: sets.active,
        tool: async (_, name) => toolOf(name),
        reserves: true,
        masks: mask.kinds,
      }),
      owedLimits(house),
      ...parts.flatMap(({ controls }) => controls ?? []),
    ],
    prove,
    recorder: kept ? closing(createRecorder({ ledger, signer, audit, clock }), kept) : createRecorder({ ledger, signer, audit, clock }),
    calls,
    observe: [options.observe, ...parts.flatMap(({ observe }) => observe ?? [])],
    failed: warned,
    clock,
    newId,
    running: day,
    ...(options.patience !== undefined && { patience: options.patience }),
  })

  let swept = clock.now()
  const answers = new Map<string, Set<() => void>>()
  const wake = (id: string) => answers.get(id)?.forEach((resolve) => resolve())

  const agentId = options.agentId ?? options.principal ?? verification.principal ?? 'agent'
  if (!/^[\w.:-]{1,128}$/.test(agentId)) throw new TypeError(`\`${agentId}\` is not an agent id: letters, digits, \`_ . : -\`, at most 128`)
  /** All that calls were made for: approvals are looked for in each. */
  const tenants = new Set([local])
  const tenantFor = ({ tenant }: CallOptions) => {
    const id = tenant === undefined ? local : (commit(['tenant', tenant]).slice(0, 32) as TenantId)
    tenants.add(id)
    return id
  }
  const principalOf = ({ user, tenant }: CallOptions) => ({
    id: `Agent::${agentId}` as PrincipalId,
    tenant: tenantFor({ ...(tenant !== undefined && { tenant }) }),
    roles: ['service_agent'],
    mfa: false,
    ...(user !== undefined && { onBehalfOf: `User::${commit(['user', user]).slice(0, 32)}` as PrincipalId }),
  })

  const evidence = async (id: DecisionId) => {
    const record = await calls.find(tenantOf(id) ?? local, id)
    if (!record)
      throw new RangeError(`\`${id}\` is no decision of this agent, or older than the last thousand calls: write evidence out before`)
    // INVARIANT: what `calls` holds was written by the recorder, through the ledger.
    const judged = (await sets.active()).filter(({ digest }) => record.decision.policy.digests.includes(digest))
    const file = await bundle({ ledger, audit, signer }, record as unknown as Recorded, {
      policies: judged.map(({ digest, text }) => ({ digest, text })),
    })
    return { bundle: file, publicKey: pem(signer.key) }
  }

  return {
    masks: masks.length > 0,
    policies: sets,
    given,
    restoring(call, shape) {
      // A trusted tool was told no tokens, so what looks like one in its output is text.
      const trusted = call.tool.boundary === 'trusted'
      return flowOf(
        shape,
        restoring({
          vault: trusted ? memoryVault() : house.vault,
          owner: ownerOf(call),
          kinds: [...mask.kinds],
          unknownToken: trusted ? 'best_effort' : unknownToken,
        }),
      )
    },
    session: parts.find(({ session }) => session !== undefined)?.session,
    sessionOf: (name) => commit(['session', name]).slice(0, 32),
    unwaited,
    gateFor: (asked) => waiting(unwaited(asked), answered),
    async register(declaration) {
      if (!(await registered.find(local, declaration.name))) {
        await registered.put(
          local,
          register(declaration, (value) => sha256(canonical(value))),
        )
      }
    },
    approvals: {
      async pending() {
        const all = await Promise.all((await everyTenant()).map((tenant) => house.approvals.list(tenant, { state: 'pending', limit: 200 })))
        return all.flat()
      },
      approve: (id, answer) => decide(id, true, answer),
      deny: (id, answer) => decide(id, false, answer),
    },
    denialOf: async (id) => (await asked(id))?.answers.findLast(({ approved }) => !approved),
    spent(decision, outcome) {
      for (const { spent } of parts) {
        const cost = spent?.(decision, outcome)
        if (cost !== undefined) return cost
      }
      return undefined
    },
    evidence,
    async verify(id) {
      const { bundle: file, publicKey } = await evidence(id)
      return (await verifyBundle(file, await parseTrust(publicKey))).valid
    },
  }

  function unwaited(asked: CallOptions): Gate {
    const gate = inside.as(async () => ({ principal: principalOf(asked), facts: {} }))
    return {
      ...gate,
      async decide(request, signal) {
        settleLost()
        return gate.decide(request, signal)
      },
    }
  }

  /** Once a minute, while calls are made: what ran for a day and was never reported is lost, and has an end like any other; tokens of forgotten calls go. */
  function settleLost(): void {
    const now = clock.now()
    if (now - swept < minute) return
    swept = now
    inside.sweep().catch(warned)
    for (const owner of left) house.vault.forget(owner).catch(warned)
    left = leaving
    leaving = []
  }

  /** Those of this process, and whom an earlier one asked for. */
  async function everyTenant(): Promise<readonly TenantId[]> {
    return [...new Set([...tenants, ...((await kept?.tenants()) ?? [])])]
  }

  async function asked(id: string): Promise<Approval | undefined> {
    for (const tenant of await everyTenant()) {
      const found = await house.approvals.find(tenant, id)
      if (found) return found
    }
    return undefined
  }

  function answer(id: string, { approved, ...said }: LocalAnswer & { readonly approved: boolean }): Promise<boolean> {
    return decide(id, approved, said)
  }

  async function decide(id: string, approved: boolean, { by, reason = '', roles = ['approver'] }: LocalAnswer): Promise<boolean> {
    if (!parts.every(({ approvers }) => approvers?.includes(by) ?? true)) return false
    const { tenant = local } = (await asked(id)) ?? {}
    const done = await house.approvals.answer(tenant, id, { approved, by: by as PrincipalId, reason, at: clock.now(), roles })
    if (done) {
      await audit.record(tenant, {
        type: 'approval.decided',
        principal: by as PrincipalId,
        facts: { approval: id, approved },
        sealed: { reason },
      })
      wake(id)
    }
    return done
  }

  /** Resolves when the approval was answered or its time is up. A call that its caller leaves is refused for good. */
  async function answered(id: string, { call }: Decision, signal?: AbortSignal): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const waiters = answers.get(id) ?? new Set()
    answers.set(id, waiters.add(resolve))
    const question: Approval | undefined = await house.approvals.find(call.tenant, id)
    if (!question || question.state !== 'pending') resolve()
    // Woken too early, the call is decided again, and waits on.
    const timer = setTimeout(resolve, Math.min(Math.max(0, (question?.expiresAt ?? 0) - clock.now()) + 1, longestTimer))
    const abort = () => reject(signal?.reason instanceof Error ? signal.reason : new Error('aborted'))
    signal?.addEventListener('abort', abort, { once: true })
    if (signal?.aborted) abort()
    try {
      await promise
    } catch (left) {
      const why = { code: 'abandoned', message: 'Its caller left before anybody had answered.' }
      await inside.refuse(call.tenant, call.id, why).catch(warned)
      throw left
    } finally {
      clearTimeout(timer)
      signal?.removeEventListener('abort', abort)
      waiters.delete(resolve)
      if (waiters.size === 0) answers.delete(id)
    }
  }
}

function warned(error: unknown): void {
  process.emitWarning(error instanceof Error ? error : String(error))
}

/** No answer serves two calls, in later processes either: it is used up before its call is on record. */
function closing(recorder: Recorder, approvals: Approvals): Recorder {
  return {
    ...recorder,
    async decided(decision, more) {
      if (decision.verdict !== 'hold' && decision.approval !== undefined) await approvals.close(decision.call.tenant, decision.approval)
      return recorder.decided(decision, more)
    },
  }
}

/** What policies must know of the tool: they judge its input by these types. */
function policyTool(tool: Tool): PolicyTool {
  const { name, action, effect, input } = declareParsed(tool, 'external')
  return { name, action: action ?? name, effect, inputSchema: input }
}

/** The key as openssl reads it. */
function pem({ raw }: PublicKey): string {
  return `-----BEGIN PUBLIC KEY-----\n${Buffer.from(spki(raw)).toString('base64')}\n-----END PUBLIC KEY-----\n`
}
