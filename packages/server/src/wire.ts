import type { Trace, WireCall, WireDecision, WireFinding, WireOutcome, WireReason } from '@agentgate/api'
import type { CallRecord, Decision, Found, MaskedCall, Outcome, Reason } from '@agentgate/core'

/** RFC 3339 of milliseconds since 1970. */
export const rfc3339 = (ms: number): string => new Date(ms).toISOString()

export function wireReason({ code, message, kind, retryAfterMs }: Reason): WireReason {
  return { code, message, ...(kind !== undefined && { kind }), ...(retryAfterMs !== undefined && { retry_after_ms: retryAfterMs }) }
}

export function wireFinding({ control, verdict, ms, reason, facts, obligations, policy, approval, shadow }: Found): WireFinding {
  return {
    control,
    verdict,
    ms,
    ...(reason && { reason: wireReason(reason) }),
    ...(facts && { facts: { ...facts } }),
    ...(obligations && { obligations: [...obligations] }),
    ...(policy && { policy: { digests: [...policy.digests], determining: [...policy.determining] } }),
    ...(approval !== undefined && { approval_id: approval }),
    ...(shadow && { shadow: { verdict: shadow.verdict, ...(shadow.reason && { reason: wireReason(shadow.reason) }) } }),
  }
}

export function wireCall({ id, tenant, principal, session, tool, action, resource, input, context }: MaskedCall): WireCall {
  return {
    id,
    tenant,
    principal: {
      id: principal.id,
      tenant: principal.tenant,
      ...(principal.onBehalfOf && { on_behalf_of: principal.onBehalfOf }),
      roles: [...principal.roles],
      mfa: principal.mfa,
    },
    session_id: session,
    tool: {
      name: tool.name,
      digest: tool.digest,
      effect: tool.effect,
      boundary: tool.boundary,
      arguments: { ...tool.arguments },
      ...(tool.cost !== undefined && { cost: tool.cost }),
    },
    action,
    resource,
    input: { ...input },
    context: { ...context },
  }
}

export function wireDecision(decision: Decision): WireDecision {
  const { id, call, verdict, reason, findings, obligations, policy, approval, issuedAt, expiresAt, proof } = decision
  return {
    id: call.id,
    verdict,
    ...(reason && { reason: wireReason(reason) }),
    findings: findings.map(wireFinding),
    call: wireCall(call),
    obligations: [...obligations],
    policy: { digests: [...policy.digests], determining: [...policy.determining] },
    proof: {
      type: proof.type,
      predicates: proof.predicates.map(({ name, holds, witness }) => ({ name, holds, witness: [...witness] })),
      solver: { ...proof.solver },
    },
    certificate_id: id,
    ...(approval !== undefined && { approval_id: approval }),
    trace_id: call.id,
    issued_at: rfc3339(issuedAt),
    expires_at: rfc3339(expiresAt),
  }
}

export function wireOutcome(outcome: Outcome): WireOutcome {
  switch (outcome.status) {
    case 'succeeded':
      return { status: outcome.status, output: outcome.output }
    case 'failed':
      return { status: outcome.status, error: outcome.error }
    case 'refused':
    case 'withheld':
    case 'cut':
    case 'lost':
      return { status: outcome.status, reason: wireReason(outcome.reason) }
  }
}

/** How a decided call stands. */
export function statusOf({ verdict }: Decision, outcome: Outcome | undefined): Trace['status'] {
  if (outcome) return outcome.status
  return verdict === 'hold' ? 'waiting' : verdict === 'allow' ? 'running' : 'refused'
}

export function wireTrace({
  decision,
  outcome,
  settledAt,
  payload,
}: Pick<CallRecord, 'decision' | 'outcome' | 'settledAt' | 'payload'>): Trace {
  const { id, call, verdict, reason, findings, approval, issuedAt } = decision
  const why = reason ?? (outcome && 'reason' in outcome ? outcome.reason : undefined)
  return {
    id: call.id,
    certificate_id: id,
    at: rfc3339(issuedAt),
    tool: call.tool.name,
    action: call.action,
    effect: call.tool.effect,
    resource: call.resource,
    principal: call.principal.id,
    ...(call.principal.onBehalfOf && { on_behalf_of: call.principal.onBehalfOf }),
    session_id: call.session,
    verdict,
    status: statusOf(decision, outcome),
    ...(why && { reason: wireReason(why) }),
    ms: Math.round(findings.reduce((sum, { ms }) => sum + ms, 0) * 1000) / 1000,
    ...(call.tool.cost !== undefined && { cost: call.tool.cost }),
    ...(payload !== undefined && { payload }),
    ...(settledAt !== undefined && { settled_at: rfc3339(settledAt) }),
    ...(approval !== undefined && { approval_id: approval }),
  }
}
