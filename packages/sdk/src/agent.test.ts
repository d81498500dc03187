import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseTrust, verifyBundle } from '@agentgate/core'
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { z } from 'zod'
import {
  Agent,
  type AgentControl,
  ApprovalDenied,
  ApprovalTimeout,
  auditLog,
  BudgetExceededError,
  costTracker,
  humanApproval,
  PolicyDenied,
  piiVault,
  RateLimitError,
  rateLimiter,
  Refused,
  ToolFailed,
  ValidationError,
  validator,
} from './index.ts'

afterEach(() => void vi.useRealTimers())

/** An agent with one tool: a model that shows what it received. */
function chatAgent(
  controls: readonly AgentControl[] = [piiVault(), validator(), rateLimiter({ maxCalls: 20, window: '1m', scope: 'user' })],
) {
  const received: string[] = []
  const agent = new Agent({ controls })
  const chat = agent.tool({
    name: 'chat',
    input: z.object({ text: z.string() }),
    arguments: { text: 'prose' },
    execute: ({ text }) => {
      received.push(text)
      return `I received: ${text}`
    },
  })
  return { agent, chat: (text: string) => chat({ text }, { session: 's1', user: 'ada' }), received }
}

describe('the main job, through the SDK', () => {
  it('masks an SSN for the model and restores it for the caller', async () => {
    const { agent, chat, received } = chatAgent()
    expect(await chat('My SSN is 123-45-6789')).toBe('I received: My SSN is 123-45-6789')
    expect(received).toEqual(['My SSN is <SSN_1>'])
    expect(JSON.stringify(agent.traces)).not.toContain('123-45-6789')
    expect(agent.traces[0]?.decision.call.context).toMatchObject({ pii_kinds: ['SSN'], pii_count: 1 })
  })

  it('gives a mail address the same token later in the session', async () => {
    const { chat, received } = chatAgent()
    expect(await chat('Email: ceo@company.com')).toBe('I received: Email: ceo@company.com')
    await chat('Write to ceo@company.com, not to cfo@company.com')
    expect(received).toEqual(['Email: <EMAIL_1>', 'Write to <EMAIL_1>, not to <EMAIL_2>'])
  })

  it('masks a card number with a good checksum only', async () => {
    const { chat, received } = chatAgent()
    await chat('Card: 4111-1111-1111-1111')
    await chat('Card: 4111-1111-1111-1112')
    expect(received[0]).toBe('Card: <CREDIT_CARD_1>')
    expect(received[1]).not.toContain('CREDIT_CARD')
  })

  it.each([
    ["'; DROP TABLE users; --", 'sql_injection'],
    ['rm -rf / --no-preserve-root', 'shell_injection'],
    ['<script>alert(document.cookie)</script>', 'xss'],
  ])('refuses `%s` before the model, with its kind and a certificate', async (text, kind) => {
    const { agent, chat, received } = chatAgent()
    const refusal = await chat(text).catch((error: unknown) => error)
    expect(refusal).toBeInstanceOf(ValidationError)
    expect(refusal).toMatchObject({ code: 'threat-found', reason: { kind } })
    expect(received).toEqual([])
    expect(agent.traces[0]).toMatchObject({ decision: { verdict: 'deny' }, outcome: { status: 'refused' } })
    expect(await agent.verifyLastCertificate()).toBe(true)
  })

  it('lets twenty messages a minute pass, refuses the twenty-first with an exact wait, and passes again then', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: 1_800_000_000_000 })
    const { chat } = chatAgent()
    for (let n = 0; n < 20; n++) {
      vi.setSystemTime(1_800_000_000_000 + n * 1000)
      await chat('hello')
    }
    vi.setSystemTime(1_800_000_030_000)
    const refusal = await chat('hello').catch((error: unknown) => error)
    expect(refusal).toBeInstanceOf(RateLimitError)
    expect(refusal).toMatchObject({ code: 'rate-exceeded', retryAfter: 30 })
    vi.setSystemTime(1_800_000_060_000)
    expect(await chat('hello')).toBe('I received: hello')
  })

  it('lets ordinary prose pass untouched', async () => {
    const prose = 'Please select a table by the window and drop me a line; our union meets at 5 # room 12 | bring type O -- thanks'
    const { chat, received } = chatAgent()
    expect(await chat(prose)).toBe(`I received: ${prose}`)
    expect(received).toEqual([prose])
  })
})

describe('a call that waits for a person', () => {
  function deleting(timeout: '5m' | 1000 = '5m') {
    const ran: unknown[] = []
    const agent = new Agent({ controls: [piiVault(), humanApproval({ tools: ['delete_*'], timeout })] })
    const deleteUser = agent.tool({
      name: 'delete_user',
      input: z.object({ user: z.string(), ssn: z.string() }),
      effect: 'delete',
      execute: (input) => {
        ran.push(input)
        return { deleted: input.ssn }
      },
    })
    return { agent, ran, ask: () => deleteUser({ user: 'usr_1', ssn: '123-45-6789' }) }
  }

  it('runs once when approved, with masked input, and says so in evidence', async () => {
    const { agent, ran, ask } = deleting()
    const call = ask()
    const pending = await vi.waitUntil(async () => (await agent.approvals.pending())[0])
    expect(pending.call.input).toEqual({ user: 'usr_1', ssn: '<SSN_1>' })
    expect(ran).toEqual([])
    expect(await Promise.all([1, 2].map(() => agent.approvals.approve(pending.id, { by: 'User::bob' })))).toEqual([true, false])
    expect(await call).toEqual({ deleted: '123-45-6789' })
    expect(ran).toEqual([{ user: 'usr_1', ssn: '<SSN_1>' }])
    expect(await agent.verifyLastCertificate()).toBe(true)
  })

  it('never runs when denied', async () => {
    const { agent, ran, ask } = deleting()
    const call = ask().catch((error: unknown) => error)
    const pending = await vi.waitUntil(async () => (await agent.approvals.pending())[0])
    await agent.approvals.deny(pending.id, { by: 'User::bob', reason: 'wrong user' })
    expect(await call).toBeInstanceOf(ApprovalDenied)
    expect(ran).toEqual([])
  })

  it('never runs when nobody answers in time', async () => {
    const { ran, ask } = deleting(1000)
    expect(await ask().catch((error: unknown) => error)).toBeInstanceOf(ApprovalTimeout)
    expect(ran).toEqual([])
  })

  it('stops waiting when its caller leaves', async () => {
    const { agent, ran, ask } = deleting()
    const leaving = new AbortController()
    const call = agent.within({ signal: leaving.signal }, ask).catch((error: unknown) => error)
    await vi.waitUntil(async () => (await agent.approvals.pending()).length > 0)
    leaving.abort()
    expect(await call).toBeInstanceOf(Error)
    expect(ran).toEqual([])
    expect(agent.traces).toMatchObject([{ decision: { verdict: 'deny' }, outcome: { status: 'refused', reason: { code: 'abandoned' } } }])
    expect(agent.summary()).toMatchObject({ total: 1, refused: 1 })
  })
})

describe('Agent', () => {
  const echo = (agent: Agent) => agent.tool({ name: 'echo', input: z.object({ text: z.string() }), execute: ({ text }) => text })

  it('refuses input that its schema does not know', async () => {
    const agent = new Agent()
    echo(agent)
    for (const input of [{ text: 1 }, { text: 'x', extra: 1 }, 'text', null]) {
      await expect(agent.call('echo', input), JSON.stringify(input)).rejects.toBeInstanceOf(ValidationError)
    }
    await expect(agent.call('nothing', {})).rejects.toMatchObject({ code: 'unknown-tool' })
  })

  it('hands tools what they were called with when it has no vault, and still records tokens only', async () => {
    const agent = new Agent()
    const seen: string[] = []
    const send = agent.tool({
      name: 'send',
      input: z.object({ to: z.string() }),
      execute: ({ to }) => {
        seen.push(to)
        return to
      },
    })
    expect(await send({ to: 'ada@example.com' })).toBe('ada@example.com')
    expect(seen).toEqual(['ada@example.com'])
    expect(JSON.stringify(agent.traces)).not.toContain('ada@example.com')
    const { bundle } = await agent.evidence(agent.traces[0]?.decision.id as never)
    expect(Buffer.from(bundle, 'utf8').toString()).not.toContain('ada@example.com')
  })

  it('lets policies of its own decide', async () => {
    const policies = `
      permit (principal, action, resource) when { context.tool == "echo" };
      @id("no-prod") forbid (principal, action, resource) when { context.resource like "/prod/*" };`
    const agent = new Agent({ policies })
    const run = agent.tool({ name: 'echo', input: z.object({ resource: z.string() }), execute: ({ resource }) => resource })
    expect(await run({ resource: '/dev/db' })).toBe('/dev/db')
    const refusal = await run({ resource: '/prod/db' }).catch((error: unknown) => error)
    expect(refusal).toBeInstanceOf(PolicyDenied)
    expect((refusal as Error).message).toContain('no-prod')
    expect(() => new Agent({ policies: 'permit (principal, action);' })).toThrow(/1:\d+/)
  })

  it('tells failures of a tool from refusals, masked like output', async () => {
    const agent = new Agent({ controls: [piiVault()] })
    const broken = agent.tool({ name: 'broken', input: z.object({}), execute: () => Promise.reject(new Error('no user ada@example.com')) })
    const error = await broken({}).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(ToolFailed)
    expect((error as Error).message).toBe('`broken` failed: no user <EMAIL_1>')
  })

  it('masks people and what custom recognizers find, and refuses a recognizer that cannot be used', async () => {
    const staff = { name: 'staff-number', kind: 'STAFF_NUMBER', pattern: 'S-\\d{6}' }
    const agent = new Agent({ controls: [piiVault({ recognizers: [staff] })] })
    const broken = agent.tool({
      name: 'broken',
      input: z.object({}),
      execute: () => Promise.reject(new Error('ask John Smith, S-123456, about it')),
    })
    const error = await broken({}).catch((thrown: unknown) => thrown)
    expect((error as Error).message).toBe('`broken` failed: ask <PERSON_1>, <STAFF_NUMBER_1>, about it')
    expect(() => new Agent({ controls: [piiVault({ recognizers: [{ ...staff, pattern: 'a*' }] })] })).toThrow(/at least one character/)
  })

  it('gives the same value the same token in the session that its vault names, unless a call names another', async () => {
    const seen: string[] = []
    const told = (session?: string) => {
      const agent = new Agent({ controls: [piiVault(session === undefined ? {} : { session })] })
      const text = z.object({ text: z.string() })
      return agent.tool({ name: 'say', input: text, boundary: 'external', execute: ({ text }) => void seen.push(text) })
    }
    for (const say of [told('support'), told()]) {
      await say({ text: 'one@example.com' })
      await say({ text: 'two@example.com and one@example.com' })
      await say({ text: 'two@example.com' }, { session: 'other' })
    }
    expect(seen).toEqual(['<EMAIL_1>', '<EMAIL_2> and <EMAIL_1>', '<EMAIL_1>', '<EMAIL_1>', '<EMAIL_1> and <EMAIL_2>', '<EMAIL_1>'])
  })

  it('never overspends its budget, however many call at once', async () => {
    const agent = new Agent({ controls: [costTracker({ budget: 0.05, defaultCost: 0.01 })] })
    const run = echo(agent)
    const all = await Promise.allSettled(Array.from({ length: 20 }, () => run({ text: 'x' })))
    const refused = all.flatMap((each) => (each.status === 'rejected' ? [each.reason as unknown] : []))
    expect(refused).toHaveLength(15)
    for (const error of refused) expect(error).toBeInstanceOf(BudgetExceededError)
    expect(agent.summary()).toEqual({ total: 20, succeeded: 5, refused: 15, failed: 0, costUsd: 0.05 })
  })

  it('writes one start and one end record for every call, refused ones included', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'agentgate-audit-'))
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
    const output = join(folder, 'audit.jsonl')
    const agent = new Agent({ controls: [piiVault(), auditLog({ output }), rateLimiter({ maxCalls: 1, window: '1h' })] })
    const run = echo(agent)
    await run({ text: 'mail ada@example.com' })
    await expect(run({ text: 'again' })).rejects.toBeInstanceOf(Refused)
    const records = readFileSync(output, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { event: string; status?: string })
    expect(records.map(({ event, status }) => status ?? event)).toEqual(['start', 'succeeded', 'start', 'refused'])
    expect(readFileSync(output, 'utf8')).not.toContain('ada@example.com')
  })

  it('keeps users apart, and only a keyed hash of who they are', async () => {
    const { agent, received } = chatAgent()
    const chat = (text: string, user: string) => agent.call('chat', { text }, { session: 's1', user })
    await chat('I am ada@example.com', 'ada@example.com')
    expect(await chat('Who is <EMAIL_1>?', 'eve@example.com')).toBe('I received: Who is <EMAIL_1>?')
    expect(received[1]).not.toContain('ada@')
    expect(JSON.stringify(agent.traces)).not.toContain('@example.com')
  })

  it('remembers what runs and the last thousand calls that ended, with evidence that verifies, and forgets older ones', async () => {
    const agent = new Agent({ controls: [piiVault()] })
    const gate = Promise.withResolvers<string>()
    const slow = agent.tool({ name: 'slow', input: z.object({}), execute: () => gate.promise })
    const quick = agent.tool({ name: 'quick', input: z.object({ text: z.string() }), execute: ({ text }) => text })
    await quick({ text: 'first' })
    const first = agent.lastCertificate ?? ('' as never)
    const running = slow({})
    await vi.waitUntil(() => agent.traces.length === 2)
    for (let n = 0; n < 1001; n++) expect(await quick({ text: `ada${n}@example.com` })).toBe(`ada${n}@example.com`)
    await expect(agent.evidence(first)).rejects.toThrow(RangeError)
    gate.resolve('slow and done')
    expect(await running).toBe('slow and done')
    expect(await agent.verifyLastCertificate()).toBe(true)
    await quick({ text: 'last' })
    expect(await agent.verifyLastCertificate()).toBe(true)
    const { publicKey, bundle } = await agent.evidence(agent.traces[10]?.decision.id ?? ('' as never))
    expect((await verifyBundle(bundle, await parseTrust(publicKey))).valid).toBe(true)
  })

  it('lets who asks, and every signal, travel to calls within', async () => {
    const agent = new Agent()
    const started = Promise.withResolvers<AbortSignal>()
    const who = agent.tool({ name: 'who', input: z.object({}), execute: () => null })
    const wait = agent.tool({
      name: 'wait',
      input: z.object({}),
      execute: (_, { signal }) => {
        started.resolve(signal)
        return new Promise<null>((resolve) => signal.addEventListener('abort', () => resolve(null)))
      },
    })
    await agent.within({ user: 'ada' }, async () => agent.within({ session: 's' }, async () => who({})))
    expect(agent.traces.at(-1)?.decision.call.principal.onBehalfOf).toBeDefined()

    const [outer, own] = [new AbortController(), new AbortController()]
    const running = agent.transaction(async () => agent.within({ user: 'ada' }, async () => wait({}, { signal: own.signal })), {
      signal: outer.signal,
    })
    const signal = await started.promise
    outer.abort(new Error('gone'))
    await expect(running).rejects.toThrow('gone')
    expect(signal.aborted).toBe(true)
  })

  it('takes no time that a timer cannot wait for, and waits for a person longer than one', async () => {
    let decided = 0
    const agent = new Agent({ controls: [humanApproval({ tools: ['held'], timeout: '60d' })], onCertificate: () => void decided++ })
    await expect(agent.transaction(async () => 1, { timeout: '25d' })).rejects.toThrow('24 days at most')
    const held = agent.tool({ name: 'held', input: z.object({}), execute: () => 'ran' })
    const call = held({})
    const { id } = await vi.waitUntil(async () => (await agent.approvals.pending())[0])
    await agent.approvals.approve(id, { by: 'User::bob' })
    expect(await call).toBe('ran')
    expect(decided).toBe(2)
  })

  it('hears a tool to its end, however long it runs', async () => {
    vi.useFakeTimers({ toFake: ['Date'] })
    const agent = new Agent({ controls: [rateLimiter({ maxCalls: 1, window: '10h' })] })
    const slow = agent.tool({
      name: 'slow',
      input: z.object({}),
      execute: () => {
        vi.advanceTimersByTime(5 * 3_600_000)
        return 'done'
      },
    })
    expect(await slow({})).toBe('done')
    await expect(slow({})).rejects.toMatchObject({ retryAfter: 5 * 3_600 })
  })

  it('ends a call whose stream nobody reads, after a day and while other calls are made', async () => {
    vi.useFakeTimers({ toFake: ['Date'] })
    const agent = new Agent()
    const other = agent.tool({ name: 'other', input: z.object({}), execute: () => 1 })
    async function* nothing() {}
    agent.tool({ name: 'talk', input: z.object({}), execute: () => 1, streams: { shape: 'openai-chat', open: async () => nothing() } })
    await agent.stream('talk', {})
    const outcome = () => agent.traces.find(({ decision }) => decision.call.tool.name === 'talk')?.outcome?.status
    vi.advanceTimersByTime(23 * 3_600_000)
    await other({})
    expect(outcome()).toBeUndefined()
    vi.advanceTimersByTime(3_600_000)
    await other({})
    await vi.waitUntil(() => outcome() === 'lost')
  })

  it('fails a call whose result does not fit what its tool declares, and undoes it in a transaction', async () => {
    const agent = new Agent()
    const done: string[] = []
    const book = agent.tool({
      name: 'book',
      input: z.object({ seat: z.string() }),
      output: z.object({ seat: z.string() }),
      execute: ({ seat }) => {
        done.push(`booked ${seat}`)
        return { seat: seat === '13' ? 13 : seat }
      },
      compensation: ({ seat }) => void done.push(`freed ${seat}`),
    })
    expect(await book({ seat: '7' })).toEqual({ seat: '7' })
    const failed = agent.transaction(async () => book({ seat: '13' }))
    await expect(failed).rejects.toBeInstanceOf(ToolFailed)
    await expect(failed).rejects.toThrow('output-invalid')
    expect(done).toEqual(['booked 7', 'booked 13', 'freed 13'])
    expect(agent.summary()).toMatchObject({ succeeded: 2, failed: 1 })
  })

  it('trusts a session again once a tool that declassifies has run in it, and not when that is undone', async () => {
    const text = `
      @id("all") permit (principal, action, resource);
      @id("not-of-strangers") forbid (principal, action == Action::"pay_bill", resource) when { context.taint == "untrusted" };`
    const agent = new Agent({ policies: [{ text }] })
    const input = z.object({})
    const read = agent.tool({ name: 'read_page', input, execute: () => 'a page' })
    const bill = agent.tool({ name: 'pay_bill', input, outputLabel: 'none', execute: () => 'paid' })
    const review = agent.tool({ name: 'review', input, declassifies: true, execute: () => 'fine', compensation: () => null })
    const session = 's'
    await read({}, { session })
    await expect(bill({}, { session })).rejects.toBeInstanceOf(PolicyDenied)
    await review({}, { session })
    expect(await bill({}, { session })).toBe('paid')
    const undone = agent.transaction(async () => {
      await review({}, { session })
      await read({}, { session })
      throw new Error('stop')
    })
    await expect(undone).rejects.toThrow('stop')
    expect(agent.traces.at(-1)?.decision.call.tool.name).toBe('compensate.review')
    await expect(bill({}, { session })).rejects.toBeInstanceOf(PolicyDenied)
  })

  it('says what its tools are as an MCP server lists them', () => {
    const agent = new Agent()
    const input = z.object({ id: z.string() })
    agent.tool({ name: 'get_user', description: 'Finds a user', input, execute: () => null, compensation: () => null })
    expect(agent.mcpTools()).toMatchObject([
      { name: 'get_user', description: 'Finds a user', inputSchema: { type: 'object', properties: { id: { type: 'string' } } } },
    ])
  })

  it('says that a tool ran when nobody can be told what it returned', async () => {
    const agent = new Agent()
    const now = agent.tool({ name: 'now', input: z.object({}), execute: (): unknown => ({ at: new Date() }) })
    await expect(now({})).rejects.toThrow(
      /it ran, and what it returned is no JSON \(`\/at` is not a plain object\): .* dates as `toISOString\(\)`$/,
    )
  })

  it('says what is wrong with how it is set up', () => {
    expect(() => new Agent({ agentId: 'a b' })).toThrow('not an agent id')
    expect(() => new Agent({ url: 'http://127.0.0.1:1', policies: [] })).toThrow('server governs')
    expect(() => new Agent({ url: 'nope', apiKey: 'ag_x' })).toThrow('give the address of a server')
    expect(() => new Agent({ url: 'http://127.0.0.1:1' })).toThrow('`apiKey` is missing')
    expect(() => new Agent({ controls: [piiVault(), piiVault()] })).toThrow('one `piiVault`')
    expect(() => rateLimiter({ maxCalls: 0, window: '1m' })).toThrow('maxCalls')
    expect(() => rateLimiter({ maxCalls: 1, window: 'soon' as never })).toThrow("'5m'")
    expect(() => costTracker({})).toThrow('budget')
    expect(() => costTracker({ budget: -1 })).toThrow('US dollars')
    const agent = new Agent()
    echo(agent)
    expect(() => echo(agent)).toThrow('registered already')
    expect(() => agent.tool({ name: 'not a name', input: z.object({}), execute: () => 1 })).toThrow('tool name')
  })

  it('names the tool that nobody registered, to whoever asked for it', async () => {
    const agent = new Agent()
    await expect(agent.call('nothing', {})).rejects.toThrow('`nothing` was refused (unknown-tool)')
    expect(JSON.stringify(agent.traces)).not.toContain('nothing')
  })

  it('refuses everything when its server cannot tell', async () => {
    const server = createServer((request, response) => {
      response.writeHead(503, { 'content-type': 'application/problem+json' })
      request.resume().on('end', () => response.end())
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void server.close())
    const { port } = server.address() as AddressInfo
    const run = new Agent({ url: `http://127.0.0.1:${port}`, apiKey: 'ag_x' }).tool({
      name: 'run',
      input: z.object({}),
      execute: () => 'ran',
    })
    const refused = await run({}).catch((error: unknown) => error)
    expect(refused).toBeInstanceOf(Refused)
    expect(refused).toMatchObject({ code: 'unreachable', message: expect.stringContaining('try again') })
  })

  it('refuses everything when its server cannot be reached', async () => {
    const agent = new Agent({ url: 'http://127.0.0.1:9', apiKey: 'ag_x' })
    let ran = false
    const run = agent.tool({
      name: 'run',
      input: z.object({}),
      execute: () => {
        ran = true
      },
    })
    await expect(run({})).rejects.toBeInstanceOf(Refused)
    await expect(run({})).rejects.toMatchObject({ code: 'unreachable', message: expect.stringContaining('start the server') })
    expect(ran).toBe(false)
    expect(() => agent.approvals).toThrow('server')
  })
})
