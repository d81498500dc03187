import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest'
import { z } from 'zod'
import { eventually, startTestServer, type TestServer, type TestUser } from '../packages/server/src/test-server.ts'
import { Agent, ApprovalDenied, GateError, ValidationError } from 'agentgate'

let server: TestServer
let admin: TestUser
let approver: TestUser
beforeAll(async () => {
  server = await startTestServer()
  admin = await server.signIn('requester')
  approver = await server.signIn('approver')
})
afterAll(() => server.stop())

/** An agent governed by the server, and what its tools received. */
async function agentOn(name: string) {
  const { token } = await server.agentOf(name)
  const agent = new Agent({ url: server.url, apiKey: token })
  const received: unknown[] = []
  const lookUp = agent.tool({
    name: `${name}.look_up`,
    input: z.object({ text: z.string() }),
    effect: 'read',
    arguments: { text: 'prose' },
    execute: (input) => {
      received.push(input)
      return `found: ${input.text}`
    },
  })
  const deleteUser = agent.tool({
    name: `${name}.delete_user`,
    input: z.object({ ssn: z.string() }),
    effect: 'delete',
    execute: (input) => {
      received.push(input)
      return `deleted ${input.ssn}`
    },
  })
  for (const [tool, effect] of [
    ['look_up', 'read'],
    ['delete_user', 'delete'],
  ] as const) {
    const { input, ...rest } = { input: tool === 'look_up' ? { text: { type: 'string' } } : { ssn: { type: 'string' } }, effect }
    const kinds = tool === 'look_up' ? { arguments: { text: 'prose' as const } } : {}
    await admin.client.tools.put({
      params: { name: `${name}.${tool}` },
      query: {},
      body: { ...rest, ...kinds, input: { type: 'object', properties: input, required: Object.keys(input), additionalProperties: false } },
    })
  }
  return { agent, lookUp, deleteUser, received }
}

const held = async () => eventually(async () => (await approver.client.approvals.pending()).items.find(({ state }) => state === 'pending'))

describe('an agent governed by a server', () => {
  it('is told what to do where its key may not ask for decisions', async () => {
    const { key } = await admin.client.principals.createApiKey({ body: { name: 'onlooker', roles: ['viewer'] } })
    const { lookUp } = await agentOn('onlooked')
    expect(await lookUp({ text: 'x' })).toBe('found: x')
    const agent = new Agent({ url: server.url, apiKey: key })
    let ran = false
    const look = agent.tool({
      name: 'onlooked.look_up',
      input: z.object({ text: z.string() }),
      effect: 'read',
      execute: () => (ran = true),
    })
    const refused = await look({ text: 'x' }).catch((error: unknown) => error)
    expect(refused).toBeInstanceOf(GateError)
    expect(refused).toMatchObject({
      code: 'not-permitted',
      message: expect.stringContaining('needs the permission'),
      help: expect.stringContaining('service_agent'),
    })
    expect(ran).toBe(false)
  })

  it('registers a tool once, however many first calls come at the same moment, and again where that did not work', async () => {
    const { lookUp } = await agentOn('crowd')
    const real = globalThis.fetch
    const puts: number[] = []
    const spied = vi.spyOn(globalThis, 'fetch').mockImplementation(async (input, init) => {
      if (init?.method !== 'PUT' && !(input instanceof Request && input.method === 'PUT')) return real(input, init)
      puts.push(puts.length)
      if (puts.length === 1) throw new TypeError('fetch failed')
      return real(input, init)
    })
    onTestFinished(() => spied.mockRestore())
    for (const each of await Promise.allSettled(Array.from({ length: 20 }, () => lookUp({ text: 'tea' }))))
      expect(each).toMatchObject({ status: 'rejected', reason: { code: 'unreachable' } })
    expect(puts).toHaveLength(1)
    expect(await Promise.all(Array.from({ length: 20 }, () => lookUp({ text: 'tea' })))).toEqual(
      Array.from({ length: 20 }, () => 'found: tea'),
    )
    expect(puts).toHaveLength(2)
  })

  it('gets tokens in and restored answers out, in one session of the server', async () => {
    const { agent, lookUp, received } = await agentOn('crm')
    expect(await lookUp({ text: 'My SSN is 123-45-6789' }, { session: 's1' })).toBe('found: My SSN is 123-45-6789')
    expect(received).toEqual([{ text: 'My SSN is <SSN_1>' }])
    expect(agent.summary()).toMatchObject({ total: 1, succeeded: 1 })
    expect(JSON.stringify(agent.traces)).not.toContain('123-45-6789')
    expect(server.log()).not.toContain('123-45-6789')
  })

  it('is refused what the server refuses, with a certificate there', async () => {
    const { agent, lookUp, received } = await agentOn('shop')
    const refusal = await lookUp({ text: "'; DROP TABLE users; --" }).catch((error: unknown) => error)
    expect(refusal).toBeInstanceOf(ValidationError)
    expect(refusal).toMatchObject({ code: 'threat-found', reason: { kind: 'sql_injection' } })
    expect(received).toEqual([])
    const id = agent.lastDecision?.id ?? ''
    expect((await admin.client.traces.get({ params: { id } })).trace).toMatchObject({ verdict: 'deny', status: 'refused' })
  })

  it('waits for a person on the server, and runs once when approved', async () => {
    const { deleteUser, received } = await agentOn('ops')
    const call = deleteUser({ ssn: '123-45-6789' })
    const { id } = await held()
    await approver.client.approvals.decide({ params: { id }, body: { approved: true, reason: 'asked for by the customer' } })
    expect(await call).toBe('deleted 123-45-6789')
    expect(received).toEqual([{ ssn: '<SSN_1>' }])
  })

  it('never runs what a person denied', async () => {
    const { deleteUser, received } = await agentOn('rogue')
    const call = deleteUser({ ssn: '123-45-6789' }).catch((error: unknown) => error)
    const { id } = await held()
    await approver.client.approvals.decide({ params: { id }, body: { approved: false, reason: 'no' } })
    expect(await call).toBeInstanceOf(ApprovalDenied)
    expect(received).toEqual([])
  })

  it('runs its tools by their own schemas: what those make of the input, and never what they refuse', async () => {
    const { token } = await server.agentOf('own')
    const agent = new Agent({ url: server.url, apiKey: token })
    const received: unknown[] = []
    const count = z
      .string()
      .refine((text) => text !== '13', 'not that one')
      .transform(Number)
    const look = agent.tool({
      name: 'own.look',
      input: z.object({ count, limit: z.number().default(10) }),
      effect: 'read',
      execute: (input) => void received.push(input),
    })
    const properties = { count: { type: ['number', 'string'] }, limit: { type: 'number' } }
    const body = { effect: 'read' as const, input: { type: 'object', properties } }
    await admin.client.tools.put({ params: { name: 'own.look' }, query: {}, body })
    await look({ count: '7' })
    expect(received).toEqual([{ count: 7, limit: 10 }])
    await expect(look({ count: '13' })).rejects.toThrow('`count`: not that one')
    expect(received).toHaveLength(1)
  })

  it('is refused without a good key', async () => {
    const agent = new Agent({ url: server.url, apiKey: 'ag_forged' })
    let ran = false
    const run = agent.tool({
      name: 'crm.look_up',
      input: z.object({ text: z.string() }),
      execute: () => {
        ran = true
      },
    })
    await expect(run({ text: 'x' })).rejects.toThrow()
    expect(ran).toBe(false)
  })
})

describe('an agent whose server is restarted while it waits for a person', () => {
  it('waits on, and runs once when the server is back and somebody has approved', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'agentgate-restart-'))
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
    const first = await startTestServer({ folder })
    const env = { PORT: new URL(first.url).port }
    const { token } = await first.agentOf('patient')
    const body = { effect: 'delete' as const, input: { type: 'object', properties: { id: { type: 'string' } } } }
    await (await first.signIn('requester')).client.tools.put({ params: { name: 'patient.remove' }, query: {}, body })
    const ran: unknown[] = []
    const remove = new Agent({ url: first.url, apiKey: token }).tool({
      name: 'patient.remove',
      input: z.object({ id: z.string() }),
      effect: 'delete',
      execute: (input) => void ran.push(input),
    })
    const call = remove({ id: '7' })
    const pending = async (at: TestServer) => (await (await at.signIn('approver')).client.approvals.pending()).items[0]
    const { id } = await eventually(() => pending(first))
    await first.stop()
    const second = await startTestServer({ folder, env })
    onTestFinished(() => second.stop())
    const { client } = await second.signIn('approver')
    await client.approvals.decide({ params: { id }, body: { approved: true, reason: 'fine' } })
    await call
    expect(ran).toEqual([{ id: '7' }])
  })
})
