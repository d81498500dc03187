import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestServer, type TestServer, type TestUser } from './test-server.ts'

let server: TestServer
let agent: TestUser
let approver: TestUser
beforeAll(async () => {
  server = await startTestServer()
  approver = await server.signIn('approver')
  agent = await server.agentOf('asker')
  const { client } = await server.signIn('requester')
  const input = { type: 'object', properties: { id: { type: 'string' } } }
  for (const name of ['wipe', 'drop']) await client.tools.put({ params: { name }, query: {}, body: { input, effect: 'delete' } })
})
afterAll(() => server.stop())

interface Asked {
  readonly action?: string
  readonly id?: string
  readonly session_id?: string
  readonly labels?: ('user' | 'untrusted')[]
  readonly resumes?: string[]
}
const decide = async (user: TestUser, { action = 'wipe', id = 'jane@canary.example', ...more }: Asked = {}) =>
  user.client.calls.decide({ body: { action, input: { id }, ...more } })

describe('a call that may be one that is held', () => {
  it('is that one when it asks for the same, and goes on with its answer, once', async () => {
    const held = await decide(agent)
    expect(held.verdict).toBe('hold')
    expect(await decide(agent, { resumes: ['nothing', held.id] })).toMatchObject({
      id: held.id,
      verdict: 'hold',
      approval_id: held.approval_id,
    })
    await approver.client.approvals.decide({ params: { id: held.approval_id ?? '' }, body: { approved: true } })
    expect(await decide(agent, { resumes: [held.id] })).toMatchObject({ id: held.id, verdict: 'allow' })
    const again = await decide(agent, { resumes: [held.id] })
    expect(again).toMatchObject({ verdict: 'hold' })
    expect(again.id).not.toBe(held.id)
  })

  it('of two that ask at once, one goes on with it', async () => {
    const held = await decide(agent, { id: 'twice' })
    await approver.client.approvals.decide({ params: { id: held.approval_id ?? '' }, body: { approved: true } })
    const both = await Promise.all([0, 1].map(() => decide(agent, { id: 'twice', resumes: [held.id] })))
    expect(both.map(({ verdict }) => verdict).toSorted()).toEqual(['allow', 'hold'])
  })

  it.each([
    ['another input', { id: 'other' }],
    ['another tool', { action: 'drop' }],
    ['a session', { session_id: 'some' }],
    ['content that is trusted less', { labels: ['untrusted' as const] }],
  ])('is another with %s', async (_, more) => {
    const held = await decide(agent)
    await approver.client.approvals.decide({ params: { id: held.approval_id ?? '' }, body: { approved: true } })
    const other = await decide(agent, { ...more, resumes: [held.id] })
    expect(other.id).not.toBe(held.id)
    expect(other.verdict).not.toBe('allow')
  })

  it('is another for another agent, who learns nothing of it', async () => {
    const held = await decide(agent)
    await approver.client.approvals.decide({ params: { id: held.approval_id ?? '' }, body: { approved: true } })
    const thief = await server.agentOf('thief')
    const other = await decide(thief, { resumes: [held.id] })
    expect([other.verdict, other.id === held.id]).toEqual(['hold', false])
    expect(await decide(agent, { resumes: [held.id] })).toMatchObject({ id: held.id, verdict: 'allow' })
  })
})
