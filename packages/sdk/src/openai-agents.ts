import { reasonCodes } from '@agentgate/core'
import { type AgentInputItem, type FunctionTool, type RunConfig, tool } from '@openai/agents'
import type { Agent } from './agent.ts'
import type { CallOptions } from './options.ts'
import { isJson, notJson, refusedAnswer, toolAnswer } from './tool-answer.ts'

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

/**
 * For the options of `run`: `run(assistant, question, { ...agentsRefusals(agent) })`. What OpenAI Agents refuses by itself is then on
 * record too, and the model reads why: a call of a tool that the assistant does not have, which breaks the run off unless told, and
 * arguments that are no JSON, these by the time that the model is asked again. Of one run: make others for the next.
 */
export function agentsRefusals(
  agent: Agent,
  options: CallOptions = {},
): Required<Pick<RunConfig, 'toolNotFoundBehavior' | 'toolErrorFormatter' | 'callModelInputFilter'>> {
  /** What the model is told of each call, by its id, each time that it is asked. */
  const answers = new Map<string, string>()
  const governed = new Set(agent.openaiTools().map(({ function: { name } }) => name))
  return {
    toolNotFoundBehavior: 'return_error_to_model',
    async toolErrorFormatter({ kind, toolName }) {
      if (kind !== 'tool_not_found') return undefined
      return (await refusedAnswer(agent, toolName, {}, { code: 'unknown-tool', message: reasonCodes['unknown-tool'] }, options)).text
    },
    async callModelInputFilter({ modelData }) {
      for (const item of lastAnswered(modelData.input)) {
        if (item.type !== 'function_call' || !governed.has(item.name) || isJson(item.arguments) || answers.has(item.callId)) continue
        answers.set(item.callId, (await refusedAnswer(agent, item.name, item.arguments, notJson, options)).text)
      }
      const input = modelData.input.map((item) => {
        const text = item.type === 'function_call_result' ? answers.get(item.callId) : undefined
        return text === undefined ? item : { ...item, output: { type: 'text' as const, text } }
      })
      return { ...modelData, input: input as AgentInputItem[] }
    },
  }
}

/** What was asked and answered since the model was last asked: whoever speaks after it begins another turn. */
function lastAnswered(input: readonly AgentInputItem[]): readonly AgentInputItem[] {
  return input.slice(input.findLastIndex(({ type }) => type !== 'function_call' && type !== 'function_call_result') + 1)
}
