import { ToolMessage } from '@langchain/core/messages'
import { langchainTools } from 'agentgate/langchain'
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
})
