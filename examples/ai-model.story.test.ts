import { Agent, costTracker, piiVault, Refused, validator } from 'agentgate'
import { aiMiddleware } from 'agentgate/ai-sdk'
import { generateText, streamText, tool, wrapLanguageModel } from 'ai'
import { MockLanguageModelV4, simulateReadableStream } from 'ai/test'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'

const usage = { inputTokens: { total: 40, noCache: 40, cacheRead: 0, cacheWrite: 0 }, outputTokens: { total: 20, text: 20, reasoning: 0 } }
const question = 'My SSN is 123-45-6789 and my mail jane.doe@example.com'
const photo = new Uint8Array([1, 2, 3])

/** Says back what it was told, and mails it when it has a tool for that; the last prompt it saw is kept. */
function provider() {
  const seen: string[] = []
  const files: unknown[] = []
  const answer = (prompt: unknown, calls: boolean) => {
    const messages = prompt as readonly { readonly content: readonly { readonly text?: string; readonly data?: unknown }[] }[]
    seen.push(JSON.stringify(prompt))
    const parts = messages.flatMap(({ content }) => content)
    files.push(...parts.flatMap(({ data }) => data ?? []))
    const said = parts.findLast(({ text }) => text !== undefined)?.text ?? ''
    return { said: `You said: ${said}.`, input: JSON.stringify({ text: said }), calls }
  }
  const model = new MockLanguageModelV4({
    modelId: 'stub-1',
    doGenerate: async ({ prompt, tools = [] }) => {
      const { said, input, calls } = answer(prompt, tools.length > 0)
      const content = calls
        ? ({ type: 'tool-call', toolCallId: 'c1', toolName: 'mail', input } as const)
        : ({ type: 'text', text: said } as const)
      return { content: [content], finishReason: { unified: calls ? 'tool-calls' : 'stop', raw: undefined }, usage, warnings: [] }
    },
    doStream: async ({ prompt, tools = [] }) => {
      const { said, input, calls } = answer(prompt, tools.length > 0)
      const spell = (type: 'text-delta' | 'tool-input-delta', all: string) =>
        (all.match(/.{1,3}/g) ?? []).map((delta) => ({ type, id: '1', delta }))
      const parts = calls
        ? ([
            { type: 'tool-input-start', id: '1', toolName: 'mail' },
            ...spell('tool-input-delta', input),
            { type: 'tool-input-end', id: '1' },
            { type: 'tool-call', toolCallId: '1', toolName: 'mail', input },
          ] as const)
        : ([{ type: 'text-start', id: '1' }, ...spell('text-delta', said), { type: 'text-end', id: '1' }] as const)
      const finish = { type: 'finish', finishReason: { unified: calls ? 'tool-calls' : 'stop', raw: undefined }, usage } as const
      return { stream: simulateReadableStream({ chunks: [{ type: 'stream-start', warnings: [] }, ...parts, finish] }) }
    },
  })
  return { model, seen, files }
}

function governed(agent: Agent) {
  const { model, seen, files } = provider()
  return { model: wrapLanguageModel({ model, middleware: aiMiddleware(agent) }), seen, files }
}

const mail = tool({ inputSchema: z.object({ text: z.string() }), execute: async () => 'sent' })

describe('a model of the AI SDK, governed by its middleware', () => {
  it('sees tokens, and its caller values: in an answer, and in the arguments of tools', async () => {
    const agent = new Agent({ controls: [piiVault({ session: 'desk' })] })
    const { model, seen } = governed(agent)
    expect((await generateText({ model, prompt: question })).text).toBe(`You said: ${question}.`)
    const { toolCalls } = await generateText({ model, prompt: question, tools: { mail } })
    expect(toolCalls).toMatchObject([{ toolName: 'mail', input: { text: question } }])
    expect(seen).toHaveLength(2)
    for (const prompt of seen) expect(prompt).toContain('My SSN is <SSN_1> and my mail <EMAIL_1>')
    expect(seen.join()).not.toMatch(/123-45|jane/)
    expect(agent.summary()).toMatchObject({ total: 2, succeeded: 2 })
  })

  it('is restored as it streams, however its pieces cut the tokens', async () => {
    const { model, seen } = governed(new Agent({ controls: [piiVault()] }))
    const pieces: string[] = []
    for await (const piece of streamText({ model, prompt: question }).textStream) pieces.push(piece)
    expect(pieces.join('')).toBe(`You said: ${question}.`)
    expect(pieces.length).toBeGreaterThan(5)
    const { toolCalls } = streamText({ model, prompt: question, tools: { mail } })
    expect(await toolCalls).toMatchObject([{ toolName: 'mail', input: { text: question } }])
    expect(seen.join()).not.toMatch(/123-45|jane/)
  })

  it('gets files as they are, which evidence names by their digest', async () => {
    const agent = new Agent()
    const { model, files } = governed(agent)
    const content = [
      { type: 'text' as const, text: 'What is this?' },
      { type: 'file' as const, data: photo, mediaType: 'image/png' },
    ]
    await generateText({ model, messages: [{ role: 'user', content }] })
    expect(files).toEqual([{ type: 'data', data: photo }])
    expect(JSON.stringify(agent.traces.at(-1)?.decision.call.input)).toContain(
      '039058c6f2c0cb492c533b0a4d14ef77cc0f78abccced5287d84a1a2011cfb81',
    )
  })

  it('is not asked when the call is refused, whole or streamed', async () => {
    const { model, seen } = governed(new Agent({ controls: [validator({ blockPatterns: ['launch *'] })] }))
    const prompt = 'launch the rockets'
    await expect(generateText({ model, prompt })).rejects.toThrow(Refused)
    const errors: unknown[] = []
    for await (const _ of streamText({ model, prompt, onError: ({ error }) => void errors.push(error) }).textStream);
    expect(errors).toEqual([expect.any(Refused)])
    expect(seen).toEqual([])
  })

  it('costs what its answer says that it used', async () => {
    const price = { model: 'stub-1', from: '2026-01-01', input: 1, output: 2, maxOutput: 1_000 }
    const agent = new Agent({ controls: [costTracker({ budget: 1, pricing: [price] })] })
    const { model } = governed(agent)
    await generateText({ model, prompt: 'hi' })
    await streamText({ model, prompt: 'hi' }).text
    expect(agent.summary().costUsd).toBeCloseTo((2 * (40 * 1 + 20 * 2)) / 1e6, 9)
  })
})
