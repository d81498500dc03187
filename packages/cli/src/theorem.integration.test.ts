import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestServer, type TestServer, type TestUser } from '../../server/src/test-server.ts'
import { run } from './main.ts'

const solvers = [
  ['z3', ['-in', '-T:30']],
  ['cvc5', ['--lang=smt2', '--tlimit=30000', '-']],
] as const

let folder: string
let server: TestServer
let agent: TestUser
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'agentgate-theorem-'))
  server = await startTestServer()
  const user = await server.signIn('requester')
  const input = { type: 'object', properties: { text: { type: 'string' }, path: { type: 'string' } } }
  for (const effect of ['read', 'send', 'delete'] as const)
    await user.client.tools.put({
      params: { name: `mail.${effect}` },
      query: {},
      body: { input, effect, arguments: { text: 'prose', path: 'path' }, resource: 'path' },
    })
  const policy = {
    text: '@id("no-日本") forbid (principal, action in Action::"delete", resource) when { context.input has text && context.input.text like "*日本*" };',
  }
  await user.client.policies.create({ body: { id: 'geo', policy } })
  await user.client.principals.stepUp({ body: { password: server.credentials.requester.password } })
  await user.client.policies.activate({ params: { id: 'geo' }, body: { why: 'a test' } })
  agent = await server.agentOf('prüfer')
})
afterAll(async () => {
  await server.stop()
  await rm(folder, { recursive: true, force: true })
})

/** What a person at the terminal gets. */
const typed = (...words: string[]) => typedBy(agent, ...words)
async function typedBy(user: TestUser, ...words: string[]) {
  const out: string[] = []
  const err: string[] = []
  const env = { AGENTGATE_URL: server.url, AGENTGATE_TOKEN: user.token }
  const code = await run(
    ['evidence', ...words],
    env,
    (line) => out.push(line),
    (line) => err.push(line),
  )
  return { code, out: `${out.join('\n')}\n`, err: err.join('\n') }
}

const calls = [
  ['allow', 'mail.read', { text: 'Grüße von Jörg an ada.lovelace@example.com', path: '/postfach/日本' }],
  ['hold', 'mail.send', { text: 'Grüße an ada.lovelace@example.com', path: '/postfach' }],
  ['deny', 'mail.delete', { text: 'alles aus 日本 von ada.lovelace@example.com', path: '/postfach' }],
  ['deny', 'mail.nothing', { text: 'ada.lovelace@example.com' }],
] as const

describe('agentgate evidence theorem', () => {
  it.each(calls)(
    'of a call with verdict %s (%s) is the script that its certificate names, without personal data',
    async (verdict, action, input) => {
      const decision = await agent.client.calls.decide({ body: { action, input } })
      expect(decision.verdict).toBe(verdict)
      const { code, out, err } = await typed('theorem', decision.id, '--smt2')
      expect({ code, err }).toEqual({ code: 0, err: '' })
      const { statement } = await agent.client.evidence.certificate({ params: { id: decision.id } })
      expect(statement['predicate']).toMatchObject({
        theorem_hash: createHash('sha256').update(out).digest('hex'),
        solver: { name: 'z3', mode: 'enforce' },
        shared: [expect.stringContaining('parser'), expect.stringContaining('facts')],
      })
      expect(out).not.toMatch(/lovelace|example\.com/iu)
      for (const [command, args] of solvers) {
        if (spawnSync(command, ['--version']).status !== 0) {
          const missing = `NO \`${command}\` FOUND, so no theorem was replayed with it: install Debian's package \`${command}\`.`
          if (process.env['CI']) throw new Error(missing)
          console.warn(missing)
          continue
        }
        const ask = (script: string) => {
          const { status, stdout, stderr } = spawnSync(command, args, { input: script, encoding: 'utf8' })
          return { status, stdout: stdout.trim(), stderr }
        }
        expect(ask(out)).toEqual({ status: 0, stdout: 'unsat', stderr: '' })
        const other = verdict === 'deny' ? 'allow' : 'deny'
        expect(ask(out.replace(`(assert (= verdict "${verdict}"))`, `(assert (= verdict "${other}"))`))).toEqual({
          status: 0,
          stdout: 'sat',
          stderr: '',
        })
      }
    },
  )

  it('of a call under grants is settled by their links: by its time, whom it is for and what it covers', async () => {
    const admin = await server.userWith('admin')
    const broker = await server.agentOf('broker')
    const holder = (await broker.client.principals.me()).id
    const worker = await server.agentOf('worker')
    const expires_at = new Date(Date.now() + 3_600_000).toISOString()
    const first = { holder, allowed_actions: ['effect:read'], resource_scope: ['/postfach/*'], expires_at }
    const { id: parent } = await admin.client.delegations.issue({ body: first })
    const handed = { ...first, holder: (await worker.client.principals.me()).id }
    await admin.client.delegations.issue({ body: { ...handed, allowed_actions: [] } })
    await broker.client.delegations.issue({ body: { ...handed, parent, allowed_actions: ['mail.read'] } })
    const decide = async (path: string) => {
      const { id, verdict } = await worker.client.calls.decide({ body: { action: 'mail.read', input: { text: 'é', path } } })
      return { verdict, script: (await typedBy(worker, 'theorem', id, '--smt2')).out }
    }
    const [allowed, refused] = [await decide('/postfach/日本'), await decide('/ablage/日本')]
    await admin.client.delegations.revoke({ params: { id: parent } })
    expect([allowed.verdict, refused.verdict]).toEqual(['allow', 'deny'])
    for (const [command, args] of solvers) {
      if (spawnSync(command, ['--version']).status !== 0) continue
      const ask = (script: string) => spawnSync(command, args, { input: script, encoding: 'utf8' }).stdout.trim()
      expect([ask(allowed.script), ask(refused.script)]).toEqual(['unsat', 'unsat'])
      for (const [fact, other] of [
        [/\(assert \(= grant\.agent\.1\.expires_at \d+\)\)/u, '(assert (= grant.agent.1.expires_at 5))'],
        [/\(assert \(= grant\.agent\.1\.revoked false\)\)/u, '(assert (= grant.agent.1.revoked true))'],
        [/\(assert \(= grant\.agent\.1\.holder "[^"]*"\)\)/u, '(assert (= grant.agent.1.holder "Agent::x"))'],
        [/\(assert \(= grant\.agent\.0\.actions\.0 "mail\.read"\)\)/u, '(assert (= grant.agent.0.actions.0 "mail.send"))'],
      ] as const) {
        expect(allowed.script).toMatch(fact)
        expect(ask(allowed.script.replace(fact, other))).toBe('sat')
      }
    }
  })

  it('is told to people without its script, and is in the bundle, which is checked offline', async () => {
    const { id } = await agent.client.calls.decide({ body: { action: 'mail.read', input: { text: 'é' } } })
    const { out } = await typed('theorem', id)
    expect(out).toMatch(/^proof {6}CONSTRUCTIVE_TRACE, z3 [\d.]+, enforce: (simplified|unsat)$/mu)
    expect(out).toMatch(/^holds {6}PermitExists {3}default-guardrails\/ordinary-calls$/mu)
    expect(out).not.toContain('(assert')
    const bundle = await (await agent.fetch(`/api/certificates/${id}/bundle`)).text()
    const keys = await (await agent.fetch('/.well-known/agentgate-keys.json')).text()
    await writeFile(join(folder, 'a.json'), bundle)
    await writeFile(join(folder, 'keys.json'), keys)
    const verified = await typed('verify', join(folder, 'a.json'), '--trust', join(folder, 'keys.json'))
    expect(verified.out).toMatch(/^pass {2}theorem +The theorem is the one that the certificate names\.$/mu)
    expect(verified.code).toBe(0)
    const changed = JSON.parse(bundle)
    const script = Buffer.from(changed.theorem, 'base64').toString().replace('(check-sat)', '(check-sat) ')
    await writeFile(join(folder, 'b.json'), bundle.replace(changed.theorem, Buffer.from(script).toString('base64')))
    expect((await typed('verify', join(folder, 'b.json'), '--trust', join(folder, 'keys.json'))).out).toMatch(/^FAIL {2}theorem/mu)
  })

  it('says what is wrong in one line', async () => {
    expect(await typed('theorem', '01920000-0000-7000-8000-000000000000')).toMatchObject({
      code: 2,
      err: expect.stringMatching(/^agentgate: .*not-found/u),
    })
    const nowhere = await typed('theorem', 'x', '--url', 'http://127.0.0.1:9')
    expect(nowhere).toMatchObject({ code: 2, err: expect.stringContaining('No server answers') })
  })
})
