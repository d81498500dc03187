import { type Agent, governChat } from 'agentgate'
import type OpenAI from 'openai'

/** Streams the model's answer, governed: the provider sees tokens, whoever reads sees the values, as they come. */
export function streamedChat(client: OpenAI, agent: Agent) {
  const chat = governChat(agent, (params: OpenAI.ChatCompletionCreateParamsStreaming, options) =>
    client.chat.completions.create(params, options),
  )
  return async function* (question: string, options: { user: string; session: string }): AsyncGenerator<string> {
    const messages = [{ role: 'user' as const, content: question }]
    for await (const { choices } of await chat({ model: 'gpt-5-mini', stream: true, messages }, options)) {
      const text = choices[0]?.delta.content
      if (text) yield text
    }
  }
}
