import type { Agent } from './agent.ts'
import type { CallOptions } from './options.ts'
import { textAnswer } from './tool-answer.ts'

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

/** A tool call as OpenAI's responses carry it. */
export interface ResponseFunctionCall {
  readonly call_id: string
  readonly name: string
  readonly arguments: string
}

export interface FunctionCallOutput {
  readonly type: 'function_call_output'
  readonly call_id: string
  readonly output: string
}

/**
 * Runs a model's tool call through the gate and answers with the message that goes back to the model: the output, or a
 * refusal that it can read. Never throws for a refusal, a failed tool, or arguments that are not JSON.
 */
export async function answerToolCall(agent: Agent, call: FunctionCall, options: CallOptions = {}): Promise<ToolMessage> {
  const { name, arguments: text } = call.function
  return { role: 'tool', tool_call_id: call.id, content: (await textAnswer(agent, name, text, options)).text }
}

/** `answerToolCall` for OpenAI's responses: answers with the item of the next `input`. */
export async function answerFunctionCall(agent: Agent, call: ResponseFunctionCall, options: CallOptions = {}): Promise<FunctionCallOutput> {
  return { type: 'function_call_output', call_id: call.call_id, output: (await textAnswer(agent, call.name, call.arguments, options)).text }
}
