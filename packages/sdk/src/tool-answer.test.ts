import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { Agent } from './agent.ts'
import { answerToolUse } from './anthropic.ts'
import { answerFunctionCall, answerToolCall } from './openai.ts'

function agentOf() {
  const agent = new Agent()
  const ran: unknown[] = []
  agent.tool({
    name: 'look',
    // Reads texts as well, as some schemas do.
    input: z.preprocess((given) => (typeof given === 'string' ? { text: given } : given), z.object({ text: z.string() })),
    execute: (input) => void ran.push(input),
    compensation: (input) => void ran.push(input),
  })
  const refused = () => agent.traces.map(({ decision, outcome }) => [decision.reason?.code, outcome?.status])
  return { agent, ran, refused }
}

describe('what answers a model’s tool call', () => {
  it('refuses arguments that are no JSON on record, whatever the schema would make of the text', async () => {
    const { agent, ran, refused } = agentOf()
    const text = '{"text": ada@example.com'
    const { content } = await answerToolCall(agent, { id: 'c1', function: { name: 'look', arguments: text } })
    const { output } = await answerFunctionCall(agent, { call_id: 'c2', name: 'look', arguments: text })
    for (const said of [content, output]) expect(said).toContain('call the tool again with valid JSON')
    expect(ran).toEqual([])
    expect(refused()).toEqual([
      ['invalid-input', 'refused'],
      ['invalid-input', 'refused'],
    ])
    expect(JSON.stringify(agent.traces)).not.toContain('ada@example.com')
    expect(await agent.verifyLastCertificate()).toBe(true)
  })

  it('refuses tools that nobody registered, and compensations, on record', async () => {
    const { agent, ran, refused } = agentOf()
    for (const name of ['drop_all', 'compensate.look']) {
      const { content, is_error } = await answerToolUse(agent, { id: 'c1', name, input: { text: 'x' } })
      expect([content, is_error]).toEqual([expect.stringContaining('unknown-tool'), true])
    }
    expect(ran).toEqual([])
    expect(refused()).toEqual([
      ['unknown-tool', 'refused'],
      ['unknown-tool', 'refused'],
    ])
  })
})
