import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import OpenAI from 'openai'
import { afterAll, describe, expect, it } from 'vitest'
import { desk, openaiStub } from './openai-stub.ts'
import { chat, users } from './openai-tools.ts'

const folder = mkdtempSync(join(tmpdir(), 'agentgate-openai-'))
const output = join(folder, 'audit.jsonl')
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('the official openai client, governed', () => {
  it('runs what is fine, refuses what is blocked, and lets the model read why', async () => {
    const stub = await openaiStub(desk)
    const ran: string[] = []
    const agent = users(output, ran)
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

  it('prints what came of each question, by one command', () => {
    const env = { ...process.env, OPENAI_API_KEY: '' }
    const printed = execFileSync(process.execPath, [resolve('examples/openai-tools.ts')], { cwd: folder, encoding: 'utf8', env })
    expect(printed.trim().split('\n')).toEqual([
      expect.stringContaining('Ada'),
      expect.stringContaining("Pattern 'DROP *'"),
      '{ total: 2, succeeded: 1, refused: 1, failed: 0, costUsd: 0.01 }',
    ])
  })

  it.runIf(process.env['OPENAI_API_KEY'])('does the same with the real vendor', async () => {
    const ran: string[] = []
    const agent = users(output, ran)
    await chat(new OpenAI(), agent, 'Who is user usr_001? Use the tool.')
    expect(ran).toContain('usr_001')
  })
})
