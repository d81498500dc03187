import { Agent, answerToolCall, auditLog, costTracker, type FunctionCall, rateLimiter, validator } from 'agentgate'
import OpenAI from 'openai'
import { z } from 'zod'

/** Asks the model until it needs no more tools; every tool call goes through the gate, and a refusal goes back for it to read. */
export async function chat(client: OpenAI, agent: Agent, question: string): Promise<string> {
  const messages: OpenAI.ChatCompletionMessageParam[] = [{ role: 'user', content: question }]
  for (let turn = 0; turn < 8; turn++) {
    const { choices } = await client.chat.completions.create({ model: 'gpt-5-mini', messages, tools: agent.openaiTools() })
    const message = choices[0]?.message
    if (!message) throw new Error('the model gave no answer')
    messages.push(message)
    const asked = (message.tool_calls ?? []).filter((call): call is typeof call & FunctionCall => call.type === 'function')
    if (asked.length === 0) return message.content ?? ''
    for (const call of asked) messages.push(await answerToolCall(agent, call))
  }
  throw new Error('the model asked for tools eight times in a row')
}

/** An agent that looks users up and runs queries, within limits. `ran` is told what its tools received. */
export function users(output: string, ran: string[] = []): Agent {
  const agent = new Agent({
    agentId: 'openai-example',
    controls: [
      auditLog({ output }),
      validator({ blockPaths: ['/', '/etc', '/root'], blockPatterns: ['DROP *', 'DELETE *', 'TRUNCATE *'] }),
      rateLimiter({ maxCalls: 50, window: '1m' }),
      costTracker({ maxBudget: 5.0, defaultCost: 0.01 }),
    ],
  })
  agent.tool({
    name: 'get_user',
    description: 'Finds a user by id',
    input: z.object({ id: z.string() }),
    effect: 'read',
    execute: ({ id }) => {
      ran.push(id)
      return { id, name: 'Ada', plan: 'pro' }
    },
  })
  agent.tool({
    name: 'run_query',
    description: 'Runs a query',
    input: z.object({ query: z.string() }),
    effect: 'read',
    arguments: { query: 'sql' },
    execute: ({ query }) => {
      ran.push(query)
      return []
    },
  })
  return agent
}

/** `node examples/openai-tools.ts`: with `OPENAI_API_KEY` the vendor answers, without it a stub on this machine. */
if (import.meta.main) {
  const { desk, openaiStub } = await import('./openai-stub.ts')
  const stub = process.env['OPENAI_API_KEY'] ? undefined : await openaiStub(desk)
  const client = stub ? new OpenAI({ baseURL: stub.baseURL, apiKey: 'stub' }) : new OpenAI()
  const agent = users('audit.jsonl')
  console.log(await chat(client, agent, 'Who is user usr_001?'))
  console.log(await chat(client, agent, 'Run this query: DROP TABLE users'))
  console.log(agent.summary())
  stub?.close()
}
