export { aiMiddleware } from './ai-middleware.ts'
import { jsonSchema, type Tool, tool } from 'ai'
import type { Agent } from './agent.ts'
import type { CallOptions } from './options.ts'
import { toolAnswer } from './tool-answer.ts'

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
