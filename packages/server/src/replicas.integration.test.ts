import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Client, createClient } from '@agentgate/api'
import { verifyConsistency, verifyInclusion } from '@agentgate/core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { postgresPrograms, startTestPostgres, type TestPostgres } from './test-postgres.ts'
import { startTestProcess, type TestProcess } from './test-process.ts'
import { eventually } from './test-server.ts'

const programs = postgresPrograms(process.env['PATH'])
const missing = 'PostgreSQL is not installed: nothing shows that several servers are as good as one.'
if (!programs) {
  if (process.env['CI']) throw new Error(missing)
  console.warn(`SKIPPED: ${missing}`)
}

const user = { email: 'replicas@test.example', password: 'a password of replicas only' }
const approver = { email: 'approver@test.example', password: user.password }
const key = () => randomBytes(32).toString('base64')
const nth = <T>(all: readonly T[], n: number): T => all[n % all.length] as T
const input = { type: 'object', properties: { text: { type: 'string' } } }

/** As three machines: each with a folder of its own, all with the same keys and the same address before them. */
describe.skipIf(!programs)('three servers of one PostgreSQL', { timeout: 240_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'agentgate-replicas-'))
  const told = new Map<string, 'decided' | 'settled'>()
  let database: TestPostgres
  let servers: TestProcess[] = []
  let env: Record<string, string>

  const start = (at: number) => startTestProcess({ ...env, AGENTGATE_DATA: join(folder, `${at}`) }, user)
  beforeAll(async () => {
    database = await startTestPostgres(programs ?? '')
    env = {
      AGENTGATE_ENV: 'demo',
      AGENTGATE_URL: 'https://gate.test.example',
      AGENTGATE_DEMO_EMAIL: user.email,
      AGENTGATE_DEMO_PASSWORD: user.password,
      DATABASE_URL: await database.fresh(),
      SECRET_KEY: key(),
      AGENTGATE_DECISION_SIGNING_KEY: key(),
      AGENTGATE_AUDIT_KEY: key(),
      AGENTGATE_COMMITMENT_KEY: key(),
      PII_VAULT_KEY: key(),
    }
    servers = await Promise.all([0, 1, 2].map(start))
    for (const { client } of servers) await client.principals.stepUp({ body: { password: user.password } })
  }, 120_000)
  afterAll(async () => {
    for (const server of servers) await server.kill()
    await database?.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  /** Decides, and settles every second call, until the server is gone or it is enough; notes what it was told. */
  async function load({ client }: TestProcess, name: string, enough: () => boolean): Promise<void> {
    for (let n = 0; !enough(); n++) {
      try {
        const { id } = await client.calls.decide({
          body: { action: 'work', input: { text: `Order ${name} ${n} is for ada${n}@a.example` } },
        })
        told.set(id, 'decided')
        if (n % 2 === 0) continue
        await client.calls.outcome({ params: { id }, body: { status: 'succeeded', output: n } })
        told.set(id, 'settled')
      } catch {
        return
      }
    }
  }

  const clients = (): Client[] => servers.map(({ client }) => client)
  const on = (n: number): Client => nth(clients(), n)

  it('keep one ledger without gap or fork while they are killed under load, and nothing that they acknowledged is lost', {
    timeout: 180_000,
  }, async () => {
    await on(0).tools.put({ params: { name: 'work' }, query: {}, body: { input, effect: 'execute', arguments: { text: 'prose' } } })
    const seen: { size: number; root: string }[] = []
    for (let kill = 0; kill < 3; kill++) {
      const enough = told.size + 60
      let over = false
      const loads = servers.flatMap((server, at) => [0, 1, 2].map((caller) => load(server, `${kill}-${at}-${caller}`, () => over)))
      await eventually(async () => (told.size >= enough ? true : undefined), 60)
      await nth(servers, kill).kill()
      const before = told.size
      await eventually(async () => (told.size >= before + 20 ? true : undefined), 60)
      over = true
      await Promise.all(loads)
      servers[kill] = await start(kill)
      for (const client of clients()) seen.push(await client.evidence.checkpoint())
    }

    const last = await on(0).evidence.checkpoint()
    for (const [n, older] of seen.entries()) {
      const { hashes } = await on(n).evidence.consistency({ query: { from: older.size, to: last.size } })
      expect(await verifyConsistency({ older: older.size, olderRoot: older.root, size: last.size, root: last.root }, hashes)).toBe(true)
    }
    expect(told.size).toBeGreaterThan(180)
    for (const [n, [id, state]] of [...told].entries()) {
      const { trace, entry = -1 } = await on(n).traces.get({ params: { id } })
      expect([id, state === 'settled' ? trace.status : 'kept']).toEqual([id, state === 'settled' ? 'succeeded' : 'kept'])
      const { leaf, hashes } = await on(n + 1).evidence.inclusion({ query: { index: entry, size: last.size } })
      expect(await verifyInclusion({ leaf, index: entry, size: last.size, root: last.root }, hashes)).toBe(true)
    }
    for (const client of clients()) {
      const report = await client.evidence.verifyChain()
      expect(report).toMatchObject({ valid: true })
      expect(report.entries_checked).toBeGreaterThanOrEqual(last.size)
    }
  })

  it('see what one of them activates, revokes and registers at the very next call', async () => {
    for (const client of clients()) await client.principals.stepUp({ body: { password: user.password } })
    const decide = (client: Client, text = 'x') => client.calls.decide({ body: { action: 'work', input: { text } } })
    for (let n = 0; n < 3; n++) {
      const text = '@id("no") forbid (principal, action == Action::"work", resource);'
      await on(n).policies.create({ body: { id: `stop-${n}`, policy: { text } } })
      await on(n).policies.activate({ params: { id: `stop-${n}` }, body: { why: 'a test' } })
      const after = await Promise.all([1, 2].map((more) => decide(on(n + more))))
      expect(after.map(({ verdict }) => verdict)).toEqual(['deny', 'deny'])
      await on(n + 1).policies.deactivate({ params: { id: `stop-${n}` }, body: { why: 'a test' } })
      expect((await decide(on(n + 2))).verdict).toBe('allow')

      await on(n).tools.put({ params: { name: `tool-${n}` }, query: {}, body: { input, effect: 'read' } })
      const call = { action: `tool-${n}`, input: { text: 'x' } }
      expect((await on(n + 1).calls.decide({ body: call })).reason?.code).not.toBe('unknown-tool')
      await on(n + 2).tools.remove({ params: { name: `tool-${n}` } })
      expect(await on(n).calls.decide({ body: call })).toMatchObject({ verdict: 'deny', reason: { code: 'unknown-tool' } })

      const made = await on(n).principals.createApiKey({ body: { name: 'agent' } })
      const { url } = nth(servers, n + 1)
      const agent = createClient({ url, token: () => made.key })
      expect((await decide(agent)).verdict).toBe('allow')
      await on(n + 2).principals.revokeApiKey({ params: { id: made.api_key.id } })
      await expect(decide(agent)).rejects.toMatchObject({ status: 401 })
    }
  })

  it('see what one of them hands on, and takes back, at the very next call', async () => {
    const { key, api_key } = await on(0).principals.createApiKey({ body: { name: 'handed' } })
    const agents = servers.map(({ url }) => createClient({ url, token: () => key }))
    const code = async (n: number) => {
      const { verdict, reason } = await nth(agents, n).calls.decide({ body: { action: 'work', input: { text: 'x' } } })
      return reason?.code ?? verdict
    }
    const expires_at = new Date(Date.now() + 3_600_000).toISOString()
    const hand = (n: number, more: object) =>
      on(n).delegations.issue({ body: { holder: api_key.principal, resource_scope: ['*'], expires_at, allowed_actions: [], ...more } })
    expect(await Promise.all([0, 1, 2].map(code))).toEqual(['allow', 'allow', 'allow'])
    await hand(1, {})
    expect(await Promise.all([0, 1, 2].map(code))).toEqual(Array(3).fill('grant-exceeded'))
    for (let n = 0; n < 3; n++) {
      const { id } = await hand(n, { allowed_actions: ['work'] })
      expect(await Promise.all([0, 1, 2].map(code))).toEqual(['allow', 'allow', 'allow'])
      await on(n + 1).delegations.revoke({ params: { id } })
      expect(await Promise.all([0, 1, 2].map(code))).toEqual(Array(3).fill('grant-exceeded'))
    }
  })

  it('count together: of many takers exactly as many pass as the limit has', async () => {
    await on(0).tools.put({ params: { name: 'seldom' }, query: {}, body: { input, effect: 'read' } })
    const text = '@id("few") @rate("7/1h") permit (principal, action == Action::"seldom", resource);'
    await on(0).policies.create({ body: { id: 'few', policy: { text } } })
    await on(0).policies.activate({ params: { id: 'few' }, body: { why: 'a test' } })
    await on(0).policies.deactivate({ params: { id: 'default-guardrails' }, body: { why: 'it permits without a limit' } })
    const all = await Promise.all(
      Array.from({ length: 21 }, (_, n) => on(n).calls.decide({ body: { action: 'seldom', input: { text: `${n}` } } })),
    )
    expect(all.filter(({ verdict }) => verdict === 'allow')).toHaveLength(7)
    expect(new Set(all.flatMap(({ verdict, reason }) => (verdict === 'deny' ? [reason?.code] : [])))).toEqual(new Set(['rate-exceeded']))
  })

  it('never overspend, whoever of a thousand first calls comes first, and spend to the last when they are fewer again', async () => {
    await on(0).tools.put({ params: { name: 'buy' }, query: {}, body: { input, effect: 'read', cost: 10_000 } })
    const text = '@id("cheap") @budget("0.25/1h") permit (principal, action == Action::"buy", resource);'
    await on(0).policies.create({ body: { id: 'cheap', policy: { text } } })
    await on(0).policies.activate({ params: { id: 'cheap' }, body: { why: 'a test' } })
    const buy = (n: number) => on(n).calls.decide({ body: { action: 'buy', input: { text: `${n}` } } })
    const first = await Promise.all(Array.from({ length: 1_000 }, (_, n) => buy(n)))
    let allowed = first.filter(({ verdict }) => verdict === 'allow').length
    expect(allowed).toBeGreaterThan(0)
    expect(allowed).toBeLessThanOrEqual(25)
    for (let n = 0; n < 30; n++) {
      const { verdict, reason } = await buy(n)
      if (verdict === 'allow') allowed++
      else expect(reason?.code).toBe('budget-exceeded')
    }
    expect(allowed).toBe(25)
    await on(0).policies.deactivate({ params: { id: 'cheap' }, body: { why: 'a test' } })
  })

  it('consume an approval once, wherever it was asked, answered and used', async () => {
    await on(0).tools.put({ params: { name: 'raze' }, query: {}, body: { input, effect: 'delete' } })
    const text = '@id("ask") @approval("approver") permit (principal, action == Action::"raze", resource);'
    await on(0).policies.create({ body: { id: 'ask', policy: { text } } })
    await on(0).policies.activate({ params: { id: 'ask' }, body: { why: 'a test' } })
    const { id, verdict, approval_id = '' } = await on(0).calls.decide({ body: { action: 'raze', input: { text: 'all' } } })
    expect(verdict).toBe('hold')
    const { url } = nth(servers, 1)
    const { access_token = '' } = await createClient({ url }).principals.login({ body: approver })
    await createClient({ url, token: () => access_token }).approvals.decide({
      params: { id: approval_id },
      body: { approved: true, reason: 'fine' },
    })
    const used = await Promise.allSettled([0, 1, 2, 0, 1, 2].map((n) => on(n).calls.resume({ params: { id }, body: {} })))
    const allowed = used.filter((each) => each.status === 'fulfilled' && each.value.verdict === 'allow')
    expect(allowed).toHaveLength(1)
    for (const each of used) if (each.status === 'rejected') expect(each.reason).toMatchObject({ status: 409 })
  })

  it('tell those who watch one of them what happens on the others', async () => {
    await on(0).policies.activate({ params: { id: 'default-guardrails' }, body: { why: 'a test' } })
    const { url, token } = nth(servers, 1)
    const watching = new AbortController()
    const stream = await fetch(`${url}/api/traces/stream`, { headers: { authorization: `Bearer ${token}` }, signal: watching.signal })
    let heard = ''
    const reading = (async () => {
      const text = new TextDecoder()
      for await (const bytes of stream.body ?? []) heard += text.decode(bytes, { stream: true })
    })().catch(() => undefined)
    const { id, certificate_id } = await on(0).calls.decide({ body: { action: 'work', input: { text: 'watched' } } })
    await eventually(async () => heard.includes(certificate_id) || undefined)
    await on(2).calls.outcome({ params: { id }, body: { status: 'succeeded', output: 1 } })
    await eventually(async () => (heard.includes('"settled"') && heard.includes('"succeeded"')) || undefined)
    expect(heard.split(certificate_id)).toHaveLength(3)
    watching.abort()
    await reading
  })

  it('refuse a server with other keys', async () => {
    const before = env
    env = { ...env, AGENTGATE_AUDIT_KEY: key() }
    await expect(start(3)).rejects.toThrow('did not start')
    env = before
  })

  it('say that they cannot work while the database is away, refuse every call, and come back by themselves', async () => {
    await database.halt('crash')
    for (const { url, client } of servers) {
      const from = performance.now()
      expect(
        await client.calls.decide({ body: { action: 'work', input: { text: 'x' } } }).then(
          () => 'decided',
          (error: unknown) => error,
        ),
      ).toMatchObject({
        status: 503,
        code: 'store-unavailable',
      })
      expect(performance.now() - from).toBeLessThan(10_000)
      expect((await fetch(`${url}/health/liveness`)).status).toBe(200)
      await eventually(async () => ((await fetch(`${url}/health/readiness`)).status === 503 ? true : undefined))
      expect((await fetch(`${url}/api/health`)).status).toBe(503)
    }
    await database.start()
    for (const { url } of servers) await eventually(async () => (await fetch(`${url}/health/readiness`)).ok || undefined, 60)
    const [first, ...rest] = await Promise.all(clients().map((client) => client.evidence.verifyChain()))
    expect(first).toMatchObject({ valid: true })
    for (const each of rest) expect(each.valid).toBe(true)
  })

  it('sign nothing more once one of them has a newer key', async () => {
    const decide = async ({ client }: Pick<TestProcess, 'client'>) =>
      client.calls.decide({ body: { action: 'work', input: { text: 'once more' } } })
    expect(await decide(nth(servers, 0))).toMatchObject({ id: expect.any(String) })
    const newer = { ...env, AGENTGATE_DECISION_SIGNING_KEY: key(), AGENTGATE_DATA: join(folder, 'newer') }
    const server = await startTestProcess(newer, user)
    servers.push(server)
    for (const before of servers.slice(0, 3)) await expect(decide(before)).rejects.toMatchObject({ status: 503 })
    expect(await decide(server)).toMatchObject({ id: expect.any(String) })
  })

  it('stop cleanly', async () => {
    expect(await Promise.all(servers.map((server) => server.stop()))).toEqual([0, 0, 0, 0])
  })
})
