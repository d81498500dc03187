import { imaginedTool, type PlanAnswer, type PlanStep, type Risk, walkPlan } from '@agentgate/core'
import type { StandardSchemaV1 } from '@standard-schema/spec'
import { localGate } from './local-gate.ts'
import type { AgentOptions } from './options.ts'
import { declare, type Tool } from './tool.ts'

export interface PlanOptions extends Pick<AgentOptions, 'controls' | 'formalVerification'> {
  readonly policies?: AgentOptions['policies'] | undefined
  readonly principal: string
  readonly steps: readonly PlanStep[]
  /** The tools whose schemas, effects and costs the steps are judged by. They are not run. */
  readonly tools?: readonly Tool[]
  /** `medium` unless told. */
  readonly risk?: Risk
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

  const session = local.sessionOf('plan')
  return walkPlan(local.unwaited({}), { steps, risk }, ({ action, resource, input = {} }) => ({
    action: named.has(action) ? action : imagined(action).name,
    input: { ...input, ...(resource !== undefined && { resource }) },
    session,
  }))
}

/** A tool for an action that no tool has. */
function imagined(action: string): Tool {
  const input: StandardSchemaV1 = { '~standard': { version: 1, vendor: 'agentgate', validate: (value) => ({ value }) } }
  const execute = () => Promise.reject(new TypeError('A planned call is never executed.'))
  return { ...imaginedTool(action), input, execute }
}
