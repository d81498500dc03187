import type { ToolCall } from '@langchain/core/messages'
import { ToolMessage } from '@langchain/core/messages'
import { type DynamicStructuredTool, tool } from '@langchain/core/tools'
import type { Agent } from './agent.ts'
import type { CallOptions } from './options.ts'
import { toolAnswer } from './tool-answer.ts'

/** The agent's tools for LangChain: `model.bindTools(…)`, a `ToolNode`, `createAgent`. A refusal comes back as text that the model can read. */
export function langchainTools(agent: Agent, options: CallOptions = {}): DynamicStructuredTool[] {
  return agent.openaiTools().map(({ function: { name, description = name, parameters } }) => {
    const ask = async (input: unknown, config: { readonly signal?: AbortSignal } | undefined) =>
      (await toolAnswer(agent, name, input, { ...options, ...(config?.signal && { signal: config.signal }) })).text
    const open = tool(ask, { name, description, schema: {} })
    // The model is shown its schema, and whatever it says goes to the gate, which refuses on record.
    return Object.assign(tool(ask, { name, description, schema: parameters }), { call: open.call.bind(open) })
  })
}

/**
 * Runs one tool call of a model's message and answers with the message that goes back, for a loop of your own. A tool that the agent
 * does not have is refused on record as well; a `ToolNode` tells the model so itself, and no gate hears of it.
 */
export async function answerLangchainCall(
  agent: Agent,
  { id = '', name, args }: ToolCall,
  options: CallOptions = {},
): Promise<ToolMessage> {
  const { text, ok } = await toolAnswer(agent, name, args, options)
  return new ToolMessage({ content: text, name, tool_call_id: id, status: ok ? 'success' : 'error' })
}
