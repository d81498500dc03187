import { aiRefusals, aiTools } from 'agentgate/ai-sdk'
import { generateText, isStepCount, streamText } from 'ai'
import { convertArrayToReadableStream, MockLanguageModelV4 } from 'ai/test'
import { describe, expect, it } from 'vitest'
import { desk, toolFor } from './desk.ts'

const usage = { inputTokens: { total: 1, noCache: 1, cacheRead: 0, cacheWrite: 0 }, outputTokens: { total: 1, text: 1, reasoning: 0 } }

/** A model that calls the tool its question needs, and tells what the tool said. */
function model() {
  const said = (prompt: unknown) => {
    const messages = prompt as readonly { readonly role: string; readonly content: readonly { readonly text?: string }[] }[]
    const last = messages.at(-1)
    if (last?.role === 'tool') return { type: 'text', text: `The tool said: ${JSON.stringify(last.content)}` } as const
    const { name, input } = toolFor(last?.content[0]?.text ?? '')
    return { type: 'tool-call', toolCallId: 'c1', toolName: name, input: JSON.stringify(input) } as const
  }
  const finishOf = (part: ReturnType<typeof said>) => ({ unified: part.type === 'text' ? 'stop' : 'tool-calls', raw: undefined }) as const
  return new MockLanguageModelV4({
    doGenerate: async ({ prompt }) => {
      const part = said(prompt)
      return { content: [part], finishReason: finishOf(part), usage, warnings: [] }
    },
    doStream: async ({ prompt }) => {
      const part = said(prompt)
      const parts =
        part.type === 'tool-call'
          ? [part]
          : ([
              { type: 'text-start', id: '1' },
              { type: 'text-delta', id: '1', delta: part.text },
              { type: 'text-end', id: '1' },
            ] as const)
      const finish = { type: 'finish', finishReason: finishOf(part), usage } as const
      return { stream: convertArrayToReadableStream([{ type: 'stream-start', warnings: [] }, ...parts, finish]) }
    },
  })
}

describe('the AI SDK, governed', () => {
  it.each([
    ['whole', false],
    ['streamed', true],
  ])('runs what is fine, refuses what is blocked, and lets the model read why: %s', async (_, stream) => {
    const { agent, ran } = desk('ai-sdk-example')
    const ask = async (prompt: string) => {
      const options = { model: model(), tools: aiTools(agent), prompt, stopWhen: isStepCount(4) }
      return stream ? streamText(options).text : (await generateText(options)).text
    }
    expect(await ask('Who is user usr_001?')).toContain('Ada')
    expect(await ask('Run this query: DROP TABLE users')).toContain("Pattern 'DROP *'")
    expect(ran).toEqual(['usr_001'])
    expect(agent.summary()).toMatchObject({ total: 2, succeeded: 1, refused: 1 })
  })
  it('refuses on record what is no JSON, and tools that were not given, also those that the agent has', async () => {
    const { agent, ran } = desk('ai-sdk-refusals')
    const calls = [
      { toolName: 'get_user', input: '{"id": usr' },
      { toolName: 'drop_all', input: '{}' },
      { toolName: 'run_query', input: '{"query":"SELECT 1"}' },
    ]
    const { get_user: given } = aiTools(agent)
    if (!given) throw new Error('the agent has no such tool')
    const asking = new MockLanguageModelV4({
      doGenerate: async () => {
        const content = calls.map((call, n) => ({ type: 'tool-call', toolCallId: `c${n}`, ...call }) as const)
        return { content, finishReason: { unified: 'tool-calls', raw: undefined }, usage, warnings: [] }
      },
    })
    await generateText({ model: asking, tools: { get_user: given }, prompt: 'Go.', ...aiRefusals(agent) })
    expect(ran).toEqual([])
    const refused = agent.traces.map(({ decision, outcome }) => [decision.reason?.code, outcome?.status].join(' '))
    expect(refused.toSorted()).toEqual(['invalid-input refused', 'unknown-tool refused', 'unknown-tool refused'])
  })
})
