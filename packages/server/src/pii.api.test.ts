import { isErasureOf, parseTrust, readAudit, type TenantId, verifyErasure } from '@agentgate/core'
import Sqlite from 'better-sqlite3'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestServer, type TestServer, type TestUser } from './test-server.ts'

const tenant = 'default' as TenantId
let server: TestServer
let user: TestUser
beforeAll(async () => {
  server = await startTestServer()
  user = await server.signIn('requester')
})
afterAll(() => server.stop())

const post = async (path: string, body: object) => user.fetch(path, { method: 'POST', body: JSON.stringify(body) })
const stepUp = async () => user.client.principals.stepUp({ body: { password: server.credentials.requester.password } })
const refused = async (work: Promise<unknown>) => work.catch((error: unknown) => error)
const opened = async (more: object = {}) => (await user.client.pii.createSession({ body: { purpose: 'support', ...more } })).session_id

async function events(type: string) {
  const { size } = await server.server.house.ledger.head(tenant)
  const entries = await server.server.house.ledger.read(tenant, Math.max(0, size - 1000), size)
  return entries.flatMap((entry) => readAudit(entry) ?? []).filter(({ event }) => event === type)
}

describe('personal data over REST', () => {
  it('is redacted and restored in a session, with an audit event that names user, purpose, kinds and counts', async () => {
    const session_id = await opened()
    const redacted = await user.client.pii.redact({ body: { session_id, text: 'SSN 123-45-6789, and again 123-45-6789' } })
    expect(redacted.redacted_text).toBe('SSN <SSN_1>, and again <SSN_1>')
    expect(redacted.mappings).toMatchObject([
      { token: '<SSN_1>', kind: 'SSN', start: 4, end: 15 },
      { token: '<SSN_1>', kind: 'SSN', start: 27, end: 38 },
    ])
    const restored = await post('/api/pii/restore', { session_id, text: redacted.redacted_text, purpose: 'support' })
    expect(await restored.json()).toMatchObject({ restored_text: 'SSN 123-45-6789, and again 123-45-6789', restorations: 2 })
    for (const text of ['&lt;SSN_1&gt;', '< ssn_1 >', String.raw`\u003cSSN_1\u003e`]) {
      const mangled = await post('/api/pii/restore', { session_id, text, purpose: 'support' })
      expect(await mangled.json()).toMatchObject({ restored_text: '123-45-6789', restorations: 1 })
    }
    const [first] = (await events('pii.restored')).filter(({ facts }) => JSON.stringify(facts['session']).includes(session_id))
    expect(first?.facts).toMatchObject({
      purpose: { value: 'support' },
      kinds: { value: 'SSN:2' },
      count: { value: 2 },
      integrity: { value: 'ok' },
    })
    expect(JSON.stringify(await user.client.evidence.audit({ query: {} }))).not.toContain('123-45-6789')
  })

  it('is on record when a call gives it back to whoever made it, and when a conversation is read again', async () => {
    const session_id = 'seen-again'
    const seen = async () => (await events('pii.restored')).filter(({ facts }) => JSON.stringify(facts['session']).includes(session_id))
    const input = { type: 'object', properties: { text: { type: 'string' } } }
    await user.client.tools.put({ params: { name: 'a_model' }, query: {}, body: { input, effect: 'execute' } })
    const settled = async (output: string) => {
      const text = 'SSN 123-45-6789'
      const { id } = await user.client.calls.decide({ body: { action: 'a_model', input: { text }, session_id } })
      return user.client.calls.outcome({ params: { id }, body: { status: 'succeeded', output } })
    }
    expect(await settled('it is <SSN_1>, and <SSN_1>')).toMatchObject({ output: 'it is 123-45-6789, and 123-45-6789' })
    expect(await seen()).toMatchObject([
      {
        principal: (await user.client.principals.me()).id,
        facts: { purpose: { value: 'call a_model' }, kinds: { value: 'SSN:2' }, count: { value: 2 }, integrity: { value: 'ok' } },
      },
    ])
    await settled('nothing to tell')
    expect(await settled('<SSN_7>')).toMatchObject({ status: 'withheld' })
    expect(await seen()).toHaveLength(1)

    const chat = { session_id: 'read-again', text: 'My SSN is 123-45-6789' }
    const said = await user.client.playground.chat({ body: chat })
    expect(said.answer).toContain('123-45-6789')
    const read = async () => (await events('pii.restored')).filter(({ facts }) => JSON.stringify(facts['session']).includes('read-again'))
    expect(await read()).toMatchObject([{ facts: { purpose: { value: 'call chat' }, kinds: { value: 'SSN:1' } } }])
    const { messages } = await user.client.playground.session({ params: { id: 'read-again' } })
    expect(messages[0]).toMatchObject({ text: chat.text, answer: said.answer })
    expect((await read()).at(-1)).toMatchObject({ facts: { kinds: { value: 'SSN:2' } } })
    expect(await read()).toHaveLength(2)
  })

  it('never gets into the audit chain by a session id or a purpose', async () => {
    const purpose = 'for canary@canary.example, 338-54-9876'
    expect((await post('/api/pii/sessions', { purpose })).status).toBe(422)
    expect((await post('/api/pii/sessions', { purpose: 'p', channel: 'canary@canary.example' })).status).toBe(422)
    expect((await post('/api/pii/restore', { session_id: 's', text: 'x', purpose })).status).toBe(422)
    for (const session_id of ['canary@canary.example', '339-54-9876', 'a b']) {
      expect((await post('/api/pii/redact', { session_id, text: 'x' })).status).toBe(422)
      expect((await post('/api/pii/restore', { session_id, text: 'x', purpose: 'p' })).status).toBe(422)
      expect((await post('/api/pii/reveal', { session_id, token: '<SSN_1>', purpose: 'p' })).status).toBe(422)
      expect((await user.fetch(`/api/pii/sessions/${encodeURIComponent(session_id)}`, { method: 'DELETE' })).status).toBe(422)
    }
    expect(JSON.stringify(await user.client.evidence.audit({ query: {} }))).not.toMatch(/canary|339-54/)
  })

  it('is revealed to who has stepped up, audited, and never the whole input of a call', async () => {
    const session_id = await opened()
    await user.client.pii.redact({ body: { session_id, text: '{"card":4111111111111111}' } })
    const token = '<CREDIT_CARD_1>'
    const body = { session_id, token, purpose: 'a dispute' }
    expect(await refused(user.client.pii.reveal({ body }))).toMatchObject({ status: 403, code: 'step-up-required' })
    await stepUp()
    expect(await user.client.pii.reveal({ body })).toEqual({ value: '4111111111111111', kind: 'CREDIT_CARD' })
    for (const other of ['<INPUT_1>', '<SSN_1>', 'x']) expect((await post('/api/pii/reveal', { ...body, token: other })).status).toBe(404)
    const [before, shown] = await events('pii.revealed')
    expect(before?.facts).toMatchObject({ kinds: { value: '' }, integrity: { value: 'step-up-required' } })
    expect(shown?.facts).toMatchObject({ purpose: { value: 'a dispute' }, kinds: { value: 'CREDIT_CARD:1' } })
  })

  it("of somebody else's session is for a person who has stepped up, never for a key, and each try is on record", async () => {
    await stepUp()
    const session_id = await opened({ profile: 'authorized_viewers' })
    await user.client.pii.redact({ body: { session_id, text: 'SSN 219-09-9999' } })
    const me = (await user.client.principals.me()).id
    const { key } = await user.client.principals.createApiKey({ body: { name: 'viewer', roles: ['admin'] } })
    const ask = (path: string, body: object) =>
      fetch(`${server.url}${path}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
        body: JSON.stringify({ session_id, purpose: 'a look', principal: me, ...body }),
      })
    for (const [path, body, type] of [
      ['/api/pii/reveal', { token: '<SSN_1>' }, 'pii.revealed'],
      ['/api/pii/restore', { text: '<SSN_1>' }, 'pii.restored'],
    ] as const) {
      const answer = await ask(path, body)
      expect([path, answer.status]).toEqual([path, 403])
      expect(await answer.text()).not.toContain('219-09')
      expect((await events(type)).at(-1)?.facts).toMatchObject({ integrity: { value: 'step-up-required' }, session: { value: session_id } })
    }
    const other = await server.userWith('security_admin')
    const body = { session_id, token: '<SSN_1>', purpose: 'an inquiry', principal: me }
    expect(await refused(other.client.pii.reveal({ body }))).toMatchObject({ status: 403, code: 'step-up-required' })
  })

  it('keeps nothing more in a session that was opened and is over: its terms and its subject went with it', async () => {
    const session_id = await opened({ profile: 'strict_tokenized', subject: 'person-b' })
    await user.client.pii.redact({ body: { session_id, text: 'b.secret@example.org' } })
    await user.client.pii.forget({ params: { id: session_id } })
    const again = () => user.client.pii.redact({ body: { session_id, text: 'b2.secret@example.org' } })
    expect(await refused(again())).toMatchObject({ status: 410, code: 'session-ended' })
    expect((await post('/api/pii/restore', { session_id, purpose: 'p', text: '<EMAIL_2>' })).status).toBe(409)
    const input = { type: 'object', properties: { text: { type: 'string' } } }
    await user.client.tools.put({ params: { name: 'after_the_end' }, query: {}, body: { input, effect: 'read' } })
    const decided = await user.client.calls.decide({
      body: { action: 'after_the_end', input: { text: 'b3.secret@example.org' }, session_id },
    })
    expect([decided.verdict, JSON.stringify(decided).includes('b3.secret')]).toEqual(['deny', false])
  })

  it('lives in sessions that are listed with their terms, one page after the other, and end when they say', async () => {
    const agent = await server.agentOf('lister')
    const soon = new Date(Date.now() + 3_600_000).toISOString()
    for (let n = 0; n < 3; n++)
      await agent.client.pii.createSession({
        body: { purpose: `job ${n}`, channel: 'mail', expires_at: soon, subject: 'jane@example.com' },
      })
    const first = await agent.client.pii.sessions({ query: { limit: 2 } })
    expect(first.items.map(({ purpose }) => purpose)).toEqual(['job 2', 'job 1'])
    expect(first.items[0]).toMatchObject({ channel: 'mail', expires_at: soon, subject: true, profile: 'trusted_restore', kinds: {} })
    const rest = await agent.client.pii.sessions({ query: { limit: 2, cursor: String(first.next_cursor) } })
    expect(rest.items.map(({ purpose }) => purpose)).toEqual(['job 0'])
    expect(await refused(agent.client.pii.sessions({ query: { all: 'true' } }))).toMatchObject({ status: 403 })
    const all = await user.client.pii.sessions({ query: { all: 'true', limit: 200 } })
    expect(all.items.map(({ purpose }) => purpose)).toEqual(expect.arrayContaining(['job 0', 'support']))
    expect(JSON.stringify(all)).not.toContain('jane')
    const past = { purpose: 'p', expires_at: new Date(Date.now() - 1).toISOString() }
    expect(await refused(user.client.pii.createSession({ body: past }))).toMatchObject({ status: 422 })
  })

  it('is restored only for those whom the profile of the session lets', async () => {
    await stepUp()
    const agent = await server.agentOf('profiled')
    const { id: principal } = await agent.client.principals.me()
    const restoredBy = async (who: TestUser, session_id: string, of?: string) =>
      refused(who.client.pii.restore({ body: { session_id, text: '<EMAIL_1>', purpose: 'p', ...(of !== undefined && { principal: of }) } }))
    const made = async (profile: 'strict_tokenized' | 'trusted_restore' | 'authorized_viewers') => {
      const { session_id } = await agent.client.pii.createSession({ body: { purpose: 'p', profile } })
      await agent.client.pii.redact({ body: { session_id, text: 'to jane@example.com' } })
      return session_id
    }
    const [strict, trusted, viewed] = [await made('strict_tokenized'), await made('trusted_restore'), await made('authorized_viewers')]
    const seen = { restored_text: 'jane@example.com', restorations: 1 }
    const forbidden = { status: 403, code: 'profile-forbids' }
    expect(await restoredBy(agent, strict)).toMatchObject(forbidden)
    expect(await restoredBy(user, strict, principal)).toMatchObject(forbidden)
    expect(await restoredBy(agent, trusted)).toEqual(seen)
    expect(await restoredBy(user, trusted, principal)).toMatchObject(forbidden)
    expect(await restoredBy(agent, viewed)).toEqual(seen)
    expect(await restoredBy(user, viewed, principal)).toEqual(seen)
    expect(await restoredBy(user, viewed)).toMatchObject({ status: 409, code: 'unknown-token' })
    const stranger = await server.agentOf('stranger')
    expect(await restoredBy(stranger, viewed, principal)).toMatchObject(forbidden)
  })

  it('is forgotten with a certificate in the ledger that the public keys verify', async () => {
    const session_id = await opened()
    await user.client.pii.redact({ body: { session_id, text: 'SSN 123-45-6789' } })
    const { erasure } = await user.client.pii.forget({ params: { id: session_id } })
    expect(erasure).toMatchObject({ of: 'session', sessions: 1, values: { SSN: 1 } })
    const [entry] = await server.server.house.ledger.read(tenant, erasure.entry, erasure.entry + 1)
    expect(entry?.type).toBe('erasure')
    expect(JSON.parse(entry?.body ?? '')).toEqual(erasure.envelope)
    const trust = await parseTrust(await (await user.fetch('/api/evidence/keys')).text())
    expect(trust).toBeDefined()
    expect(await verifyErasure(entry?.body ?? '', server.server.house.keys.signer.key)).toMatchObject({ session: session_id, sessions: 1 })
    expect((await post('/api/pii/restore', { session_id, text: '<SSN_1>', purpose: 'p' })).status).toBe(409)
    expect(await user.client.evidence.verifyChain({})).toMatchObject({ valid: true })
  })

  it('that nobody keeps is not forgotten: nothing is certified of a session that never was, or is gone, or is somebody else’s', async () => {
    const session_id = await opened()
    const certified = async () => (await events('pii.erased')).length
    const before = await certified()
    const stranger = await server.agentOf('forgetter')
    for (const id of ['opened-never-was', session_id])
      expect(await refused(stranger.client.pii.forget({ params: { id } }))).toMatchObject({ status: 404 })
    expect(await certified()).toBe(before)
    await user.client.pii.forget({ params: { id: session_id } })
    expect(await refused(user.client.pii.forget({ params: { id: session_id } }))).toMatchObject({ status: 404 })
    expect(await certified()).toBe(before + 1)
  })

  it('of a subject is erased for somebody who has stepped up; who it was opens only by the salt that they are given', async () => {
    const subject = 'jane.canary@example.com'
    const session_id = await opened({ subject })
    await user.client.pii.redact({ body: { session_id, text: 'SSN 123-45-6789' } })
    await stepUp()
    const erasure = await user.client.pii.erase({ body: { subject, confirm: 'erase' } })
    expect(erasure).toMatchObject({ of: 'subject', values: { SSN: 1 } })
    expect(erasure.sessions).toBeGreaterThan(0)
    const verified = await verifyErasure(JSON.stringify(erasure.envelope), server.server.house.keys.signer.key)
    if (!verified || !erasure.opening) throw new Error('nothing certified')
    expect(isErasureOf(verified, erasure.opening)).toBe(true)
    expect((await post('/api/pii/restore', { session_id, text: '<SSN_1>', purpose: 'p' })).status).toBe(409)
    const { size } = await server.server.house.ledger.head(tenant)
    expect(JSON.stringify(await server.server.house.ledger.read(tenant, Math.max(0, size - 900), size))).not.toContain('canary')
    const viewer = await server.userWith('auditor')
    expect(await refused(viewer.client.pii.erase({ body: { subject, confirm: 'erase' } }))).toMatchObject({ status: 403 })
  })

  it('rotates its key for somebody who confirms and has stepped up, while it stays readable', async () => {
    const session_id = await opened()
    await user.client.pii.redact({ body: { session_id, text: 'SSN 123-45-6789' } })
    expect((await post('/api/pii/keys/rotate', {})).status).toBe(422)
    await stepUp()
    const before = (await user.client.pii.keys()).items.find(({ current }) => current)?.id
    const { from, to } = await user.client.pii.rotateKeys({ body: { confirm: 'rotate' } })
    expect(from).toBe(before)
    expect(await user.client.pii.restore({ body: { session_id, text: '<SSN_1>', purpose: 'p' } })).toMatchObject({ restorations: 1 })
    await server.until(async () => (await user.client.pii.keys()).items.length === 1)
    expect((await user.client.pii.keys()).items).toMatchObject([{ id: to, current: true }])
    expect(await user.client.pii.restore({ body: { session_id, text: '<SSN_1>', purpose: 'p' } })).toMatchObject({ restorations: 1 })
    await server.until(async () => (await events('pii.keys-rewrapped')).length > 0)
    const agent = await server.agentOf('rotator')
    expect(await refused(agent.client.pii.rotateKeys({ body: { confirm: 'rotate' } }))).toMatchObject({ status: 403 })
  })

  it('is found by custom recognizers, in governed calls too, from the next call on', async () => {
    const recognizer = { name: 'staff-number', kind: 'STAFF_NUMBER', pattern: 'S-\\d{6}' }
    const text = 'tell S-123456 of it'
    const sent = async (session: string) => (await user.client.playground.chat({ body: { session_id: session, text } })).sent
    expect(JSON.stringify(await sent('custom-1'))).toContain('S-123456')
    expect(await user.client.pii.addRecognizer({ body: recognizer })).toEqual(recognizer)
    expect(await refused(user.client.pii.addRecognizer({ body: recognizer }))).toMatchObject({ status: 409, code: 'duplicate-id' })
    expect((await user.client.pii.recognizers()).items).toEqual([recognizer])
    const answer = await user.client.playground.chat({ body: { session_id: 'custom-2', text } })
    expect(JSON.stringify(answer.sent)).toContain('<STAFF_NUMBER_1>')
    expect(JSON.stringify(answer.sent)).not.toContain('S-123456')
    expect(answer.answer).toContain('S-123456')
    const { detections } = await user.client.pii.detect({ body: { text } })
    expect(detections).toMatchObject([{ kind: 'STAFF_NUMBER', start: 5, end: 13, recognizer: 'staff-number' }])
    const session_id = await opened()
    const { redacted_text } = await user.client.pii.redact({ body: { session_id, text } })
    expect(await user.client.pii.removeRecognizer({ params: { id: 'staff-number' } })).toEqual({ ok: true })
    // What it found is a token as long as the session is, and nobody else's text passes for one.
    const restored = (body: { session_id: string; text: string }) => user.client.pii.restore({ body: { ...body, purpose: 'p' } })
    expect(await restored({ session_id, text: redacted_text })).toEqual({ restored_text: text, restorations: 1 })
    expect(await refused(restored({ session_id: await opened(), text: redacted_text }))).toMatchObject({
      status: 409,
      code: 'unknown-token',
    })
    const typed = await user.client.playground.chat({ body: { session_id: 'custom-4', text: 'say <STAFF_NUMBER_1>' } })
    expect(JSON.stringify(typed.sent)).toContain('say <LITERAL_1>')
    expect(await refused(user.client.pii.removeRecognizer({ params: { id: 'staff-number' } }))).toMatchObject({ status: 404 })
    expect(JSON.stringify(await sent('custom-3'))).toContain('S-123456')
  })

  it('of a custom kind is kept out of what people say and name too', async () => {
    const body = { name: 'badge', kind: 'BADGE', pattern: 'B-\\d{6}' }
    await user.client.pii.addRecognizer({ body })
    const { pii, principals, calls } = user.client
    const badge = 'B-123456'
    expect(await refused(pii.createSession({ body: { purpose: `for ${badge}` } }))).toMatchObject({ status: 422, code: 'personal-data' })
    expect(await refused(pii.createSession({ body: { purpose: 'p', conversation: badge } }))).toMatchObject({ status: 422 })
    expect(await refused(pii.redact({ body: { session_id: badge, text: 'x' } }))).toMatchObject({ status: 422, code: 'invalid-session' })
    const said = { session_id: await opened(), text: 'x', purpose: `asked by ${badge}` }
    expect(await refused(pii.restore({ body: said }))).toMatchObject({ status: 422, code: 'personal-data' })
    expect(await refused(principals.createApiKey({ body: { name: `of ${badge}` } }))).toMatchObject({ status: 422 })
    const admin = await server.userWith('security_admin')
    const planted = admin.client.threats.plantHoneyToken({ body: { name: `by ${badge}`, level: 'alert', prefix: '' } })
    expect(await refused(planted)).toMatchObject({ status: 422, code: 'personal-data' })
    const asked = await calls.decide({ body: { action: 'delete_user', input: { request: `user ${badge}` } } })
    const approver = await server.signIn('approver')
    const answer = { params: { id: String(asked.approval_id) }, body: { approved: false, reason: `${badge} called` } }
    expect((await approver.client.approvals.decide(answer)).answers[0]?.reason).toBe('<BADGE> called')
    const denied = await calls.decide({ body: { action: 'delete_user', input: { request: 'x' }, session_id: badge } })
    expect(JSON.stringify(denied)).toContain('invalid-session')
    const { size } = await server.server.house.ledger.head(tenant)
    expect(JSON.stringify(await server.server.house.ledger.read(tenant, Math.max(0, size - 900), size))).not.toContain(badge)
    await pii.removeRecognizer({ params: { id: 'badge' } })
  })

  it('refuses recognizers that are slow, large or personal data themselves', async () => {
    const given = (pattern: string) => refused(user.client.pii.addRecognizer({ body: { name: 'x', kind: 'XX', pattern } }))
    for (const pattern of ['(a)\\1', 'a(?=b)', '(', 'a{900}{900}', 'x*'])
      expect(await given(pattern)).toMatchObject({ status: 422, code: 'invalid-recognizer' })
    for (const pattern of ['jane@example\\.com', '123-45-6789', '4111 ?1111 ?1111 ?1111|4111111111111111', 'jane[@]example[.]com']) {
      const problem = await given(pattern)
      expect(problem).toMatchObject({ status: 422, code: 'personal-data' })
      expect(String(problem)).not.toMatch(/jane|6789|4111/)
    }
    expect((await user.client.pii.recognizers()).items).toEqual([])
    const viewer = await server.userWith('viewer')
    expect(await refused(viewer.client.pii.addRecognizer({ body: { name: 'y', kind: 'YY', pattern: 'y' } }))).toMatchObject({ status: 403 })
  })

  it('is kept only as long as its kind may be, and the posture says until when', async () => {
    const session_id = await opened()
    await user.client.pii.redact({ body: { session_id, text: 'SSN 123-45-6789, jane@example.com' } })
    const before = await user.client.pii.retention()
    expect(before.posture.map(({ kind }) => kind)).toEqual(expect.arrayContaining(['EMAIL', 'SSN', 'RECORD']))
    const set = await user.client.pii.setRetention({ body: { kinds: { SSN: 3_600 } } })
    expect(set.posture.find(({ kind }) => kind === 'SSN')).toMatchObject({ kept_for: 3_600, overdue: false })
    server.pass(3_700_000)
    user = await server.signIn('requester')
    expect((await user.client.pii.retention()).posture.find(({ kind }) => kind === 'SSN')).toMatchObject({ overdue: true })
    const after = await user.client.pii.setRetention({ body: { kinds: { SSN: 3_600 } } })
    expect(after.posture.map(({ kind }) => kind)).not.toContain('SSN')
    expect((await post('/api/pii/restore', { session_id, text: '<SSN_1>', purpose: 'p' })).status).toBe(409)
    expect((await post('/api/pii/restore', { session_id, text: '<EMAIL_1>', purpose: 'p' })).status).toBe(200)
    await user.client.pii.setRetention({ body: { kinds: {} } })
  })

  it('is reported on: statistics, audit, access, and exports that a spreadsheet does not run', async () => {
    const stats = await user.client.pii.stats()
    expect(stats.operations['pii.masked']).toBeGreaterThan(0)
    expect(stats.looked_at).toMatchObject({ complete: true })
    const { items } = await user.client.pii.audit({ query: { type: 'pii.restored', limit: 5 } })
    expect(items.length).toBeGreaterThan(0)
    expect(new Set(items.map(({ type }) => type))).toEqual(new Set(['pii.restored']))
    const report = await user.client.pii.accessReport()
    const { id } = await user.client.principals.me()
    expect(report.items.find(({ principal }) => principal === id)).toMatchObject({
      purposes: expect.arrayContaining(['support', 'a dispute']) as unknown,
    })
    for (const format of ['csv', 'json', 'jsonl']) {
      const file = await user.fetch(`/api/pii/audit/export?format=${format}`)
      expect(file.headers.get('content-disposition')).toContain(`pii-audit.${format}`)
      const text = await file.text()
      expect(text).toContain('pii.masked')
      expect(text).not.toMatch(/123-45-6789|jane/)
      for (const line of text.split('\n')) expect(line).not.toMatch(/^[=+@]/)
    }
    const auditor = await server.userWith('viewer')
    for (const path of ['stats', 'audit', 'compliance', 'access-report', 'keys', 'retention', 'audit/export'])
      expect((await auditor.fetch(`/api/pii/${path}`)).status).toBe(403)
  })
})

describe('compliance', () => {
  const statuses = async () =>
    Object.fromEntries((await user.client.pii.compliance()).controls.map(({ id, status }) => [id, status] as const))

  it('and the access report count nobody among who saw values that was refused, or found nothing', async () => {
    await server.stop()
    server = await startTestServer()
    user = await server.signIn('requester')
    const session_id = await opened({ profile: 'strict_tokenized' })
    const { redacted_text: text } = await user.client.pii.redact({ body: { session_id, text: 'SSN 338-54-9876' } })
    const curious = await server.userWith('security_admin')
    const { id: principal } = await user.client.principals.me()
    const asked = { session_id, purpose: 'curious', principal }
    expect(await refused(curious.client.pii.restore({ body: { ...asked, text } }))).toMatchObject({ status: 403 })
    expect(await refused(curious.client.pii.reveal({ body: { ...asked, token: '<SSN_1>' } }))).toMatchObject({ status: 403 })
    await stepUp()
    expect((await post('/api/pii/reveal', { session_id: await opened(), token: '<SSN_7>', purpose: 'p' })).status).toBe(404)
    expect((await events('pii.revealed')).length + (await events('pii.restored')).length).toBe(3)
    expect((await user.client.pii.accessReport()).items).toEqual([])
    expect(await statuses()).toMatchObject({ 'hipaa-164.312-c-1': 'not_measured', 'soc2-cc6.1': 'not_measured' })
  })

  it('sees that an erasure was undone, as by a backup that was played back', async () => {
    await stepUp()
    const session_id = await opened({ subject: 'undone' })
    await user.client.pii.redact({ body: { session_id, text: 'SSN 338-54-9876' } })
    const db = new Sqlite(join(server.folder, 'agentgate.db'))
    const keyRow = db.prepare("select * from vault_key where purpose = 'subject' order by number desc").get() as {
      [column: string]: unknown
    }
    await user.client.pii.erase({ body: { subject: 'undone', confirm: 'erase' } })
    expect(await statuses()).toMatchObject({ 'gdpr-17': 'pass' })
    const names = Object.keys(keyRow)
    db.prepare(`insert into vault_key (${names.join(', ')}) values (${names.map(() => '?').join(', ')})`).run(...Object.values(keyRow))
    db.close()
    expect(await statuses()).toMatchObject({ 'gdpr-17': 'fail' })
  })

  it('is asked of evidence: what nobody looked at is not measured, and what is broken fails', async () => {
    await server.stop()
    server = await startTestServer()
    user = await server.signIn('requester')
    const fresh = await statuses()
    expect(fresh).toMatchObject({
      'hipaa-164.312-a-2-iv': 'not_measured',
      'hipaa-164.312-b': 'not_measured',
      'hipaa-164.312-c-1': 'not_measured',
      'soc2-cc6.1': 'not_measured',
      'soc2-cc7.3': 'not_measured',
      'gdpr-30': 'not_measured',
      'gdpr-17': 'not_measured',
    })
    expect(Object.values(fresh)).not.toContain('fail')

    const session_id = await opened()
    await user.client.pii.redact({ body: { session_id, text: 'SSN 123-45-6789' } })
    await user.client.pii.restore({ body: { session_id, text: '<SSN_1>', purpose: 'p' } })
    await user.client.pii.forget({ params: { id: await opened() } })
    await user.client.evidence.verifyChain({})
    // A checkpoint is kept each second.
    await server.until(async () => (await statuses())['soc2-cc7.2'] === 'pass')
    const { controls } = await user.client.pii.compliance()
    expect(controls.map(({ id, status }) => [id, status])).toEqual([
      ['hipaa-164.312-a-2-iv', 'pass'],
      ['hipaa-164.312-b', 'pass'],
      ['hipaa-164.312-c-1', 'pass'],
      ['hipaa-164.530-j-1', 'pass'],
      ['soc2-cc6.1', 'pass'],
      ['soc2-cc7.2', 'pass'],
      ['soc2-cc7.3', 'not_measured'],
      ['gdpr-30', 'pass'],
      ['gdpr-17', 'pass'],
    ])
    for (const { query, found } of controls) expect([query, found].every((text) => text.length > 10)).toBe(true)

    const db = new Sqlite(join(server.folder, 'agentgate.db'))
    expect(db.prepare("update vault_pair set sealed = substr(sealed, 1, length(sealed) - 1) where kind = 'SSN'").run().changes).toBe(1)
    db.close()
    expect(await refused(user.client.pii.restore({ body: { session_id, text: '<SSN_1>', purpose: 'p' } }))).toMatchObject({
      status: 409,
      code: 'integrity-failed',
    })
    await server.until(async () => (await events('pii.integrity-failed')).length === 1)
    expect((await events('pii.integrity-failed'))[0]?.facts).toMatchObject({
      session: { value: session_id },
      code: { value: 'not-authentic' },
    })
    await user.client.playground.chat({ body: { session_id: 'silent', text: 'my SSN is 338-54-9876' } })
    expect(await statuses()).toMatchObject({ 'hipaa-164.312-c-1': 'fail', 'soc2-cc7.3': 'fail', 'gdpr-30': 'fail' })
    await user.client.evidence.verifyChain({})
    expect(await statuses()).toMatchObject({ 'soc2-cc7.3': 'pass' })
  })
})

describe('a key that is damaged', () => {
  it('is passed over by a rotation: the rest is re-wrapped, the old key stays, and the audit chain names what is damaged', async () => {
    const damaged = await opened({ subject: 'somebody damaged' })
    const sound = await opened({ subject: 'somebody sound' })
    for (const session_id of [damaged, sound]) await user.client.pii.redact({ body: { session_id, text: 'SSN 123-45-6789' } })
    const db = new Sqlite(join(server.folder, 'agentgate.db'))
    const under = db.prepare<[string], string>('select under from vault_session where session = ?').pluck()
    const key = under.get(damaged)
    expect(db.prepare("update vault_key set wrapped = x'01' where name = ?").run(key).changes).toBe(1)
    db.close()
    await stepUp()
    const { from, to } = await user.client.pii.rotateKeys({ body: { confirm: 'rotate' } })
    const named = async () =>
      (await events('pii.integrity-failed')).filter(({ facts }) => JSON.stringify(facts['key'] ?? '').includes(String(key)))
    await server.until(async () => (await named()).length > 0)
    expect((await named())[0]?.facts).toMatchObject({ key: { value: key }, code: { value: 'not-authentic' } })
    await server.until(async () => (await user.client.pii.keys()).items.find(({ id }) => id === from)?.wraps === 1)
    expect((await user.client.pii.keys()).items).toMatchObject([
      { id: from, current: false },
      { id: to, current: true },
    ])
    expect(await user.client.pii.restore({ body: { session_id: sound, text: '<SSN_1>', purpose: 'p' } })).toMatchObject({ restorations: 1 })
  })
})
