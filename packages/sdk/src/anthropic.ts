import type { Agent } from './agent.ts'
import type { CallOptions } from './options.ts'
import { toolAnswer } from './tool-answer.ts'

/** A `tool_use` block of Anthropic's messages. */
export interface ToolUse {
  readonly id: string
  readonly name: string
  readonly input: unknown
}

export interface ToolResult {
  readonly type: 'tool_result'
  readonly tool_use_id: string
  readonly content: string
  readonly is_error?: true
}

/**
 * Runs a `tool_use` of a model through the gate and answers with the block that goes back: the output, or a refusal that the model
 * can read, marked as an error. Never throws for a refusal or a failed tool.
 */
export async function answerToolUse(agent: Agent, { id, name, input }: ToolUse, options: CallOptions = {}): Promise<ToolResult> {
  const { text, ok } = await toolAnswer(agent, name, input, options)
  return { type: 'tool_result', tool_use_id: id, content: text, ...(!ok && { is_error: true }) }
}
