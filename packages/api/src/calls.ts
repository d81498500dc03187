import { z } from 'zod'
import { route } from './route.ts'
import { byId, id, members, page, paging, sha256Hex, time } from './shapes.ts'

export const reason = z.object({
  code: z.string(),
  message: z.string(),
  kind: z.string().optional(),
  retry_after_ms: z.number().optional(),
})
export type WireReason = z.infer<typeof reason>

const verdict = z.enum(['pass', 'allow', 'hold', 'deny'])

/** A reason that an agent gives: personal data in its message is hidden before it is on record. */
const ownReason = z.strictObject({
  code: z.string().regex(/^[a-z][a-z0-9-]{0,63}$/),
  message: z.string().max(1_000),
  kind: z
    .string()
    .regex(/^[a-z_]{1,64}$/)
    .optional(),
  retry_after_ms: z.number().min(0).optional(),
})
const obligation = z.object({ name: z.string(), value: z.string(), policy: z.string() })

export const finding = z.object({
  control: z.string(),
  verdict,
  reason: reason.optional(),
  ms: z.number(),
  facts: members.optional(),
  obligations: z.array(obligation).optional(),
  policy: z.object({ digests: z.array(z.string()), determining: z.array(z.string()) }).optional(),
  approval_id: id.optional(),
  shadow: z.object({ verdict, reason: reason.optional() }).optional(),
})
export type WireFinding = z.infer<typeof finding>

export const effect = z.enum(['read', 'write', 'delete', 'execute', 'send', 'pay'])
export const argumentKind = z.enum(['sql', 'shell', 'path', 'url', 'html', 'prose'])
export const boundary = z.enum(['external', 'trusted'])

/** A call as it may be shown: masked. */
export const maskedCall = z.object({
  id,
  tenant: z.string(),
  principal: z.object({
    id: z.string(),
    tenant: z.string(),
    on_behalf_of: z.string().optional(),
    roles: z.array(z.string()),
    mfa: z.boolean(),
  }),
  session_id: z.string(),
  tool: z.object({
    name: z.string(),
    digest: z.string(),
    effect,
    boundary,
    arguments: z.record(z.string(), argumentKind),
    cost: z.number().optional(),
  }),
  action: z.string(),
  resource: z.string(),
  input: members,
  context: members,
})
export type WireCall = z.infer<typeof maskedCall>

const proof = z.object({
  type: z.enum(['CONSTRUCTIVE_TRACE', 'COUNTEREXAMPLE', 'UNSAT_CORE']),
  predicates: z.array(
    z.object({
      name: z.enum(['AuthValid', 'LineageValid', 'PermitExists', 'DenyExists', 'ObligationsMet', 'ContextBound']),
      holds: z.boolean(),
      witness: z.array(z.string()),
    }),
  ),
  solver: z.object({ name: z.string(), version: z.string(), mode: z.enum(['off', 'shadow', 'enforce']), answer: z.string() }),
})

/** `id` is the call's, the same before and after an approval; `certificate_id` is the decision's. Either names the call in a path. */
export const decision = z.object({
  id,
  verdict: z.enum(['allow', 'hold', 'deny']),
  reason: reason.optional(),
  findings: z.array(finding),
  call: maskedCall,
  obligations: z.array(obligation),
  policy: z.object({ digests: z.array(z.string()), determining: z.array(z.string()) }),
  proof,
  certificate_id: id,
  approval_id: id.optional(),
  trace_id: id,
  issued_at: time,
  expires_at: time,
})
export type WireDecision = z.infer<typeof decision>

export const outcome = z.object({
  status: z.enum(['succeeded', 'failed', 'refused', 'withheld', 'cut', 'lost']),
  output: z.unknown().optional(),
  error: z.string().optional(),
  reason: reason.optional(),
})
export type WireOutcome = z.infer<typeof outcome>

/**
 * What a control in the agent's own process found. On record it is called `agent/<control>`. It may refuse, and never allows; its
 * facts are no facts of policies.
 */
export const ownFinding = z.strictObject({
  control: z.string().regex(/^[\w.:-]{1,100}$/),
  verdict: z.enum(['pass', 'deny']),
  /** Of a denial. */
  reason: ownReason.optional(),
  /** Of a budget: micro-dollars. Of a prompt guard: 0 to 1. */
  facts: z
    .strictObject({
      cost: z.number().min(0),
      spent: z.number().min(0),
      budget: z.number().min(0),
      budget_alert: z.boolean(),
      prompt_score: z.number().min(0).max(1),
    })
    .partial()
    .optional(),
  shadow: z.strictObject({ verdict, reason: ownReason.optional() }).optional(),
})
export type WireOwnFinding = z.infer<typeof ownFinding>

const ownFindings = z
  .array(ownFinding)
  .max(50)
  .refine((all) => new Set(all.map(({ control }) => control)).size === all.length, 'each control once')
  .optional()

export const decideBody = z.strictObject({
  /** The tool's name. */
  action: z.string().min(1).max(200),
  input: z.unknown(),
  /** A conversation. Without one the call is its own, but for `context.taint`: that counts all calls of no session as one. */
  session_id: z.string().min(1).max(200).optional(),
  labels: z
    .array(z.enum(['user', 'untrusted']))
    .max(10)
    .optional(),
  /** Own held calls that this one may be: the first that asks for the same in everything goes on, and no other is begun. */
  resumes: z.array(id).max(20).optional(),
  found: ownFindings,
})

/** Part of the output was let out before: what is kept back of it is `cut`. */
const streamed = z.literal(true).optional()

/** All that an agent may say of a call it was allowed to run. */
export const report = z.discriminatedUnion('status', [
  z.strictObject({ status: z.literal('succeeded'), output: z.unknown().optional(), streamed, found: ownFindings }),
  z.strictObject({ status: z.literal('failed'), error: z.string().max(100_000).optional(), streamed, found: ownFindings }),
])

/** `running`: allowed, not yet settled. `waiting`: held. */
const traceStatus = z.enum(['running', 'waiting', 'succeeded', 'failed', 'refused', 'withheld', 'cut', 'lost'])

/** One governed call, by its newest decision. */
export const trace = z.object({
  id,
  certificate_id: id,
  at: time,
  tool: z.string(),
  action: z.string(),
  effect,
  resource: z.string(),
  principal: z.string(),
  on_behalf_of: z.string().optional(),
  session_id: z.string(),
  verdict: z.enum(['allow', 'hold', 'deny']),
  status: traceStatus,
  reason: reason.optional(),
  /** What deciding took: milliseconds. */
  ms: z.number(),
  /** Micro-dollars. */
  cost: z.number().optional(),
  settled_at: time.optional(),
  approval_id: id.optional(),
  /** Why what it was asked and what it answered are not shown: their key was destroyed, or they do not open. Told by a trace itself. */
  payload: z.enum(['erased', 'damaged']).optional(),
})
export type Trace = z.infer<typeof trace>

export const traceDetail = z.object({
  trace,
  /** Every time the call was decided, oldest first. */
  decisions: z.array(decision),
  /** Masked. */
  outcome: outcome.optional(),
  /** What detectors had to say of the answer. */
  inspected: z.array(finding).optional(),
  /** Where the newest decision stands in the ledger. */
  entry: z.number().optional(),
})
export type TraceDetail = z.infer<typeof traceDetail>

const tally = { allow: z.number(), hold: z.number(), deny: z.number(), failed: z.number() }

/** Counted over the last 24 hours. What is not known is null, never zero. */
export const overview = z.object({
  since: time,
  calls: z.number(),
  verdicts: z.object({ allow: z.number(), hold: z.number(), deny: z.number() }),
  statuses: z.record(z.string(), z.number()),
  /** Of the allowed calls that were settled, how many succeeded: 0 to 1. */
  success_rate: z.number().nullable(),
  /** Micro-dollars. */
  cost_today: z.number().nullable(),
  pending_approvals: z.number(),
  /** Whether older calls of the period were too many to be counted. */
  truncated: z.boolean(),
  evidence: z.object({
    size: z.number(),
    root: sha256Hex,
    solver_mode: z.string(),
    chain: z.object({ valid: z.boolean(), checked_at: time, entries_checked: z.number() }).nullable(),
  }),
  recent: z.array(trace),
})
export type Overview = z.infer<typeof overview>

/** `decided` and `settled` carry the trace; `reset` says that events were missed: ask for the list again. */
export const traceEvent = z.object({ type: z.enum(['decided', 'settled', 'reset']), trace: trace.optional() })
export type TraceEvent = z.infer<typeof traceEvent>

export const calls = {
  decide: route({ method: 'POST', path: '/api/calls', needs: 'call:decide', body: decideBody, response: decision, exact: true }),
  /** Decides a held call again, after its approval was answered. */
  resume: route({
    method: 'POST',
    path: '/api/calls/:id/resume',
    needs: 'call:decide',
    params: byId,
    /** `confirm`: whoever asked has seen what the call would do, and wants it. */
    body: z.strictObject({ confirm: z.boolean().optional(), found: ownFindings }),
    response: decision,
  }),
  release: route({
    method: 'POST',
    path: '/api/calls/:id/release',
    needs: 'call:decide',
    params: byId,
    response: z.object({ input: members }),
  }),
  /** Settles an allowed call. 409 `already-settled`, 404 `unknown-decision`. */
  outcome: route({ method: 'POST', path: '/api/calls/:id/outcome', needs: 'call:decide', params: byId, body: report, response: outcome }),
  get: route({
    method: 'GET',
    path: '/api/calls/:id',
    needs: 'trace:read',
    params: byId,
    response: z.object({ decision, outcome: outcome.optional() }),
  }),
}

export const traces = {
  list: route({
    method: 'GET',
    path: '/api/traces',
    needs: 'trace:read',
    query: z.object({
      ...paging,
      verdict: z.enum(['allow', 'hold', 'deny']).optional(),
      status: traceStatus.optional(),
      tool: z.string().max(200).optional(),
      principal: z.string().max(200).optional(),
    }),
    response: page(trace),
  }),
  timeline: route({
    method: 'GET',
    path: '/api/traces/timeline',
    needs: 'trace:read',
    query: z.object({
      minutes: z.coerce.number().int().min(1).max(10_080).default(60),
      buckets: z.coerce.number().int().min(1).max(200).default(60),
    }),
    response: z.object({ buckets: z.array(z.object({ from: time, ...tally })), truncated: z.boolean() }),
  }),
  /** Live tail; resumes after `Last-Event-ID`. */
  stream: route({ method: 'GET', path: '/api/traces/stream', needs: 'trace:read', response: traceEvent, stream: true }),
  get: route({ method: 'GET', path: '/api/traces/:id', needs: 'trace:read', params: byId, response: traceDetail }),
  overview: route({ method: 'GET', path: '/api/overview', needs: 'trace:read', response: overview }),
}
