import type { ChatAnswer } from '@agentgate/api'
import { type Decision, isObject, type Outcome, type Reason } from '@agentgate/core'
import { Fault } from '../fault.ts'
import { statusOf, wireFinding, wireReason } from '../wire.ts'

/** What one message came to. `fault` is the problem that the same exchange is over HTTP, when it was refused, held or failed. */
export interface Exchange {
  readonly answer: ChatAnswer
  readonly fault?: Fault
}

/** What the gate said of a call, and what became of it. */
export interface Governed {
  readonly decision: Decision
  readonly outcome: Outcome
  readonly sent?: string
}

export function answerOf(model: string, session: string, { decision, outcome, sent }: Governed): ChatAnswer {
  const output = outcome.status === 'succeeded' ? outcome.output : undefined
  const answer = isObject(output) ? output['answer'] : undefined
  return {
    ...judged(decision),
    ...(sent !== undefined && { sent }),
    ...(typeof answer === 'string' && { answer }),
    session_id: session,
    model,
  }
}

/** The exchange that a governed call makes of an answer: of the message itself, or of the `tool` that the model asked for. */
export function exchangeOf(first: ChatAnswer, { decision, outcome }: Governed, tool?: string): Exchange {
  const status = decision.verdict === 'hold' ? 'waiting' : statusOf(decision, outcome)
  const call = tool === undefined ? {} : { tool_call: { tool, trace_id: decision.call.id, certificate_id: decision.id, status } }
  const refused = decision.verdict !== 'allow'
  const answer = { ...first, ...(refused && judged(decision)), ...call }
  const fault = refused ? refusalFault(decision) : tool === undefined ? failureFault(outcome) : undefined
  if (!fault) return { answer }
  const { tool_call: _, model: __, ...more } = answer
  return { answer, fault: new Fault(fault.status, fault.code, fault.message, more) }
}

function judged({ id, call, verdict, reason, findings, approval }: Decision) {
  return {
    verdict,
    ...(reason && { reason: wireReason(reason) }),
    findings: findings.map(wireFinding),
    trace_id: call.id,
    certificate_id: id,
    ...(approval !== undefined && { approval_id: approval }),
  }
}

const malformed: ReadonlySet<string> = new Set(['invalid-input', 'invalid-request', 'unknown-tool'])
const limited: ReadonlySet<string> = new Set(['rate-exceeded', 'budget-exceeded'])

/** 202 for a hold; 400 malformed, 429 rate or budget, 503 cannot tell, else 403. */
function refusalFault({ verdict, reason }: Decision): Fault {
  const { code, message }: Reason = reason ?? { code: 'refused', message: 'The call was refused.' }
  if (verdict === 'hold') return new Fault(202, code, message)
  if (malformed.has(code)) return new Fault(400, code, message)
  if (limited.has(code)) return new Fault(429, code, message)
  return new Fault(code === 'control-failed' ? 503 : 403, code, message)
}

function failureFault(outcome: Outcome): Fault | undefined {
  switch (outcome.status) {
    case 'succeeded':
    case 'refused':
      return undefined
    case 'failed':
      return new Fault(502, 'model-failed', 'The model could not be reached, or failed: the trace has what it said.')
    case 'withheld':
    case 'cut':
    case 'lost': {
      const { code, message } = outcome.reason
      return new Fault(code === 'unknown-token' ? 409 : 403, code, message)
    }
  }
}
