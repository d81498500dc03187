import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { z } from 'zod'
import { Agent } from './agent.ts'
import { auditLog } from './controls/audit-log.ts'
import { rateLimiter } from './controls/rate-limiter.ts'
import { Refused } from './errors.ts'
import type { AgentOptions } from './options.ts'

/** Nobody listens there. */
const nowhere = 'http://127.0.0.1:9'

function agentOf(options: AgentOptions) {
  const folder = mkdtempSync(join(tmpdir(), 'agentgate-away-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const output = join(folder, 'audit.jsonl')
  const agent = new Agent({ url: nowhere, apiKey: 'ag_x', controls: [auditLog({ output })], ...options })
  const ran: unknown[] = []
  const input = z.object({ text: z.string().transform((text) => `${text}!`) })
  const execute = (given: { readonly text: string }) => {
    ran.push(given)
    return `found: ${given.text}`
  }
  return {
    agent,
    ran,
    logged: () =>
      readFileSync(output, 'utf8')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as { readonly [key: string]: unknown }),
    look: agent.tool({ name: 'look', input, effect: 'read', execute }),
    remove: agent.tool({ name: 'remove', input, effect: 'delete', execute }),
    trusted: agent.tool({ name: 'trusted', input, effect: 'read', boundary: 'trusted', execute }),
    approved: agent.tool({ name: 'approved', input, effect: 'read', approval: true, execute }),
  }
}

describe('an agent whose server cannot be reached', () => {
  it('is refused every call, and records each: in traces, summary and audit log, masked', async () => {
    const { agent, look, remove, ran, logged } = agentOf({})
    for (const call of [look, remove]) {
      const refused = await call({ text: 'of ada@example.com' }).catch((error: unknown) => error)
      expect(refused).toBeInstanceOf(Refused)
      expect(refused).toMatchObject({ code: 'unreachable', message: expect.stringContaining('start the server') })
    }
    expect(ran).toEqual([])
    expect(agent.summary()).toMatchObject({ total: 2, succeeded: 0, refused: 2 })
    expect(agent.traces.map(({ outcome, ungoverned }) => [outcome?.status, ungoverned])).toEqual([
      ['refused', undefined],
      ['refused', undefined],
    ])
    expect(logged().map(({ event, tool, reason }) => [event, tool, reason])).toEqual([
      ['start', 'look', 'unreachable'],
      ['end', 'look', 'unreachable'],
      ['start', 'remove', 'unreachable'],
      ['end', 'remove', 'unreachable'],
    ])
    expect(JSON.stringify([agent.traces, logged()])).not.toContain('ada@example.com')
  })

  it('runs the effects that may go ungoverned, masked, and says so wherever it records', async () => {
    const decided: unknown[] = []
    const { agent, look, ran, logged } = agentOf({ ungoverned: ['read'], onCertificate: ({ verdict }) => void decided.push(verdict) })
    expect(await look({ text: 'of ada@example.com' })).toBe('found: of ada@example.com!')
    expect(ran).toEqual([{ text: 'of <EMAIL_1>!' }])
    expect(agent.traces).toMatchObject([{ ungoverned: true, outcome: { status: 'succeeded' } }])
    expect(logged()).toMatchObject([
      { event: 'start', verdict: 'allow', ungoverned: true },
      { event: 'end', status: 'succeeded' },
    ])
    expect(decided).toEqual(['allow'])
    expect(JSON.stringify([agent.traces, logged()])).not.toContain('ada@example.com')
  })

  it('never runs other effects, trusted tools, or what a person approves', async () => {
    const { agent, remove, trusted, approved, ran } = agentOf({ ungoverned: ['read'] })
    for (const call of [remove, trusted, approved]) await expect(call({ text: 'x' })).rejects.toMatchObject({ code: 'unreachable' })
    expect(ran).toEqual([])
    expect(agent.summary()).toMatchObject({ total: 3, refused: 3 })
  })

  it('never runs anything where a server answers, be it with an error', async () => {
    const server = createServer((request, response) => {
      response.writeHead(503, { 'content-type': 'application/problem+json' })
      request.resume().on('end', () => response.end())
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void server.close())
    const { look, ran } = agentOf({ ungoverned: ['read'], url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` })
    await expect(look({ text: 'x' })).rejects.toMatchObject({ code: 'unreachable', message: expect.stringContaining('try again') })
    expect(ran).toEqual([])
  })

  it('judges what runs ungoverned by its own controls', async () => {
    const controls = [rateLimiter({ maxCalls: 1, window: '1m' })]
    const { agent, look, ran } = agentOf({ ungoverned: ['read'], controls })
    expect(await look({ text: 'one' })).toBe('found: one!')
    await expect(look({ text: 'two' })).rejects.toMatchObject({ code: 'rate-exceeded' })
    expect(ran).toEqual([{ text: 'one!' }])
    expect(agent.summary()).toMatchObject({ total: 2, succeeded: 1, refused: 1 })
  })

  it('takes no `ungoverned` without a server', () => {
    expect(() => new Agent({ ungoverned: ['read'] })).toThrow('no server')
  })
})
