import { Agent, piiVault } from 'agentgate'
import OpenAI from 'openai'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestServer, type TestServer, type TestUser } from '../packages/server/src/test-server.ts'
import { openaiStub, type Script } from './openai-stub.ts'
import { streamedChat } from './streamed-chat.ts'

let server: TestServer
let admin: TestUser
let provider: Awaited<ReturnType<typeof openaiStub>>

/** Says back what it was told, as models do. */
const script: Script = (messages) => ({ content: `You said: ${String(messages.at(-1)?.content)}. Is that right?` })

beforeAll(async () => {
  server = await startTestServer()
  admin = await server.signIn('requester')
  provider = await openaiStub(script)
})
afterAll(async () => {
  provider.close()
  await server.stop()
})

const question = 'My SSN is 123-45-6789 and my mail jane.doe@example.com'
const options = { user: 'jane', session: 's1' }

async function read(pieces: AsyncIterable<string>): Promise<readonly string[]> {
  const all: string[] = []
  for await (const piece of pieces) all.push(piece)
  return all
}

const client = () => new OpenAI({ baseURL: provider.baseURL, apiKey: 'stub', maxRetries: 0, logLevel: 'off' })

describe('a streamed chat, governed', () => {
  it('comes restored piece by piece in process', async () => {
    const agent = new Agent({ agentId: 'streamed', controls: [piiVault()] })
    const pieces = await read(streamedChat(client(), agent)(question, options))
    expect(pieces.join('')).toBe(`You said: ${question}. Is that right?`)
    expect(pieces.length).toBeGreaterThan(5)
    expect(provider.seen.at(-1)).toContain('<SSN_1> and my mail <EMAIL_1>')
    expect(provider.seen.join()).not.toMatch(/123-45|jane/)
    expect(agent.summary()).toMatchObject({ total: 1, succeeded: 1 })
  })

  it('comes once it is settled where a server governs, whose log and traces hold no value', async () => {
    const { token } = await server.agentOf('streamed')
    await admin.client.tools.put({
      params: { name: 'openai_chat' },
      query: {},
      body: {
        effect: 'execute',
        boundary: 'external',
        input: { type: 'object', properties: { messages: { type: 'array' } }, additionalProperties: true },
      },
    })
    const agent = new Agent({ url: server.url, apiKey: token })
    const pieces = await read(streamedChat(client(), agent)(question, options))
    expect(pieces).toEqual([`You said: ${question}. Is that right?`])
    expect(provider.seen.at(-1)).toContain('<SSN_1> and my mail <EMAIL_1>')
    const { trace } = await admin.client.traces.get({ params: { id: agent.lastDecision?.id ?? '' } })
    expect(trace).toMatchObject({ status: 'succeeded' })
    expect(JSON.stringify(trace) + server.log()).not.toMatch(/123-45|jane\.doe/)
  })
})
