import { execFileSync } from 'node:child_process'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { grantStatement } from '@agentgate/core'
import { startTestServer, type TestServer, type TestUser } from '../../server/src/test-server.ts'
import { run } from './main.ts'

let server: TestServer
let admin: TestUser
let agent: TestUser
let holder: string
const folder = mkdtempSync(join(tmpdir(), 'agentgate-key-'))
const at = (name: string) => join(folder, name)
beforeAll(async () => {
  server = await startTestServer()
  admin = await server.userWith('admin')
  agent = await server.agentOf('worker')
  holder = (await agent.client.principals.me()).id
})
afterAll(async () => {
  await server.stop()
  rmSync(folder, { recursive: true, force: true })
})

async function typed(by: TestUser, ...words: string[]) {
  const out: string[] = []
  const err: string[] = []
  const code = await run(
    ['delegations', ...words],
    { AGENTGATE_URL: server.url, AGENTGATE_TOKEN: by.token },
    (line) => out.push(line),
    (line) => err.push(line),
  )
  return { code, out: out.join('\n'), err: err.join('\n') }
}

describe('agentgate delegations', () => {
  it('hands authority on, shows where it comes from, and takes it back', async () => {
    expect((await typed(admin, 'list')).out).toBe('no grants')
    const given = ['--action', 'effect:read', 'look_up', '--resource', '/reports/*', '--for', '8h', '--max-cost', '0.50', '--taint', 'user']
    const { out } = await typed(admin, 'issue', holder, ...given)
    const [, first = ''] = /^`Agent::\S+` holds `(\S+)` until /.exec(out) ?? []
    const wider = await typed(agent, 'issue', holder, '--parent', first, '--action', 'look_up', '--for', '1h')
    expect([wider.code, wider.err]).toEqual([2, expect.stringContaining('wider: resource_scope, constraints')])
    const narrower = [
      '--action',
      'look_up',
      '--resource',
      '/reports/may',
      '--for',
      '1h',
      '--max-cost',
      '0.10',
      '--taint',
      'none',
      '--approval',
    ]
    const [, own = ''] = /holds `(\S+)`/.exec((await typed(agent, 'issue', holder, '--parent', first, ...narrower)).out) ?? []
    const shown = (await typed(agent, 'show', own)).out
    expect(shown).toMatch(/stands .*look_up +\/reports\/may\n.* stands .*effect:read,look_up +\/reports\/\*$/)
    expect((await typed(admin, 'list', '--holder', holder)).out).toContain(own)
    expect(JSON.parse((await typed(agent, 'show', own, '--json')).out)).toMatchObject({
      chain: [{ id: own, obligations: ['approval'], constraints: { max_cost: 100_000, taint: 'none' } }, { id: first }],
    })
    expect((await typed(admin, 'revoke', first)).out).toBe(`\`${first}\` of \`${holder}\` is revoked, with all that was handed on from it`)
    expect((await typed(agent, 'show', own)).out).toContain(' revoked ')
  })

  it('signs what an issuer with a key hands on, so that openssl says whose it is', async () => {
    const broker = await server.agentOf('broker')
    const { id } = await broker.client.principals.me()
    const [, parent = ''] = /holds `(\S+)`/.exec((await typed(admin, 'issue', id, '--action', 'effect:read')).out) ?? []
    expect((await typed(broker, 'keys')).out).toContain('nobody has a key')
    const made = (await typed(broker, 'enrol-key', at('broker.pem'))).out
    expect(made).toMatch(/^`Agent::\S+` signs by the key [0-9a-f]{64}, made just now/)
    expect(statSync(at('broker.pem')).mode & 0o777).toBe(0o600)
    expect((await typed(broker, 'enrol-key', at('broker.pem'))).out).toBe(made.split(',')[0])
    expect((await typed(broker, 'enrol-key', at('other.pem'))).err).toContain('key-enrolled')
    expect((await typed(broker, 'keys')).out).toContain(id)

    const given = ['issue', holder, '--parent', parent, '--action', 'effect:read', '--for', '1h']
    expect((await typed(broker, ...given)).err).toMatch(/signature-required: .*issue --key FILE`/)
    expect((await typed(broker, ...given, '--key', at('other.pem'))).err).toContain('signature-invalid')
    const { out } = await typed(broker, ...given, '--key', at('broker.pem'))
    expect(out).toMatch(/, signed by your key [0-9a-f]{16}…$/)
    const [, own = ''] = /holds `(\S+)`/.exec(out) ?? []
    expect((await typed(admin, 'list', '--holder', holder)).out).toContain('issuer, server')

    const { envelope } = JSON.parse((await typed(admin, 'show', own, '--json')).out) as {
      envelope: { payload: string; payloadType: string; signatures: { sig: string }[] }
    }
    const payload = Buffer.from(envelope.payload, 'base64')
    const type = envelope.payloadType
    writeFileSync(at('signed'), Buffer.concat([Buffer.from(`DSSEv1 ${type.length} ${type} ${payload.length} `), payload]))
    writeFileSync(at('signature'), Buffer.from(envelope.signatures[1]?.sig ?? '', 'base64'))
    const openssl = (...words: string[]) => execFileSync('openssl', words, { encoding: 'utf8' })
    openssl('pkey', '-in', at('broker.pem'), '-pubout', '-out', at('broker.pub'))
    const verify = ['pkeyutl', '-verify', '-rawin', '-pubin', '-inkey', at('broker.pub'), '-in', at('signed'), '-sigfile', at('signature')]
    expect(openssl(...verify)).toContain('Signature Verified Successfully')

    expect((await typed(broker, 'remove-key', id)).err).toContain('step-up-required')
    await admin.client.principals.stepUp({ body: { password: 'a long password of admin' } })
    expect((await typed(admin, 'remove-key', id)).out).toBe(
      `the key of \`${id}\` is removed: look at what it signed with \`agentgate delegations list\``,
    )
    expect((await typed(broker, ...given)).out).toContain('holds')
  })

  it('signs nothing but what was asked', async () => {
    const broker = await server.agentOf('wary')
    await typed(broker, 'enrol-key', at('wary.pem'))
    const { id } = await broker.client.principals.me()
    const lying = createServer((request, response) => {
      response.setHeader('content-type', 'application/json')
      if (request.url === '/api/principals/me' || request.url?.endsWith('/me')) {
        response.end(JSON.stringify({ id, tenant: 'default', email: '', roles: [] }))
        return
      }
      const claim = {
        grant_id: '01990000-0000-7000-8000-000000000001',
        tenant: 'default',
        issuer: id,
        holder: 'Agent::thief',
        parent: 'root',
        allowed_actions: ['effect:read'],
        resource_scope: ['*'],
        constraints: { max_cost: null, taint: null },
        obligations: [],
        issued_at: '2026-01-01T00:00:00.000Z',
        expires_at: '2027-01-01T00:00:00.000Z',
      }
      seen.push(request.url ?? '')
      const body = { type: 'signature-required', title: '', status: 409, detail: 'sign', instance: '' }
      response.writeHead(409, { 'content-type': 'application/problem+json' })
      response.end(JSON.stringify({ ...body, statement: Buffer.from(grantStatement(claim)).toString('base64') }))
    })
    const seen: string[] = []
    await new Promise<void>((ready) => void lying.listen(0, '127.0.0.1', ready))
    const { port } = lying.address() as AddressInfo
    const words = ['issue', holder, '--parent', 'root', '--action', 'effect:read', '--key', at('wary.pem')]
    const { code, err } = await typed(broker, ...words, '--url', `http://127.0.0.1:${port}`)
    await new Promise((done) => void lying.close(done))
    expect([code, err]).toEqual([2, expect.stringContaining('nothing was signed')])
    expect(seen).toHaveLength(1)
  })

  it('says what it cannot make sense of', async () => {
    writeFileSync(at('no-key.pem'), 'no key')
    for (const words of [
      ['issue', holder, '--for', 'long'],
      ['issue', holder, '--max-cost', 'much'],
      ['issue', holder, '--taint', 'all'],
      ['issue', 'Agent::nobody'],
      ['issue', holder, '--action', 'effect:fly'],
      ['issue', holder, '--key', at('none.pem')],
      ['issue', holder, '--key', at('no-key.pem')],
      ['enrol-key', join(folder, 'no', 'folder.pem')],
      ['remove-key', 'Agent::nobody'],
      ['show', 'nothing'],
      ['revoke', 'nothing'],
    ])
      expect([words, (await typed(admin, ...words)).code]).toEqual([words, 2])
  })
})
