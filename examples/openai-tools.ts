import { type Agent, answerToolCall, type FunctionCall } from 'agentgate'
import type OpenAI from 'openai'

/** Asks the model until it needs no more tools; every tool call goes through the gate, and a refusal goes back for it to read. */
export async function chat(client: OpenAI, agent: Agent, question: string): Promise<string> {
  const messages: OpenAI.ChatCompletionMessageParam[] = [{ role: 'user', content: question }]
  for (let turn = 0; turn < 8; turn++) {
    const { choices } = await client.chat.completions.create({ model: 'gpt-5-mini', messages, tools: agent.openaiTools() })
    const message = choices[0]?.message
    if (!message) throw new Error('the model gave no answer')
    messages.push(message)
    const asked = (message.tool_calls ?? []).filter((call): call is typeof call & FunctionCall => call.type === 'function')
    if (asked.length === 0) return message.content ?? ''
    for (const call of asked) messages.push(await answerToolCall(agent, call))
  }
  throw new Error('the model asked for tools eight times in a row')
}
