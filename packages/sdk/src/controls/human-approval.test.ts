import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { z } from 'zod'
import { Agent, ApprovalDenied, ApprovalTimeout, humanApproval, type HumanApprovalOptions, piiVault, webhookSignature } from '../index.ts'

const secret = 'a secret that the receiver has as well'

/** A receiver on loopback that answers each request by what is next. */
async function receiver(
  answers: readonly { readonly status: number; readonly body?: string; readonly signed?: string; readonly to?: string }[],
) {
  const seen: { readonly headers: IncomingMessage['headers']; readonly body: string }[] = []
  const server = createServer((request, response) => {
    let body = ''
    request.setEncoding('utf8').on('data', (chunk: string) => (body += chunk))
    request.on('end', () => {
      const answer = answers[Math.min(seen.length, answers.length - 1)] ?? { status: 204 }
      seen.push({ headers: request.headers, body })
      response.statusCode = answer.status
      if (answer.to) response.setHeader('location', answer.to)
      const { approval } = JSON.parse(body) as { readonly approval: { readonly id: string } }
      const said = answer.body?.replace('THE-ID', approval.id)
      if (answer.signed) response.setHeader('agentgate-signature', webhookSignature(answer.signed, said ?? '', Date.now()))
      response.end(said)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  return { seen, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/approvals` }
}

function held(options: Partial<HumanApprovalOptions> = {}) {
  const ran: unknown[] = []
  const agent = new Agent({ controls: [piiVault(), humanApproval({ tools: ['delete_*'], ...options })] })
  const remove = agent.tool({
    name: 'delete_account',
    input: z.object({ mail: z.string() }),
    execute: (input) => {
      ran.push(input)
      return 'deleted'
    },
  })
  const call = remove({ mail: 'ada@example.com' }).catch((error: unknown) => error)
  const pending = () => vi.waitUntil(async () => (await agent.approvals.pending())[0])
  return { agent, ran, call, pending }
}

describe('humanApproval', () => {
  it('says who denied, and what they said, where it is thrown and nowhere else', async () => {
    const { agent, call, pending } = held()
    await agent.approvals.deny((await pending()).id, { by: 'User::bob', reason: 'ask John Smith first' })
    const denied = await call
    expect(denied).toBeInstanceOf(ApprovalDenied)
    expect(denied).toMatchObject({ deniedBy: 'User::bob', reason: { code: 'approval-denied', message: 'ask John Smith first' } })
    expect(denied instanceof ApprovalDenied && `${denied.reason}`).toBe('ask John Smith first')
    expect(JSON.stringify(agent.traces)).not.toContain('John Smith')
  })

  it('asks once about a tool whose schema changes its input, and runs it with what the person saw', async () => {
    const agent = new Agent({ controls: [humanApproval({ tools: ['*'] })] })
    const ran: unknown[] = []
    const input = z.object({ name: z.string().transform((name) => `${name}!`), count: z.string().transform(Number) })
    const run = agent.tool({ name: 'run', input, execute: (read) => void ran.push(read) })
    const call = run({ name: 'ada', count: '5' })
    const { id, call: seen } = await vi.waitUntil(async () => (await agent.approvals.pending())[0])
    expect(seen.input).toEqual({ name: 'ada!', count: 5 })
    await agent.approvals.approve(id, { by: 'User::bob' })
    await call
    expect(ran).toEqual([{ name: 'ada!', count: 5 }])
  })

  it('takes answers of its approvers only, each once, until all that it needs have said yes', async () => {
    const { agent, call, pending, ran } = held({ approvers: ['User::bob', 'User::eve'], quorum: 2 })
    const { id } = await pending()
    expect(await agent.approvals.approve(id, { by: 'User::mallory' })).toBe(false)
    expect(await agent.approvals.deny(id, { by: 'User::mallory' })).toBe(false)
    expect(await agent.approvals.approve(id, { by: 'User::bob' })).toBe(true)
    expect(await agent.approvals.approve(id, { by: 'User::bob' })).toBe(false)
    expect(ran).toEqual([])
    expect(await agent.approvals.approve(id, { by: 'User::eve' })).toBe(true)
    expect(await call).toBe('deleted')
    expect(() => humanApproval({ tools: ['*'], approvers: ['User::bob'], quorum: 2 })).toThrow('nothing could be approved')
  })

  it('tells the webhook of a held call, masked and signed, until it is told, and takes its signed answer', async () => {
    const yes = JSON.stringify({ id: 'THE-ID', approved: true, by: 'User::bob' })
    const { seen, url } = await receiver([{ status: 503 }, { status: 200, body: yes, signed: secret }])
    const { call, ran } = held({ webhook: url, webhookSecret: secret })
    expect(await call).toBe('deleted')
    expect(ran).toEqual([{ mail: '<EMAIL_1>' }])
    expect(seen).toHaveLength(2)
    for (const { headers, body } of seen) {
      const signature = String(headers['agentgate-signature'])
      expect(signature).toBe(webhookSignature(secret, body, Number(/t=(\d+)/.exec(signature)?.[1])))
      expect(JSON.parse(body)).toMatchObject({
        type: 'approval.requested',
        approval: { tool: 'delete_account', input: { mail: '<EMAIL_1>' }, quorum: 1 },
      })
      expect(body).not.toContain('ada@')
    }
    expect(new Set(seen.map(({ headers }) => headers['idempotency-key'])).size).toBe(1)
  })

  it.each([
    ['is not signed', { status: 200, body: JSON.stringify({ id: 'THE-ID', approved: true, by: 'User::bob' }) }],
    [
      'is signed with another secret',
      {
        status: 200,
        body: JSON.stringify({ id: 'THE-ID', approved: true, by: 'User::bob' }),
        signed: 'another secret of thirty-two characters',
      },
    ],
    [
      'is of nobody who may answer',
      { status: 200, body: JSON.stringify({ id: 'THE-ID', approved: true, by: 'User::mallory' }), signed: secret },
    ],
    ['is no answer', { status: 200, body: '{"id":"THE-ID","approved":"yes","by":"User::bob"}', signed: secret }],
    ['was signed for another call', { status: 200, body: '{"id":"another","approved":true,"by":"User::bob"}', signed: secret }],
    ['was signed for no call', { status: 200, body: '{"approved":true,"by":"User::bob"}', signed: secret }],
  ])('runs nothing on an answer that %s', async (_, answer) => {
    const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined)
    onTestFinished(() => warned.mockRestore())
    const { seen, url } = await receiver([answer, { status: 204 }])
    const { call, ran } = held({ webhook: url, webhookSecret: secret, timeout: 900, approvers: ['User::bob'] })
    expect(await call).toBeInstanceOf(ApprovalTimeout)
    expect(seen.length).toBeGreaterThan(0)
    expect(ran).toEqual([])
  })

  it('follows no redirect, and sends nothing to what is neither https nor this machine', async () => {
    const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined)
    onTestFinished(() => warned.mockRestore())
    const elsewhere = await receiver([{ status: 204 }])
    const { url } = await receiver([{ status: 307, to: elsewhere.url }])
    const { call } = held({ webhook: url, webhookSecret: secret, timeout: 500 })
    expect(await call).toBeInstanceOf(ApprovalTimeout)
    expect(elsewhere.seen).toEqual([])
    for (const webhook of [
      'http://example.com/x',
      'ftp://127.0.0.1/x',
      'https://user:pass@example.com/',
      'nowhere',
      'http://127.0.0.1.example.com/',
    ]) {
      expect(() => humanApproval({ tools: ['*'], webhook, webhookSecret: secret }), webhook).toThrow('https address')
    }
    expect(() => humanApproval({ tools: ['*'], webhook: 'https://example.com/' })).toThrow('32 characters')
  })
})
