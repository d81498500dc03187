import type Anthropic from '@anthropic-ai/sdk'
import { type Agent, answerToolUse } from 'agentgate'

/** Asks the model until it needs no more tools, streaming its turns; every tool call goes through the gate. */
export async function claude(client: Anthropic, agent: Agent, question: string, stream: boolean): Promise<string> {
  const messages: Anthropic.MessageParam[] = [{ role: 'user', content: question }]
  for (let turn = 0; turn < 8; turn++) {
    const asked = { model: 'claude-sonnet-5', max_tokens: 1000, messages, tools: agent.anthropicTools() }
    const { content } = await (stream ? client.messages.stream(asked).finalMessage() : client.messages.create(asked))
    messages.push({ role: 'assistant', content })
    const uses = content.filter((block) => block.type === 'tool_use')
    if (uses.length === 0) return content.flatMap((block) => (block.type === 'text' ? block.text : [])).join('')
    messages.push({ role: 'user', content: await Promise.all(uses.map((use) => answerToolUse(agent, use))) })
  }
  throw new Error('the model asked for tools eight times in a row')
}
