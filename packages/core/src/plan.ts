import type { Effect, ToolFacts } from './call.ts'
import type { Verdict } from './decision.ts'
import type { Gate } from './gate.ts'
import type { Json, JsonObject } from './json.ts'
import { effects } from './policy/schema.ts'
import type { FreshRequest } from './tool/parse.ts'

/** One call that is planned. `action` is a registered tool, or any action; a verb such as `delete` stands for its effect. */
export interface PlanStep {
  readonly action: string
  readonly resource?: string
  readonly input?: { readonly [name: string]: Json }
}

/** How much depends on a plan: it bounds how many steps are looked at. */
export type Risk = 'low' | 'medium' | 'high' | 'critical'

export const planBounds = { low: 5, medium: 10, high: 20, critical: 30 } as const satisfies { readonly [risk in Risk]: number }

export interface PlannedCall {
  readonly action: string
  readonly resource: string
  readonly verdict: Exclude<Verdict, 'pass'>
  readonly code?: string
  /** `off`: nothing was proved of it; else what the solver says. */
  readonly solver: string
}

export interface PlanAnswer {
  /**
   * Whether every step would be allowed, as long as each succeeds with output that is as trusted as its tool's registration says:
   * nobody knows what a step will read. Never of an inconclusive plan.
   */
  readonly safe: boolean
  readonly inconclusive: boolean
  readonly evaluatedSteps: number
  /** The first step that would not run: refused, or held for a person. */
  readonly blockedStepIndex?: number
  readonly blockedReason?: string
  /** The call that is refused, masked. */
  readonly counterexample?: { readonly action: string; readonly resource: string; readonly input: JsonObject }
  readonly trace: readonly PlannedCall[]
  /** The most steps that a plan of this risk may have. */
  readonly bound: number
}

/**
 * Decides and settles the steps one after the other at `gate`, which is a simulated one: rates, budgets and orders count what the
 * steps before would have done, and nothing is executed. A plan with more steps than its risk allows is inconclusive, unless one
 * of those is blocked. Throws a `TypeError` for a risk that has no bound.
 */
export async function walkPlan(
  gate: Pick<Gate, 'decide' | 'settle'>,
  { steps, risk = 'medium', signal }: { readonly steps: readonly PlanStep[]; readonly risk?: Risk; readonly signal?: AbortSignal },
  requestOf: (step: PlanStep) => FreshRequest,
): Promise<PlanAnswer> {
  if (!Object.hasOwn(planBounds, risk)) throw new TypeError(`\`${risk}\` is no risk: give ${Object.keys(planBounds).join(', ')}`)
  const bound = planBounds[risk]
  const trace: PlannedCall[] = []
  for (const step of steps.slice(0, bound)) {
    const { action } = step
    const { id, verdict, call, reason, proof } = await gate.decide(requestOf(step), signal)
    const solver = proof.solver.mode === 'off' ? 'off' : proof.solver.answer
    trace.push({ action, resource: call.resource, verdict, ...(reason && { code: reason.code }), solver })
    if (verdict !== 'allow') {
      return {
        safe: false,
        inconclusive: false,
        evaluatedSteps: trace.length,
        blockedStepIndex: trace.length - 1,
        blockedReason: reason?.message ?? '',
        counterexample: { action, resource: call.resource, input: call.input },
        trace,
        bound,
      }
    }
    await gate.settle(id, { status: 'succeeded', output: null })
  }
  const inconclusive = steps.length > bound
  return { safe: !inconclusive, inconclusive, evaluatedSteps: trace.length, trace, bound }
}

/** What is imagined of an action that no tool has. A verb is the effect of its tool, which then has another name. */
export function imaginedTool(action: string): Pick<ToolFacts, 'name' | 'effect'> {
  const effect: Effect | undefined = effects.find((each) => each === action)
  return { name: effect ? `planned_${effect}` : action, effect: effect ?? 'execute' }
}
