export { aiMiddleware } from './ai-middleware.ts'
import { reasonCodes } from '@agentgate/core'
import { jsonSchema, NoSuchToolError, type Tool, tool, type ToolCallRepairFunction, type ToolSet } from 'ai'
import type { Agent } from './agent.ts'
import type { CallOptions } from './options.ts'
import { isJson, notJson, toolAnswer } from './tool-answer.ts'

/** The agent's tools for the AI SDK, streams included: `generateText({ tools: aiTools(agent), … })`. A refusal comes back as text that the model can read. */
export function aiTools(agent: Agent, options: CallOptions = {}): Record<string, Tool<unknown, string>> {
  return Object.fromEntries(
    agent.openaiTools().map(({ function: { name, description, parameters } }) => [
      name,
      tool({
        ...(description !== undefined && { description }),
        inputSchema: jsonSchema<unknown>(parameters),
        execute: async (input: unknown, { abortSignal }: { readonly abortSignal?: AbortSignal | undefined }) =>
          (await toolAnswer(agent, name, input, { ...options, ...(abortSignal && { signal: abortSignal }) })).text,
      }),
    ]),
  )
}

/**
 * For the options of `generateText` and `streamText`: `{ tools: aiTools(agent), ...aiRefusals(agent) }`. A call of a tool that was not
 * given, or whose arguments are no JSON, is then refused on record before the AI SDK tells the model; unless told, no gate hears of it.
 */
export function aiRefusals(agent: Agent, options: CallOptions = {}): { repairToolCall: ToolCallRepairFunction<ToolSet> } {
  return {
    async repairToolCall({ toolCall: { toolName, input }, error, abortSignal }) {
      const why = NoSuchToolError.isInstance(error) ? { code: 'unknown-tool', message: reasonCodes['unknown-tool'] } : notJson
      await agent.refuse(toolName, isJson(input) ? JSON.parse(input) : input, why, {
        ...options,
        ...(abortSignal && { signal: abortSignal }),
      })
      return null
    },
  }
}
