import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Agent, governChat, validator } from 'agentgate'
import { aiMiddleware } from 'agentgate/ai-sdk'
import { generateText, wrapLanguageModel } from 'ai'
import { MockLanguageModelV4 } from 'ai/test'
import { startTestServer, type TestServer, type TestUser } from '../packages/server/src/test-server.ts'

let server: TestServer
let developer: TestUser
beforeAll(async () => {
  server = await startTestServer()
  developer = await server.signIn('requester')
})
afterAll(() => server.stop())

const usage = { inputTokens: { total: 1, noCache: 1, cacheRead: 0, cacheWrite: 0 }, outputTokens: { total: 1, text: 1, reasoning: 0 } }

interface Asked {
  readonly model: string
  readonly messages: readonly { readonly role: string; readonly content: string }[]
}

/** A provider that says back what it was told, in pieces. */
async function* echo(text: string) {
  for (const [n, content] of ['You said: ', ...(text.match(/.{1,7}/g) ?? [])].entries())
    yield {
      id: 'c1',
      object: 'chat.completion.chunk',
      choices: [{ index: 0, delta: { content, ...(n === 0 && { role: 'assistant' }) }, finish_reason: null }],
    }
  yield { id: 'c1', object: 'chat.completion.chunk', choices: [{ index: 0, delta: { content: '' }, finish_reason: 'stop' }] }
}

describe.each([
  ['alone', () => []],
  ['beside controls of the agent', () => [validator({ blockPatterns: ['DROP *'] })]],
])('a model that a server governs, %s', (_, controls) => {
  it('gets tokens, and its reader values, streamed', async () => {
    const agent = new Agent({ url: server.url, apiKey: developer.token, controls: controls() })
    const got: string[] = []
    const ask = governChat(agent, async ({ messages: [first] }: Asked) => {
      got.push(first?.content ?? '')
      return echo(first?.content ?? '')
    })
    const said = async (content: string) => {
      let text = ''
      for await (const { choices } of await ask({ model: 'gpt-5-mini', messages: [{ role: 'user', content }] }))
        text += choices[0]?.delta.content ?? ''
      return text
    }
    expect(await said('Write to ada@example.com, please.')).toBe('You said: Write to ada@example.com, please.')
    expect(got).toEqual(['Write to <EMAIL_1>, please.'])
    expect(agent.summary()).toMatchObject({ total: 1, succeeded: 1 })
    const { trace } = await developer.client.traces.get({ params: { id: agent.lastDecision?.id ?? '' } })
    expect(trace).toMatchObject({ tool: 'openai_chat', verdict: 'allow', status: 'succeeded' })
  })

  it('is called whole through the AI SDK, and restored', async () => {
    const agent = new Agent({ url: server.url, apiKey: developer.token, controls: controls() })
    const got: string[] = []
    const provider = new MockLanguageModelV4({
      doGenerate: async ({ prompt }) => {
        const text = JSON.stringify(prompt)
        got.push(text)
        return {
          content: [{ type: 'text', text: text.includes('<EMAIL_1>') ? 'To <EMAIL_1>.' : text }],
          finishReason: { unified: 'stop', raw: undefined },
          usage,
          warnings: [],
        }
      },
    })
    const model = wrapLanguageModel({ model: provider, middleware: aiMiddleware(agent) })
    expect((await generateText({ model, prompt: 'Write to ada@example.com.' })).text).toBe('To ada@example.com.')
    expect(got.join()).not.toContain('ada@example.com')
  })
})
