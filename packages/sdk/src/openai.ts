import type { Agent } from './agent.ts'
import { Refused, ToolFailed } from './errors.ts'

/** A tool call as OpenAI's chat completions carry it. */
export interface FunctionCall {
  readonly id: string
  readonly function: { readonly name: string; readonly arguments: string }
}

export interface ToolMessage {
  readonly role: 'tool'
  readonly tool_call_id: string
  readonly content: string
}

/**
 * Runs a model's tool call through the gate and answers with the message that goes back to the model: the output, or a
 * refusal that it can read. Never throws for a refusal, a failed tool, or arguments that are not JSON.
 */
export async function answerToolCall(agent: Agent, call: FunctionCall, options: Parameters<Agent['call']>[2] = {}): Promise<ToolMessage> {
  const message = (content: unknown): ToolMessage => ({
    role: 'tool',
    tool_call_id: call.id,
    content: typeof content === 'string' ? content : JSON.stringify(content),
  })
  let input: unknown
  try {
    input = JSON.parse(call.function.arguments)
  } catch {
    return message({ refused: { code: 'invalid-input', message: 'The arguments are not JSON: call the tool again with valid JSON.' } })
  }
  try {
    return message(await agent.call(call.function.name, input, options))
  } catch (error) {
    if (error instanceof Refused) return message({ refused: error.reason })
    if (error instanceof ToolFailed) return message({ failed: error.message })
    throw error
  }
}
