import { execFileSync } from 'node:child_process'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import { webhookSignature } from 'agentgate'
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest'
import { eventually, startTestServer, type TestServer, type TestUser } from '../packages/server/src/test-server.ts'
import { accounts, people } from './approval.ts'

describe('an approval in process', () => {
  const asked = (agent: ReturnType<typeof accounts>['agent']) => vi.waitUntil(async () => (await agent.approvals.pending())[0])

  it('runs the call that was approved, and says who denied and why', async () => {
    const { agent, remove } = accounts(people('5m'))
    const approved = remove('usr_12345')
    await agent.approvals.approve((await asked(agent)).id, { by: 'User::bob' })
    expect(await approved).toBe('deleted usr_12345')
    const denied = remove('usr_67890')
    await agent.approvals.deny((await asked(agent)).id, { by: 'User::bob', reason: 'still has an invoice' })
    expect(await denied).toBe('denied by User::bob: still has an invoice')
  })

  it.each([
    ['y', 'deleted usr_12345'],
    ['n', 'denied by User::you: you said no'],
  ])('asks on the terminal, by one command: %s', (input, said) => {
    const printed = execFileSync(process.execPath, ['examples/approval.ts'], { input: `${input}\n`, encoding: 'utf8' })
    expect(printed).toContain('May delete_account run with {"userId":"usr_12345"}? (y/n)')
    expect(printed.trim().split('\n').at(-1)).toContain(said)
  })

  it('gives up when nobody answers in time', async () => {
    expect(await accounts(people('1s')).remove('usr_12345')).toBe('timed out')
  })

  it('is decided by a webhook that signs its answer', async () => {
    const webhookSecret = 'a secret that the receiver has as well'
    const hook = createServer((request, response) => {
      void json(request).then((asked) => {
        const { approval } = asked as { readonly approval: { readonly id: string } }
        const body = JSON.stringify({ id: approval.id, approved: true, by: 'User::eve' })
        response.setHeader('agentgate-signature', webhookSignature(webhookSecret, body, Date.now())).end(body)
      })
    })
    await new Promise<void>((resolve) => hook.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void hook.close())
    const webhook = `http://127.0.0.1:${(hook.address() as AddressInfo).port}/approvals`
    expect(await accounts(people('5m', { webhook, webhookSecret })).remove('usr_12345')).toBe('deleted usr_12345')
  })
})

describe('an approval on a server', () => {
  let server: TestServer
  let admin: TestUser
  let approver: TestUser
  beforeAll(async () => {
    server = await startTestServer()
    admin = await server.signIn('requester')
    approver = await server.signIn('approver')
    const input = { type: 'object', properties: { userId: { type: 'string' } }, required: ['userId'], additionalProperties: false }
    await admin.client.tools.put({ params: { name: 'delete_account' }, query: {}, body: { effect: 'delete', input } })
  })
  afterAll(() => server.stop())

  it.each([
    [true, 'deleted usr_12345'],
    [false, 'denied by User::'],
  ])('ends as a person decides there: %s', async (approved, said) => {
    const { token } = await server.agentOf(`approval-${approved}`)
    const running = accounts({ url: server.url, apiKey: token }).remove('usr_12345')
    const { id } = await eventually(async () => (await approver.client.approvals.pending()).items.find(({ state }) => state === 'pending'))
    await approver.client.approvals.decide({ params: { id }, body: { approved, reason: 'as I said' } })
    expect(await running).toContain(said)
    if (!approved) expect(await running).toMatch(/: as I said$/)
  })

  it('outlives the agent: who asks the same again after a restart goes on where people were asked', async () => {
    const { token, client } = await server.agentOf('restarted')
    const pending = async () => (await approver.client.approvals.pending()).items.filter(({ state }) => state === 'pending')
    const ask = (userId: string) => client.calls.decide({ body: { action: 'delete_account', input: { userId } } })
    const [first, second] = [await ask('usr_1'), await ask('usr_2')]
    await approver.client.approvals.decide({ params: { id: first.approval_id ?? '' }, body: { approved: true } })
    const { remove } = accounts({ url: server.url, apiKey: token })
    const again = remove('usr_2')
    expect(await remove('usr_1')).toBe('deleted usr_1')
    expect((await pending()).map(({ id }) => id)).toEqual([second.approval_id])
    await approver.client.approvals.decide({ params: { id: second.approval_id ?? '' }, body: { approved: true } })
    expect(await again).toBe('deleted usr_2')
    const once = remove('usr_1')
    const [asked] = await eventually(async () => ((await pending()).length > 0 ? pending() : undefined))
    expect(asked?.id).not.toBe(first.approval_id)
    await approver.client.approvals.decide({ params: { id: asked?.id ?? '' }, body: { approved: false, reason: 'once' } })
    expect(await once).toMatch(/^denied by .*: once$/)
  })
})
