import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import { type DecisionId, parseTrust, type TenantId, verifyBundle } from '@agentgate/core'
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

const bytes = () =>
  Buffer.concat(
    readdirSync(server.folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => readFileSync(join(entry.parentPath, entry.name))),
  )

async function said(text: string, session_id: string): Promise<{ decision: string; call: string }> {
  const answer = await user.client.playground.chat({ body: { session_id, text } })
  return { decision: answer.certificate_id, call: answer.trace_id }
}

const bundleOf = async (decision: string) => new Uint8Array(await (await user.fetch(`/api/certificates/${decision}/bundle`)).arrayBuffer())

const trust = async () => parseTrust(await (await user.fetch('/api/evidence/keys')).text())

describe('the private record of a call', () => {
  it('lies sealed: neither what was asked nor a salt is in the folder, and a trace shows them all the same', async () => {
    const { decision, call } = await said('tell me of the harbour at Quixleby', 'sealed-1')
    const record = await server.server.house.recorded(tenant, decision as DecisionId)
    expect(JSON.stringify(record?.decision.call.input)).toContain('Quixleby')
    const salt = record?.opened['input']?.salt ?? ''
    expect(salt).toMatch(/^[0-9a-f]{64}$/)
    await server.server.house.checkpoints.keep(tenant)
    for (const secret of ['Quixleby', salt]) expect(bytes().includes(secret)).toBe(false)
    expect(JSON.stringify(await user.client.traces.get({ params: { id: call } }))).toContain('Quixleby')
  })

  it('is gone with the subject of its session, and every proof of it still verifies', async () => {
    const { decision, call } = await said('my SSN is 123-45-6789', 'sealed-2')
    const before = await bundleOf(decision)
    const { id } = await user.client.principals.me()
    await server.server.house.vault.erase(tenant, id)
    const trace = await user.client.traces.get({ params: { id: call } })
    expect(trace).toMatchObject({ trace: { payload: 'erased', verdict: 'allow' } })
    expect(trace.decisions[0]?.call.input).toEqual({})
    const after = await bundleOf(decision)
    for (const each of [before, after]) expect(await verifyBundle(each, await trust())).toMatchObject({ code: 'valid' })
    const opened = JSON.parse(Buffer.from((JSON.parse(Buffer.from(after).toString()) as { opened: string }).opened, 'base64').toString())
    expect(opened).toEqual({})
    expect((await user.fetch(`/api/certificates/${decision}/theorem`)).status).toBe(410)
    expect(await user.client.evidence.verifyChain({})).toMatchObject({ valid: true })
  })

  it('that was damaged is told as damaged, audited, and does not keep others from being shown', async () => {
    const { call } = await said('of the harbour at Quixleby', 'sealed-3')
    const other = await said('of another harbour', 'sealed-4')
    damage(
      "update vault_pair set sealed = substr(sealed, 1, length(sealed) - 1) where number = (select number from vault_session where session = 'records/sealed-3')",
    )
    expect(await user.client.traces.get({ params: { id: call } })).toMatchObject({ trace: { payload: 'damaged' } })
    expect((await user.client.traces.get({ params: { id: other.call } })).trace.payload).toBeUndefined()
    expect((await user.client.traces.list({ query: {} })).items.map(({ id }) => id)).toEqual(expect.arrayContaining([call, other.call]))
    await server.until(async () => JSON.stringify(await user.client.evidence.audit({ query: {} })).includes('pii.integrity-failed'))
  })
})

describe('what people are asked about a call', () => {
  const text = 'the widow of Quixleby harbour, born to the baker, who limps'
  const held = async (session_id: string) => {
    const { id, approval_id = '' } = await user.client.calls.decide({
      body: { action: 'delete_user', input: { request: text }, session_id },
    })
    return { id, params: { id: approval_id } }
  }

  it('lies sealed with what they answer, is shown to them all the same, and is gone with the subject of its session', async () => {
    const approver = await server.signIn('approver')
    const { params } = await held('asked-1')
    const denial = { approved: false, reason: 'ask the family of the widow of Quixleby first' }
    expect(await approver.client.approvals.decide({ params, body: denial })).toMatchObject({
      call: { input: { request: text } },
      answers: [{ reason: denial.reason }],
    })
    const open = await held('asked-1')
    await server.server.house.checkpoints.keep(tenant)
    expect(bytes().includes('Quixleby')).toBe(false)
    const { id } = await user.client.principals.me()
    await server.server.house.vault.erase(tenant, id)
    const gone = await approver.client.approvals.get({ params })
    expect(gone).toMatchObject({ state: 'denied', payload: 'erased', call: { input: {}, tool: { name: 'delete_user' } } })
    expect(gone.answers).toMatchObject([{ approved: false, reason: '' }])
    expect(gone.forged).toBeUndefined()
    await expect(approver.client.approvals.decide({ params: open.params, body: { approved: true } })).rejects.toMatchObject({
      status: 410,
      code: 'input-forgotten',
    })
    expect((await approver.client.approvals.list({ query: {} })).items.map(({ payload }) => payload)).toContain('erased')
  })

  it('that was damaged is put before nobody', async () => {
    const approver = await server.signIn('approver')
    const { params } = await held('asked-2')
    damage(
      "update vault_pair set sealed = substr(sealed, 1, length(sealed) - 1) where number = (select number from vault_session where session = 'records/asked-2')",
    )
    expect(await approver.client.approvals.get({ params })).toMatchObject({ payload: 'damaged', call: { input: {} } })
    await expect(approver.client.approvals.decide({ params, body: { approved: true } })).rejects.toMatchObject({ status: 410 })
  })
})

describe('a value that does not open', () => {
  it('keeps back the answer that it belongs in, and says why', async () => {
    const text = 'my SSN is 338-54-9876'
    expect(await user.client.playground.chat({ body: { session_id: 'broken', text } })).toMatchObject({ verdict: 'allow' })
    damage("update vault_pair set sealed = zeroblob(length(sealed)) where kind = 'SSN'")
    const again = await user.fetch('/api/playground/chat', { method: 'POST', body: JSON.stringify({ session_id: 'broken', text }) })
    const answer = await again.text()
    expect(answer).toContain('integrity-failed')
    expect(answer).not.toContain('338-54-9876')
  })
})

function damage(sql: string): void {
  const db = new Sqlite(join(server.folder, 'agentgate.db'))
  expect(db.prepare(sql).run().changes).toBeGreaterThan(0)
  db.close()
}
