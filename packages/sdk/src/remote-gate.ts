import type { Client, WireDecision, WireReason } from '@agentgate/api'
import {
  type CallId,
  type CallRequest,
  type Decision,
  type DecisionId,
  type Gate,
  GateError,
  type GateErrorCode,
  gateErrorCodes,
  type Json,
  type MaskedCall,
  type Observer,
  type Outcome,
  type Principal,
  type PrincipalId,
  type Reason,
  type SessionId,
  type TenantId,
  type ToolDeclaration,
} from '@agentgate/core'
import type { Denial } from './errors.ts'
import { type Earlier, earlierCalls } from './earlier-calls.ts'
import type { CallOptions } from './options.ts'
import { wireOwnFindings } from './own-findings.ts'
import { waiting } from './waiting.ts'

export interface RemoteGateOptions {
  /** Where the server is: `https://agentgate.example`. */
  readonly url: string
  /** `ag_…`: the agent's own key. Who it acts for and what it may do is the server's to say. */
  readonly apiKey: string
  readonly observe?: Observer
  /** Stands around the gate of each call: for what is to become of it while the server cannot be asked. */
  readonly around?: (gate: Gate, asked: CallOptions) => Gate
}

/** The gate of a server, one request to decide and one to settle. What cannot be reached refuses: nothing runs ungoverned. */
export function remoteGate({ url, apiKey, observe, around = (gate) => gate }: RemoteGateOptions): {
  gateFor: (asked?: CallOptions) => Gate
  register: (declaration: ToolDeclaration) => Promise<void>
  denialOf: (approval: string) => Promise<Denial | undefined>
} {
  const at = origin(url)
  if (!/^\S+$/.test(apiKey)) throw new TypeError('`apiKey` is missing: make one in the dashboard, or by `POST /api/auth/api-keys`')
  let opened: Client | undefined
  /** The HTTP contract is loaded when a server is first asked: agents in process do without it. */
  const clientOf = async () => (opened ??= (await import('@agentgate/api')).createClient({ url: at, token: () => apiKey }))
  const registered = new Map<string, Promise<void>>()
  let earlier: Promise<Earlier> | undefined
  /** Read before anything is asked: all of it is of an earlier process, or of another. */
  const earlierOf = () => (earlier ??= earlierCalls(clientOf))

  async function asked(request: CallRequest, signal?: AbortSignal): Promise<WireDecision> {
    const more = signal ? { signal } : {}
    return told(async () => {
      const client = await clientOf()
      const found = request.found && { found: wireOwnFindings(request.found) }
      if ('resume' in request)
        return client.calls.resume({
          params: { id: request.resume },
          body: { ...(request.confirm && { confirm: true }), ...found },
          ...more,
        })
      const body = {
        action: request.action,
        input: request.input,
        ...(request.session !== undefined && { session_id: request.session }),
        ...(request.labels && { labels: [...request.labels] }),
        ...found,
      }
      const { among } = await earlierOf()
      return among(request.action, (ids) =>
        client.calls.decide({ body: { ...body, ...(ids.length > 0 && { resumes: [...ids] }) }, ...more }),
      )
    })
  }

  const gate: Gate = {
    async decide(request, signal) {
      const wire = await asked(request, signal).catch(async (error: unknown) => {
        const reason = await untakenReason(error)
        if (!reason || 'resume' in request) throw error
        // What the server does not take is refused on record there, without the input.
        const { found = [] } = request
        const client = { control: 'agent/client', verdict: 'deny', reason } as const
        return asked(
          { ...request, input: null, found: found.some(({ verdict }) => verdict === 'deny') ? found : [...found, client] },
          signal,
        )
      })
      const decision = decisionOf(wire)
      await observe?.decided?.(decision)
      if (decision.verdict === 'deny' && decision.reason) await observe?.settled?.(decision, { status: 'refused', reason: decision.reason })
      return decision
    },
    release: async (id) => (await told(async () => (await clientOf()).calls.release({ params: { id } }))).input as { [key: string]: Json },
    async settle(id, { found, ...said }) {
      const report = { ...said, ...(found && { found: wireOwnFindings(found) }) }
      const { status, output, error, reason } = await told(async () => (await clientOf()).calls.outcome({ params: { id }, body: report }))
      if (status === 'succeeded') return { status, output: (output ?? null) as Json }
      if (status === 'failed') return { status, error: error ?? '' }
      return { status, reason: reason ? reasonOf(reason) : { code: status, message: '' } }
    },
  }
  const seen = observe?.settled
  const observed: Gate = seen ? { ...gate, settle: async (id, report) => settled(id, await gate.settle(id, report)) } : gate
  const open = new Map<DecisionId, Decision>()

  return {
    gateFor: (asked = {}) => waiting(around(remembering(observed), asked), answered),
    async denialOf(id) {
      const { answers } = await told(async () => (await clientOf()).approvals.get({ params: { id } }))
      return answers.findLast(({ approved }) => !approved)
    },
    async register(declaration) {
      const { name } = declaration
      const before = registered.get(name)
      if (before) return before
      const registering = put(declaration)
      registered.set(name, registering)
      // What did not work is tried again by the next call.
      registering.catch(() => registered.delete(name))
      return registering
    },
  }

  async function put({ name, ...body }: ToolDeclaration): Promise<void> {
    await told(async () => (await clientOf()).tools.put({ params: { name }, query: {}, body: body as never })).catch((error: unknown) => {
      // Without the permission to register, the operator's registration stands; an unknown tool is then denied.
      if (!(error instanceof GateError && error.code === 'not-permitted')) throw error
    })
  }

  function remembering(inner: Gate): Gate {
    return {
      ...inner,
      async decide(request, signal) {
        const decision = await inner.decide(request, signal)
        if (decision.verdict === 'allow') open.set(decision.id, decision)
        return decision
      },
    }
  }

  async function settled(id: DecisionId, outcome: Outcome): Promise<Outcome> {
    const decision = open.get(id)
    open.delete(id)
    // What came back is restored, and observers see masked outcomes only: the masked one is in the server's trace.
    const shown: Outcome = outcome.status === 'succeeded' ? { ...outcome, output: `in the trace of ${id}` } : outcome
    if (decision) await seen?.(decision, shown)
    return outcome
  }

  /**
   * Asks until someone has answered; a person takes seconds, so asking twice a second is soon enough. A server that is away meanwhile
   * keeps the question, and is asked again once it is back: as long as there is time to answer, or the hold itself is good.
   */
  async function answered(approval: string, held: Decision, signal?: AbortSignal): Promise<void> {
    let until = held.expiresAt
    for (;;) {
      signal?.throwIfAborted()
      try {
        const { state, expires_at } = await told(async () => (await clientOf()).approvals.get({ params: { id: approval } }))
        until = Date.parse(expires_at)
        if (state !== 'pending' || until <= Date.now()) return
      } catch (error) {
        if (!(error instanceof GateError && error.code === 'unreachable') || until <= Date.now()) throw error
      }
      await new Promise((resolve) => setTimeout(resolve, 500))
    }
  }
}

/** Why a server does not take an input, which is too large or too deep for it. */
async function untakenReason(error: unknown): Promise<Reason | undefined> {
  const { Problem } = await import('@agentgate/api')
  if (!(error instanceof Problem) || ![400, 413, 422].includes(error.status)) return undefined
  return { code: 'invalid-input', message: error.message }
}

function origin(url: string): string {
  if (URL.canParse(url) && /^https?:$/.test(new URL(url).protocol)) return url.replace(/\/+$/, '')
  throw new TypeError(`\`url\` is ${JSON.stringify(url)}: give the address of a server, such as 'https://agentgate.example'`)
}

/** Problems become what they are in process; anything else means that the server cannot tell, so nothing runs. */
async function told<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask()
  } catch (cause) {
    if (cause instanceof TypeError) {
      const message =
        'No AgentGate server answers at the `url` of the agent, so the call is refused: start the server, or look whether it can be reached from here.'
      throw new GateError('unreachable', message, { cause })
    }
    const { Problem } = await import('@agentgate/api')
    if (cause instanceof Problem && cause.code === 'not-permitted') throw new GateError('not-permitted', cause.message, { cause })
    if (cause instanceof Problem && isSaid(cause.code)) throw new GateError(cause.code, cause.message, { cause })
    if (cause instanceof Problem && (cause.status >= 500 || cause.status === 429)) {
      const message = `The AgentGate server cannot tell now, so the call is refused: try again when it is well. It said: ${cause.message}`
      throw new GateError('unreachable', message, { cause })
    }
    throw cause
  }
}

/** What a server says of a call; that it cannot be reached, it cannot say. */
function isSaid(code: string): code is Exclude<GateErrorCode, 'unreachable'> {
  return Object.hasOwn(gateErrorCodes, code) && code !== 'unreachable'
}

function reasonOf({ retry_after_ms, kind, ...reason }: WireReason): Reason {
  return { ...reason, ...(kind !== undefined && { kind }), ...(retry_after_ms !== undefined && { retryAfterMs: retry_after_ms }) }
}

/** The server's word is the decision: brands are minted here because this is where it enters the process. */
function decisionOf(wire: WireDecision): Decision {
  const { call } = wire
  const { on_behalf_of, ...who } = call.principal
  const principal = {
    ...who,
    id: who.id as PrincipalId,
    tenant: who.tenant as TenantId,
    ...(on_behalf_of !== undefined && { onBehalfOf: on_behalf_of as PrincipalId }),
  } satisfies Principal
  const masked = {
    id: call.id as CallId,
    tenant: call.tenant as TenantId,
    principal,
    session: call.session_id as SessionId,
    tool: call.tool,
    action: call.action,
    resource: call.resource,
    input: call.input,
    context: call.context,
  }
  return {
    id: wire.certificate_id as DecisionId,
    call: masked as unknown as MaskedCall,
    verdict: wire.verdict,
    ...(wire.reason && { reason: reasonOf(wire.reason) }),
    findings: wire.findings.map(({ control, verdict, reason, ms, facts }) => ({
      control,
      verdict,
      ms,
      ...(reason && { reason: reasonOf(reason) }),
      ...(facts && { facts }),
    })) as Decision['findings'],
    obligations: wire.obligations,
    policy: wire.policy,
    ...(wire.approval_id !== undefined && { approval: wire.approval_id }),
    issuedAt: Date.parse(wire.issued_at),
    expiresAt: Date.parse(wire.expires_at),
    proof: wire.proof,
  }
}
