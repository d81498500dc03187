import { type Decision, type DecisionId, type Outcome, type Reason, reasonCodes } from '@agentgate/core'

/** A call that was refused, at the agent's edge: an exception, so that a refusal is never mistaken for data. */
export class Refused extends Error {
  override readonly name: string = 'Refused'
  /** Stable, one of `reasonCodes` unless a control of your own refused. */
  readonly code: string
  /** As text it is its message. */
  readonly reason: Reason
  /** The decision; its id is the certificate's. */
  readonly decision: Decision

  /** `asked` is the name that was asked for, which evidence does not hold when no tool has it. */
  constructor(decision: Decision, reason: Reason, asked = decision.call.tool.name) {
    super(`\`${asked}\` was refused (${reason.code}): ${reason.message}`)
    this.code = reason.code
    this.reason = readable(reason)
    this.decision = decision
  }

  /** The id of its certificate: `agent.evidence` writes it out. */
  get certificate(): DecisionId {
    return this.decision.id
  }

  /** What to do next, by the code; the message says it of this very call. */
  get help(): string {
    const known: { readonly [code: string]: string } = reasonCodes
    return Object.hasOwn(known, this.code) ? (known[this.code] ?? '') : ''
  }
}

export class RateLimitError extends Refused {
  override readonly name = 'RateLimitError'
  /** Seconds until the same call passes, exact, rounded up to the millisecond. */
  get retryAfter(): number {
    return (this.reason.retryAfterMs ?? 0) / 1000
  }
}

export class BudgetExceededError extends Refused {
  override readonly name = 'BudgetExceededError'
  /** US dollars that were spent or reserved when it was refused. Absent where it is not the budget that is exceeded, but the most that one call may cost. */
  get spent(): number | undefined {
    return dollarsIn(this.decision, 'spent')
  }
  /** US dollars that may be spent. */
  get budget(): number | undefined {
    return dollarsIn(this.decision, 'budget')
  }
}

/** What the budget that refused says of itself: facts are whole micro-dollars. */
function dollarsIn({ findings }: Decision, fact: string): number | undefined {
  const value = findings.find(({ verdict, reason }) => verdict === 'deny' && reason?.code === 'budget-exceeded')?.facts?.[fact]
  return typeof value === 'number' ? value / 1e6 : undefined
}

/** Who said no, and what they said. */
export interface Denial {
  readonly by: string
  readonly reason: string
}

/** `reason.message` is what the person said, where they said something. */
export class ApprovalDenied extends Refused {
  override readonly name = 'ApprovalDenied'
  /** The opaque id of the person who said no; empty where it cannot be found out. */
  readonly deniedBy: string

  constructor(decision: Decision, reason: Reason, asked?: string, denial?: Denial) {
    super(decision, denial?.reason ? { ...reason, message: denial.reason } : reason, asked)
    this.deniedBy = denial?.by ?? ''
  }
}

export class ApprovalTimeout extends Refused {
  override readonly name = 'ApprovalTimeout'
}

/** The input did not fit the tool's schema, or a validator found a threat or a blocked pattern in it. */
export class ValidationError extends Refused {
  override readonly name = 'ValidationError'
}

export class PolicyDenied extends Refused {
  override readonly name = 'PolicyDenied'
}

/** The tool itself failed. Its message is masked like its output would be. */
export class ToolFailed extends Error {
  override readonly name = 'ToolFailed'
  /** What allowed it; its id is the certificate's. */
  readonly decision: Decision

  constructor(decision: Decision, error: string) {
    super(`\`${decision.call.tool.name}\` failed: ${error}`)
    this.decision = decision
  }

  /** The id of its certificate: `agent.evidence` writes it out. */
  get certificate(): DecisionId {
    return this.decision.id
  }
}

/** The reason, which as text is its message. */
function readable(reason: Reason): Reason {
  return Object.defineProperty({ ...reason }, 'toString', { value: () => reason.message })
}

type RefusedClass = new (decision: Decision, reason: Reason, asked?: string, denial?: Denial) => Refused

const classes: Record<string, RefusedClass> = {
  'rate-exceeded': RateLimitError,
  cooldown: RateLimitError,
  'excluded-hour': RateLimitError,
  'budget-exceeded': BudgetExceededError,
  'approval-denied': ApprovalDenied,
  'approval-timeout': ApprovalTimeout,
  'invalid-input': ValidationError,
  'threat-found': ValidationError,
  'pattern-blocked': ValidationError,
  'path-blocked': ValidationError,
  'policy-forbid': PolicyDenied,
  'policy-error': PolicyDenied,
  'no-permit': PolicyDenied,
}

/** The error that an outcome without output is at the agent's edge. */
export function thrown(decision: Decision, outcome: Exclude<Outcome, { status: 'succeeded' }>, asked?: string, denial?: Denial): Error {
  if (outcome.status === 'failed') return new ToolFailed(decision, outcome.error)
  return new (classes[outcome.reason.code] ?? Refused)(decision, outcome.reason, asked, denial)
}
