import { type Reason, reasonCodes } from '@agentgate/core'
import type { Agent } from './agent.ts'
import { Refused, ToolFailed } from './errors.ts'
import type { CallOptions } from './options.ts'
import { compensating } from './tool.ts'

/** What goes back to a model that asked for a tool. */
export interface ToolAnswer {
  /** The output, or a refusal or failure that the model can read: texts as they are, everything else as JSON. */
  readonly text: string
  /** Whether the tool ran and succeeded. */
  readonly ok: boolean
}

/** Runs a model's tool call through the gate. Never throws for a refusal, a failed tool, or input that its schema does not know. */
export async function toolAnswer(agent: Agent, name: string, input: unknown, options: CallOptions = {}): Promise<ToolAnswer> {
  // No model was told of such a tool.
  if (name.startsWith(compensating))
    return refusedAnswer(agent, name, input, { code: 'unknown-tool', message: reasonCodes['unknown-tool'] }, options)
  try {
    const output = await agent.call(name, input, options)
    return { text: typeof output === 'string' ? output : JSON.stringify(output), ok: true }
  } catch (error) {
    if (error instanceof Refused) return { text: JSON.stringify({ refused: error.reason }), ok: false }
    if (error instanceof ToolFailed) return { text: JSON.stringify({ failed: error.message }), ok: false }
    throw error
  }
}

/** `toolAnswer` of a call whose arguments are a text. What is no JSON is refused, on record like any other. */
export async function textAnswer(agent: Agent, name: string, text: string, options: CallOptions = {}): Promise<ToolAnswer> {
  if (!isJson(text)) return refusedAnswer(agent, name, text, notJson, options)
  return toolAnswer(agent, name, JSON.parse(text), options)
}

/** Whether a text is JSON. */
export function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

/** Refuses a model's tool call that does not run whatever the gate says, on record like any other. */
export async function refusedAnswer(
  agent: Agent,
  name: string,
  input: unknown,
  why: Reason,
  options: CallOptions = {},
): Promise<ToolAnswer> {
  return { text: JSON.stringify({ refused: await agent.refuse(name, input, why, options) }), ok: false }
}

/** What a model is told of arguments that are no JSON. */
export const notJson: Reason = { code: 'invalid-input', message: 'The arguments are not JSON: call the tool again with valid JSON.' }
