import { type DynamicStructuredTool, tool } from '@langchain/core/tools'
import type { Agent } from './agent.ts'
import type { CallOptions } from './options.ts'
import { toolAnswer } from './tool-answer.ts'

/** The agent's tools for LangChain: `model.bindTools(…)`, a `ToolNode`, `createAgent`. A refusal comes back as text that the model can read. */
export function langchainTools(agent: Agent, options: CallOptions = {}): DynamicStructuredTool[] {
  return agent
    .openaiTools()
    .map(({ function: { name, description = name, parameters } }) =>
      tool(
        async (input: unknown, config: { readonly signal?: AbortSignal } | undefined) =>
          (await toolAnswer(agent, name, input, { ...options, ...(config?.signal && { signal: config.signal }) })).text,
        { name, description, schema: parameters },
      ),
    )
}
