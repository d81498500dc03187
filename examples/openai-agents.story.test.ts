import { Agent as Assistant, OpenAIChatCompletionsModel, run, setTracingDisabled } from '@openai/agents'
import { agentsRefusals, agentsTools } from 'agentgate/openai-agents'
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
  it('refuses on record what is no JSON, and tools that nobody registered, and goes on', async () => {
    setTracingDisabled(true)
    const calls = [
      { name: 'get_user', arguments: '{"id": usr' },
      { name: 'drop_all', arguments: '{}' },
    ]
    const stub = await openaiStub((messages) => {
      const said = messages.filter(({ role }) => role === 'tool')
      const call = calls[said.length]
      if (!call) return { content: `It said: ${said.map(({ content }) => JSON.stringify(content)).join(' ')}` }
      return { content: null, tool_calls: [{ id: `c${said.length}`, type: 'function', function: call }] }
    })
    onTestFinished(stub.close)
    const { agent, ran } = desk('agents-refusals')
    const client = new OpenAI({ baseURL: stub.baseURL, apiKey: 'stub', maxRetries: 0 })
    const model = new OpenAIChatCompletionsModel(client as never, 'gpt-5-mini')
    const assistant = new Assistant({ name: 'desk', instructions: 'Use the tools.', model, tools: agentsTools(agent) })
    const { finalOutput } = await run(assistant, 'Go.', { ...agentsRefusals(agent) })
    expect(finalOutput).toContain('call the tool again with valid JSON')
    expect(finalOutput).toContain('unknown-tool')
    // Another turn tells nothing twice.
    expect(agent.summary()).toMatchObject({ total: 2, refused: 2 })
    expect(ran).toEqual([])
    expect(agent.traces.map(({ decision, outcome }) => [decision.reason?.code, outcome?.status])).toEqual([
      ['invalid-input', 'refused'],
      ['unknown-tool', 'refused'],
    ])
  })
})
