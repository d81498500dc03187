import { readEvents } from '@agentgate/api'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestServer, type TestServer, type TestUser } from './test-server.ts'

let server: TestServer
let user: TestUser
beforeAll(async () => {
  server = await startTestServer()
  user = await server.signIn('requester')
})
afterAll(() => server.stop())

const say = (text: string) => user.client.playground.chat({ body: { session_id: 'streams', text } })

/** The first `count` events, read while `meanwhile` makes them happen. */
async function take<T>(count: number, stream: AsyncGenerator<T>, meanwhile: () => Promise<unknown>): Promise<T[]> {
  const found: T[] = []
  let done = false
  const reading = (async () => {
    for await (const event of stream) if (found.push(event) === count) break
    done = true
  })()
  await server.until(() => done || server.listeners() > 0)
  await meanwhile()
  await reading
  return found
}

describe('the live tail', () => {
  it('tells what was decided and settled, as it happens', async () => {
    const said = { id: '' }
    const events = await take(2, user.client.traces.stream(), async () => (said.id = (await say('hello')).trace_id))
    expect(events.map(({ data }) => [data.type, data.trace?.id, data.trace?.status])).toEqual([
      ['decided', said.id, 'running'],
      ['settled', said.id, 'succeeded'],
    ])
  })

  it('resumes behind the last event that was read, missing none', async () => {
    const [first] = await take(1, user.client.traces.stream(), () => say('one'))
    const missed = await say('two')
    const resumed = await take(3, user.client.traces.stream({ after: first?.id ?? '' }), async () => undefined)
    expect(resumed.map(({ data }) => data.type)).toEqual(['settled', 'decided', 'settled'])
    expect(resumed[2]?.data.trace?.id).toBe(missed.trace_id)
  })

  it('tells whoever comes back from another server to ask for the list again', async () => {
    const [event] = await take(1, user.client.traces.stream({ after: '000000000000-7' }), async () => undefined)
    expect(event?.data).toEqual({ type: 'reset' })
  })

  it('holds no raw personal data', async () => {
    const events = await take(2, user.client.traces.stream(), () => say('My SSN is 123-45-6789'))
    expect(JSON.stringify(events)).not.toContain('123-45-6789')
  })

  it('tells an agent of its own calls only', async () => {
    const agent = await server.agentOf('listener')
    const events = await take(1, agent.client.traces.stream(), async () => {
      await say('not yours')
      await agent.client.calls.decide({ body: { action: 'chat', input: { text: 'mine' } } })
    })
    expect(events[0]?.data.trace?.principal).toBe((await agent.client.principals.me()).id)
  })

  it('is open twenty times at most for one person, API keys included, and for others all the same', async () => {
    const agent = await server.agentOf('many')
    const leave = new AbortController()
    const open = (by: TestUser) => by.fetch('/api/traces/stream', { signal: leave.signal })
    await server.until(() => server.listeners() === 0)
    for (let count = 0; count < 10; count++) for (const by of [user, agent]) expect((await open(by)).status).toBe(200)
    const logged = server.log().length
    for (const by of [user, agent]) {
      const refused = await open(by)
      expect(refused.status).toBe(429)
      expect(await refused.json()).toMatchObject({ type: 'too-many-streams' })
    }
    expect(server.log().slice(logged)).not.toContain('cause')
    expect((await open(await server.signIn('approver'))).status).toBe(200)
    leave.abort()
    await server.until(() => server.listeners() === 0)
  })

  it('is not for whoever is not signed in', async () => {
    expect((await fetch(`${server.url}/api/traces/stream`)).status).toBe(401)
  })
})

describe('the approvals stream', () => {
  it('tells approvers what is asked and answered', async () => {
    const approver = await server.signIn('approver')
    const events = await take(2, approver.client.approvals.stream(), async () => {
      const held = await say('Please delete user 17').catch((error: { body: { approval_id: string } }) => error.body)
      await approver.client.approvals.decide({ params: { id: String(held.approval_id) }, body: { approved: false } })
    })
    expect(events.map(({ data }) => [data.type, data.approval?.state, data.approval?.own])).toEqual([
      ['asked', 'pending', false],
      ['answered', 'denied', false],
    ])
  })
})

describe('a chat as a stream', () => {
  const chat = async (text: string) => {
    const response = await user.fetch('/api/playground/chat', {
      method: 'POST',
      body: JSON.stringify({ session_id: 'sse', text }),
      headers: { accept: 'text/event-stream' },
    })
    if (!response.body) throw new Error('no body')
    return (await Array.fromAsync(readEvents(response.body))).map(({ event, data }) => [event, JSON.parse(data)] as const)
  }

  it('carries the same bodies as events: answer, held, refused', async () => {
    expect(await chat('hello')).toMatchObject([['answer', { verdict: 'allow', answer: 'I received: hello' }]])
    expect(await chat('Please delete user 17')).toMatchObject([['held', { status: 202, verdict: 'hold' }]])
    expect(await chat('rm -rf / --no-preserve-root')).toMatchObject([
      ['refused', { status: 403, type: 'threat-found', reason: { kind: 'shell_injection' } }],
    ])
  })
})
