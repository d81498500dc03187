import { Problem, type ProblemBody } from '@agentgate/api'
import { parseTrust, verifyBundle } from '@agentgate/core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { eventually, startTestServer, type TestServer, type TestUser } from './test-server.ts'

let server: TestServer
let requester: TestUser
let approver: TestUser
beforeAll(async () => {
  server = await startTestServer()
  requester = await server.signIn('requester')
  approver = await server.signIn('approver')
})
afterAll(() => server.stop())

let sessions = 0
const newSession = () => `main-job-${sessions++}`

async function say(text: string, session_id = newSession(), by = requester) {
  return by.client.playground.chat({ body: { session_id, text } })
}

async function refusedFor(text: string, session_id = newSession()): Promise<ProblemBody> {
  const said = await say(text, session_id).catch((error: unknown) => error)
  if (!(said instanceof Problem)) throw new Error(`\`${text}\` was not refused`)
  return said.body
}

/** Every call leaves a trace, a certificate that verifies offline against the server's published key, and an outcome. */
async function leavesEvidence(decision: string, verdict: string, status: string) {
  const { client } = requester
  const keys = await (await fetch(`${server.url}/.well-known/agentgate-keys.json`)).text()
  const file = await requester.fetch(`/api/certificates/${decision}/bundle`)
  expect(file.headers.get('content-type')).toContain('application/vnd.agentgate.bundle+json')
  const verified = await verifyBundle(await file.text(), await parseTrust(keys))
  expect(verified.checks.filter(({ ok }) => !ok)).toEqual([])
  expect(verified.certificate).toMatchObject({ decision_id: decision, verdict })
  expect(verified.outcome?.status).toBe(status)
  const { trace } = await client.traces.get({ params: { id: decision } })
  expect(trace).toMatchObject({ verdict, status })
}

/** Nothing that the server shows of a call, save to its own person, holds the raw value. */
async function holdsNoRaw(trace: string, raw: string) {
  const detail = await requester.client.traces.get({ params: { id: trace } })
  expect(JSON.stringify(detail)).not.toContain(raw)
  expect(server.log()).not.toContain(raw)
  return detail
}

describe('the main job over REST', () => {
  it('gives the model a token for a social security number, and the person the number back', async () => {
    const said = await say('My SSN is 123-45-6789')
    expect(said.sent).toBe('My SSN is <SSN_1>')
    expect(said.answer).toBe('I received: My SSN is 123-45-6789')
    expect(said.verdict).toBe('allow')
    const detail = await holdsNoRaw(said.trace_id, '123-45-6789')
    expect(JSON.stringify(detail)).toContain('<SSN_1>')
    const { items } = await requester.client.evidence.audit({ query: { type: 'pii.masked' } })
    const { id } = await requester.client.principals.me()
    expect(items[0]).toMatchObject({ by: id, details: { kinds: 'SSN:1', count: 1 } })
    await leavesEvidence(said.certificate_id, 'allow', 'succeeded')
  })

  it('keeps a mail address behind the same token throughout a session', async () => {
    const session = newSession()
    expect(await say('Email: ceo@company.com', session)).toMatchObject({
      sent: 'Email: <EMAIL_1>',
      answer: 'I received: Email: ceo@company.com',
    })
    const again = await say('Write to other@company.com and to ceo@company.com', session)
    expect(again.sent).toBe('Write to <EMAIL_2> and to <EMAIL_1>')
    expect(again.answer).toContain('ceo@company.com')
    await holdsNoRaw(again.trace_id, 'ceo@company.com')
    await leavesEvidence(again.certificate_id, 'allow', 'succeeded')
  })

  it('tokenises a card number only where its checksum holds', async () => {
    const said = await say('Card: 4111-1111-1111-1111')
    expect(said.sent).toBe('Card: <CREDIT_CARD_1>')
    expect(said.answer).toBe('I received: Card: 4111-1111-1111-1111')
    expect((await say('Card: 4111-1111-1111-1112')).sent).not.toContain('CREDIT_CARD')
    await leavesEvidence(said.certificate_id, 'allow', 'succeeded')
  })

  it.each([
    ["'; DROP TABLE users; --", 'sql_injection'],
    ['rm -rf / --no-preserve-root', 'shell_injection'],
    ['<script>alert(document.cookie)</script>', 'xss'],
  ])('refuses %s before the model sees it', async (text, kind) => {
    const session = newSession()
    const problem = await refusedFor(text, session)
    expect(problem).toMatchObject({ type: 'threat-found', status: 403, verdict: 'deny', reason: { code: 'threat-found', kind } })
    expect(problem).not.toHaveProperty('sent')
    expect(problem.findings?.map(({ control }) => control)).toContain('threat')
    const { trace } = await requester.client.traces.get({ params: { id: problem.trace_id ?? '' } })
    expect(trace).toMatchObject({ verdict: 'deny', status: 'refused', reason: { code: 'threat-found', kind } })
    await leavesEvidence(problem.certificate_id ?? '', 'deny', 'refused')
  })

  it('lets an innocent sentence pass untouched', async () => {
    const text = 'Please select a table by the window and drop me a line; our union meets at 5 # room 12 | bring type O -- thanks'
    const said = await say(text)
    expect(said).toMatchObject({ verdict: 'allow', sent: text, answer: `I received: ${text}` })
    await leavesEvidence(said.certificate_id, 'allow', 'succeeded')
  })
})

describe('a tool that deletes', () => {
  const text = 'Delete user John Smith, SSN 123-45-6789, and export account history'
  const executed = async () => (await requester.client.evidence.audit({ query: { type: 'tool.executed', limit: 200 } })).items.length

  it('waits for another person, then runs once, and the chat goes on', async () => {
    const session = newSession()
    const before = await executed()
    const held = await refusedFor(text, session)
    expect(held).toMatchObject({ status: 202, verdict: 'hold', type: 'obligation-open' })
    expect(held.sent).toContain('<SSN_1>')
    expect(held.sent).toContain('<PERSON_1>')
    expect(held.sent).not.toContain('123-45-6789')
    expect(held.sent).not.toContain('John Smith')
    const id = held.approval_id ?? ''

    const own = await requester.client.approvals.decide({ params: { id }, body: { approved: true } }).catch((error: unknown) => error)
    expect(own).toMatchObject({ status: 403, code: 'own-request' })

    const { items } = await approver.client.approvals.pending()
    const asked = items.find((each) => each.id === id)
    expect(asked).toMatchObject({ state: 'pending', own: false, call: { tool: { name: 'delete_user' } } })
    expect(JSON.stringify(asked)).toContain('<SSN_1>')
    expect(JSON.stringify(asked)).not.toContain('123-45-6789')
    expect(JSON.stringify(asked)).not.toContain('John Smith')

    const decided = await Promise.allSettled(
      [1, 2].map(() => approver.client.approvals.decide({ params: { id }, body: { approved: true, reason: 'checked' } })),
    )
    expect(decided.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
    expect(decided.find(({ status }) => status === 'rejected')).toMatchObject({ reason: { status: 409, code: 'already-decided' } })

    const messages = await eventually(async () => {
      const { messages } = await requester.client.playground.session({ params: { id: session } })
      return messages.some(({ role, answer }) => role === 'continuation' && answer) ? messages : undefined
    })
    expect(messages.map(({ role, status }) => [role, status])).toEqual([
      ['user', 'succeeded'],
      ['tool', 'succeeded'],
      ['continuation', 'succeeded'],
    ])
    expect(messages[0]?.text).toBe(text)
    expect(messages[2]?.answer).toContain('deleted')
    expect(await executed()).toBe(before + 1)
    const { trace, decisions } = await requester.client.traces.get({ params: { id: held.trace_id ?? '' } })
    expect(decisions.map(({ verdict }) => verdict)).toEqual(['hold', 'allow'])
    await leavesEvidence(trace.certificate_id, 'allow', 'succeeded')
  })

  it('never runs when it was denied, and the chat says so', async () => {
    const session = newSession()
    const before = await executed()
    const held = await refusedFor(text, session)
    await approver.client.approvals.decide({ params: { id: held.approval_id ?? '' }, body: { approved: false, reason: 'no' } })
    const messages = await eventually(async () => {
      const { messages } = await requester.client.playground.session({ params: { id: session } })
      return messages.some(({ role, answer }) => role === 'continuation' && answer) ? messages : undefined
    })
    expect(messages.find(({ role }) => role === 'tool')).toMatchObject({
      verdict: 'deny',
      status: 'refused',
      reason: { code: 'approval-denied' },
    })
    expect(messages.at(-1)?.answer).toContain('did not run')
    expect(await executed()).toBe(before)
    const { trace } = await requester.client.traces.get({ params: { id: held.trace_id ?? '' } })
    await leavesEvidence(trace.certificate_id, 'deny', 'refused')
  })
})

describe('many messages', () => {
  it('passes twenty in a minute, refuses the next with an exact time, and passes again then', async () => {
    const own = await startTestServer({ still: true })
    try {
      const { client, fetch } = await own.signIn('requester')
      const chat = (n: number) => client.playground.chat({ body: { session_id: 'many', text: `message ${n}` } })
      for (let n = 1; n <= 20; n++) expect((await chat(n)).verdict).toBe('allow')
      const response = await fetch('/api/playground/chat', {
        method: 'POST',
        body: JSON.stringify({ session_id: 'many', text: 'message 21' }),
      })
      const problem = (await response.json()) as ProblemBody
      expect(response.status).toBe(429)
      expect(problem).toMatchObject({ type: 'rate-exceeded', verdict: 'deny' })
      const wait = problem.reason?.retry_after_ms ?? 0
      expect(response.headers.get('retry-after')).toBe(String(Math.ceil(wait / 1000)))
      own.pass(wait - 1)
      await expect(chat(22)).rejects.toMatchObject({ code: 'rate-exceeded' })
      own.pass(1)
      expect((await chat(23)).verdict).toBe('allow')
    } finally {
      await own.stop()
    }
  })
})
