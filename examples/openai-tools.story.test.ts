import { Agent, auditLog, costTracker, rateLimiter, validator } from 'agentgate'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import OpenAI from 'openai'
import { afterAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { asks, openaiStub, type Script } from './openai-stub.ts'
import { chat } from './openai-tools.ts'

const folder = mkdtempSync(join(tmpdir(), 'agentgate-openai-'))
const output = join(folder, 'audit.jsonl')
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function openaiAgent(ran: string[]): Agent {
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

/** A model that calls the tool its question needs, and tells what the tool said. */
const script: Script = (messages) => {
  const last = messages.at(-1)
  if (last?.role === 'tool') return { content: `The tool said: ${String(last.content)}` }
  const question = String(last?.content)
  if (question.startsWith('Who is user')) return asks('c1', 'get_user', { id: /usr_\d+/.exec(question)?.[0] ?? '' })
  return asks('c2', 'run_query', { query: question.replace('Run this query: ', '') })
}

describe('the official openai client, governed', () => {
  it('runs what is fine, refuses what is blocked, and lets the model read why', async () => {
    const stub = await openaiStub(script)
    const ran: string[] = []
    const agent = openaiAgent(ran)
    const client = new OpenAI({ baseURL: stub.baseURL, apiKey: 'stub' })
    try {
      expect(await chat(client, agent, 'Who is user usr_001?')).toContain('Ada')
      expect(await chat(client, agent, 'Run this query: DROP TABLE users')).toContain("Pattern 'DROP *'")
      expect(await chat(client, agent, 'Who is user usr_002?')).toContain('Ada')
      expect(await chat(client, agent, 'Run this query: SELECT 1')).toContain('[]')
    } finally {
      stub.close()
    }
    expect(ran).toEqual(['usr_001', 'usr_002', 'SELECT 1'])
    expect(agent.summary()).toMatchObject({ total: 4, succeeded: 3, refused: 1, costUsd: 0.03 })
  })

  it.runIf(process.env['OPENAI_API_KEY'])('does the same with the real vendor', async () => {
    const ran: string[] = []
    const agent = openaiAgent(ran)
    await chat(new OpenAI(), agent, 'Who is user usr_001? Use the tool.')
    expect(ran).toContain('usr_001')
  })
})
