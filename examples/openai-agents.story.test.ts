import { Agent as Assistant, OpenAIChatCompletionsModel, run, setTracingDisabled } from '@openai/agents'
import { agentsTools } from 'agentgate/openai-agents'
import OpenAI from 'openai'
import { describe, expect, it, onTestFinished } from 'vitest'
import { desk, toolFor } from './desk.ts'
import { openaiStub, type Script } from './openai-stub.ts'

const script: Script = (messages) => {
  const last = messages.at(-1)
  if (last?.role === 'tool') return { content: `The tool said: ${JSON.stringify(last.content)}` }
  const question = typeof last?.content === 'string' ? last.content : JSON.stringify(last?.content)
  const { name, input } = toolFor(question)
  return { content: null, tool_calls: [{ id: 'c1', type: 'function', function: { name, arguments: JSON.stringify(input) } }] }
}

describe('OpenAI Agents, governed', () => {
  it.each([
    ['whole', false],
    ['streamed', true],
  ])('runs what is fine, refuses what is blocked, and lets the model read why: %s', async (_, stream) => {
    setTracingDisabled(true)
    const stub = await openaiStub(script)
    onTestFinished(stub.close)
    const { agent, ran } = desk('agents-example')
    const client = new OpenAI({ baseURL: stub.baseURL, apiKey: 'stub', maxRetries: 0 })
    const model = new OpenAIChatCompletionsModel(client as never, 'gpt-5-mini')
    const assistant = new Assistant({ name: 'desk', instructions: 'Use the tools.', model, tools: agentsTools(agent) })
    const ask = async (question: string) => {
      if (!stream) return (await run(assistant, question)).finalOutput
      const streamed = await run(assistant, question, { stream: true })
      await streamed.completed
      return streamed.finalOutput
    }
    expect(await ask('Who is user usr_001?')).toContain('Ada')
    expect(await ask('Run this query: DROP TABLE users')).toContain("Pattern 'DROP *'")
    expect(ran).toEqual(['usr_001'])
    expect(agent.summary()).toMatchObject({ total: 2, succeeded: 1, refused: 1 })
  })
})
