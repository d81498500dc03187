import { effects, type Effect, type Json, type JsonObject, type Verdict } from '@agentgate/core'
import type { StandardSchemaV1 } from '@standard-schema/spec'
import { localGate } from './local-gate.ts'
import type { AgentOptions } from './options.ts'
import { declare, type Tool } from './tool.ts'

/** One call that is planned. `action` is a tool of `tools`, or any action; a verb such as `delete` stands for its effect. */
export interface PlanStep {
  readonly action: string
  readonly resource?: string
  readonly input?: { readonly [name: string]: Json }
}

/** How much depends on a plan: it bounds how many steps are looked at. */
export type Risk = 'low' | 'medium' | 'high' | 'critical'

const bounds = { low: 5, medium: 10, high: 20, critical: 30 } as const satisfies { readonly [risk in Risk]: number }

export interface PlanOptions extends Pick<AgentOptions, 'controls' | 'formalVerification'> {
  readonly policies?: AgentOptions['policies'] | undefined
  readonly principal: string
  readonly steps: readonly PlanStep[]
  /** The tools whose schemas, effects and costs the steps are judged by. They are not run. */
  readonly tools?: readonly Tool[]
  /** `medium` unless told. */
  readonly risk?: Risk
}

export interface PlannedCall {
  readonly action: string
  readonly resource: string
  readonly verdict: Exclude<Verdict, 'pass'>
  readonly code?: string
  /** `off`: nothing was proved of it; else what the solver says. */
  readonly solver: string
}

export interface PlanAnswer {
  /** Whether every step would be allowed. Never of an inconclusive plan. */
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
 * Decides a plan step by step on a state of its own: rates, budgets and orders count what the steps before would have done, and
 * nothing is executed. A plan with more steps than its risk allows is inconclusive, unless one of those is blocked.
 */
export async function verifyPlan({
  principal,
  steps,
  tools = [],
  risk = 'medium',
  policies,
  ...options
}: PlanOptions): Promise<PlanAnswer> {
  const bound = bounds[risk]
  const named = new Map(tools.map((tool) => [tool.name, tool]))
  for (const { action } of steps) {
    const tool = imagined(action)
    // Without policies exactly the tools are permitted: an action that no tool has is unknown then.
    if (!named.has(action) && policies !== undefined) named.set(tool.name, tool)
  }
  const local = localGate({
    ...options,
    ...(policies !== undefined && { policies }),
    agentId: principal,
    tools: named,
    observe: {},
    quiet: true,
  })
  local.policies.ready()
  const boundary = local.masks ? 'external' : 'trusted'
  for (const tool of named.values()) await local.register(declare(tool, boundary))

  const trace: PlannedCall[] = []
  const session = local.sessionOf('plan')
  const gate = local.unwaited({})
  for (const { action, resource, input = {} } of steps.slice(0, bound)) {
    const name = named.has(action) ? action : imagined(action).name
    const asked = { ...input, ...(resource !== undefined && { resource }) }
    const decision = await gate.decide({ action: name, input: asked, session })
    const { verdict, call, reason, proof } = decision
    trace.push({ action, resource: call.resource, verdict, ...(reason && { code: reason.code }), solver: answerOf(proof.solver) })
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
    await gate.settle(decision.id, { status: 'succeeded', output: null })
  }
  const inconclusive = steps.length > bound
  return { safe: !inconclusive, inconclusive, evaluatedSteps: trace.length, trace, bound }
}

function answerOf({ mode, answer }: { readonly mode: string; readonly answer: string }): string {
  return mode === 'off' ? mode : answer
}

/** A tool for an action that no tool has. A verb is the effect of its tool, which then has another name. */
function imagined(action: string): Tool {
  const effect = effects.find((each) => each === action)
  const input: StandardSchemaV1 = { '~standard': { version: 1, vendor: 'agentgate', validate: (value) => ({ value }) } }
  return {
    name: effect ? `planned_${effect}` : action,
    input,
    effect: effect ?? ('execute' satisfies Effect),
    execute: () => Promise.reject(new TypeError('A planned call is never executed.')),
  }
}
