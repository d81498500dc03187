import { ToolMessage } from '@langchain/core/messages'
import { answerLangchainCall, langchainTools } from 'agentgate/langchain'
import { describe, expect, it } from 'vitest'
import { desk, toolFor } from './desk.ts'

describe('LangChain, governed', () => {
  it('runs what is fine, refuses what is blocked, and answers with the message that the model reads', async () => {
    const { agent, ran } = desk('langchain-example')
    const tools = new Map(langchainTools(agent).map((tool) => [tool.name, tool]))
    const ask = async (question: string) => {
      const { name, input } = toolFor(question)
      const message: unknown = await tools.get(name)?.invoke({ type: 'tool_call', id: 'c1', name, args: input })
      expect(message).toBeInstanceOf(ToolMessage)
      return message instanceof ToolMessage ? message.text : ''
    }
    expect([...tools.keys()]).toEqual(['get_user', 'run_query'])
    expect(await ask('Who is user usr_001?')).toContain('Ada')
    expect(await ask('Run this query: DROP TABLE users')).toContain("Pattern 'DROP *'")
    expect(ran).toEqual(['usr_001'])
    expect(agent.summary()).toMatchObject({ total: 2, succeeded: 1, refused: 1 })
  })
  it('refuses on record what does not fit, and tools that nobody registered', async () => {
    const { agent, ran } = desk('langchain-refusals')
    const [getUser] = langchainTools(agent)
    const wrong: unknown = await getUser?.invoke({ type: 'tool_call', id: 'c1', name: 'get_user', args: { id: 7 } })
    expect(wrong).toMatchObject({ tool_call_id: 'c1', content: expect.stringContaining('invalid-input') })
    const unknown = await answerLangchainCall(agent, { type: 'tool_call', id: 'c2', name: 'drop_all', args: {} })
    expect(unknown).toMatchObject({ tool_call_id: 'c2', status: 'error', content: expect.stringContaining('unknown-tool') })
    expect(ran).toEqual([])
    expect(agent.traces.map(({ decision, outcome }) => [decision.reason?.code, outcome?.status])).toEqual([
      ['invalid-input', 'refused'],
      ['unknown-tool', 'refused'],
    ])
    expect(await agent.verifyLastCertificate()).toBe(true)
  })
})
