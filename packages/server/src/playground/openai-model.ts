import { freeze, isObject } from '@agentgate/core'
import OpenAI from 'openai'
import type { Model, Turn } from './model.ts'

export interface OpenAiOptions {
  readonly apiKey: string
  /** The provider's address; by default OpenAI's own. */
  readonly baseUrl?: string
  readonly model: string
}

/** A model of OpenAI, or of anyone who speaks its chat completions. */
export function openAiModel({ apiKey, baseUrl, model }: OpenAiOptions): Model {
  const client = new OpenAI({ apiKey, ...(baseUrl !== undefined && { baseURL: baseUrl }), timeout: 60_000, maxRetries: 1, logLevel: 'off' })
  return {
    provider: 'openai',
    name: model,
    async answer(turns, tools) {
      const completion = await client.chat.completions.create({
        model,
        messages: [{ role: 'system', content: system }, ...turns.flatMap(messagesOf)],
        tools: tools.map(({ name, description, parameters }) => ({
          type: 'function',
          function: { name, description, parameters: { ...parameters } },
        })),
        parallel_tool_calls: false,
      })
      const message = completion.choices[0]?.message
      const call = message?.tool_calls?.find((each) => each.type === 'function')
      const text = message?.content ?? ''
      if (!call) return { text }
      const input = freeze(JSON.parse(call.function.arguments))
      if (!isObject(input)) throw new TypeError('The model asked for a tool with arguments that are not an object.')
      return { text, wish: { tool: call.function.name, input } }
    },
  }
}

const system =
  'You are the assistant of a test page. Personal data has been replaced by tokens such as <SSN_1>: use them as they are, and never invent one.'

type Message = OpenAI.Chat.Completions.ChatCompletionMessageParam

/** Tools are told of in words: a wish and its answer may be far apart, and stand in different calls. */
function messagesOf(turn: Turn): Message[] {
  switch (turn.role) {
    case 'user':
      return [{ role: 'user', content: turn.text }]
    case 'assistant':
      return [{ role: 'assistant', content: turn.text || `(asked for the tool ${turn.tool?.tool ?? ''})` }]
    case 'tool':
      return [{ role: 'user', content: `The tool \`${turn.tool}\` answered: ${turn.text}\nTell me what that means, in one sentence.` }]
  }
}
