import Anthropic from '@anthropic-ai/sdk'
import { describe, expect, it, onTestFinished } from 'vitest'
import { anthropicStub, type Script } from './anthropic-stub.ts'
import { claude } from './anthropic-tools.ts'
import { desk, toolFor } from './desk.ts'

/** A model that calls the tool its question needs, and tells what the tool said. */
const script: Script = (messages) => {
  const last = messages.at(-1)?.content ?? ''
  if (typeof last === 'string') return { type: 'tool_use', id: 'toolu_1', ...toolFor(last) }
  const [result] = last.flatMap((block) => (block.type === 'tool_result' ? [block] : []))
  return { type: 'text', text: `The tool said${result?.is_error ? ' an error' : ''}: ${JSON.stringify(result?.content)}` }
}

describe('the official Anthropic client, governed', () => {
  it.each([
    ['whole', false],
    ['streamed', true],
  ])('runs what is fine, refuses what is blocked, and lets the model read why: %s', async (_, stream) => {
    const stub = await anthropicStub(script)
    onTestFinished(stub.close)
    const { agent, ran } = desk('anthropic-example')
    const client = new Anthropic({ baseURL: stub.baseURL, apiKey: 'stub', maxRetries: 0 })
    expect(await claude(client, agent, 'Who is user usr_001?', stream)).toContain('Ada')
    expect(await claude(client, agent, 'Run this query: DROP TABLE users', stream)).toMatch(/said an error: .*Pattern 'DROP \*'/)
    expect(ran).toEqual(['usr_001'])
    expect(agent.summary()).toMatchObject({ total: 2, succeeded: 1, refused: 1 })
  })

  it.runIf(process.env['ANTHROPIC_API_KEY'])('does the same with the real vendor', async () => {
    const { agent, ran } = desk('anthropic-example')
    await claude(new Anthropic(), agent, 'Who is user usr_001? Use the tool.', true)
    expect(ran).toContain('usr_001')
  })
})
