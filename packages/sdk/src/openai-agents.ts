import { type FunctionTool, tool } from '@openai/agents'
import type { Agent } from './agent.ts'
import type { CallOptions } from './options.ts'
import { toolAnswer } from './tool-answer.ts'

/** The agent's tools for OpenAI Agents: `new Agent({ tools: agentsTools(agent) })`. A refusal comes back as text that the model can read. */
export function agentsTools(agent: Agent, options: CallOptions = {}): FunctionTool[] {
  return agent.openaiTools().map(({ function: { name, description = name, parameters } }) =>
    tool({
      name,
      description,
      // INVARIANT: what `declare` writes is the JSON Schema of an object; the gate reads the input by the tool's own schema.
      parameters: { properties: {}, required: [], additionalProperties: true, ...parameters } as never,
      strict: false,
      execute: async (input: unknown, _: unknown, details?: { readonly signal?: AbortSignal }) =>
        (await toolAnswer(agent, name, input, { ...options, ...(details?.signal && { signal: details.signal }) })).text,
    }),
  )
}
