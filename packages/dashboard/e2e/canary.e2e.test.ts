import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { z } from 'zod'
import { Agent, auditLog, piiVault } from '../../sdk/src/index.ts'
import type { TestServer, TestUser } from '../../server/src/test-server.ts'
import { describeInBrowser, opened, type Opened, visit } from './browser.ts'
import { consoleOf, reads } from './console.ts'

/** One value of each kind that is masked by default: found nowhere else in the world, or in this product. */
const canaries = {
  SSN: '338-54-9871',
  CREDIT_CARD: '4539148803436467',
  EMAIL: 'canary.quackenbush@canary-mail.com',
  PHONE: '+1 415 555 2671',
  IBAN: 'DE89370400440532013000',
  IP_ADDRESS: '203.0.113.77',
  MAC: '9c:5a:44:1e:7b:3d',
  API_KEY: 'sk-proj-cAnArY7Hq2LwX9vTz4RbN8mKd3JfYs6P',
  UK_NINO: 'QQ123456C'.replace('QQ', 'AB'),
  PERSON: 'Rosalind Quackenbush',
} as const
const everything = `I am ${canaries.PERSON}, SSN ${canaries.SSN}, card ${canaries.CREDIT_CARD}, mail ${canaries.EMAIL}, phone ${canaries.PHONE}, IBAN ${canaries.IBAN}, from ${canaries.IP_ADDRESS} on ${canaries.MAC} with key ${canaries.API_KEY}, National Insurance number ${canaries.UK_NINO}.`

/** The spellings in which a value would still be one: as it is, bare of its punctuation, in base64 at any offset, percent-encoded. */
function spellings(value: string): readonly string[] {
  const bare = value.replaceAll(/[^A-Za-z0-9]/g, '')
  const base64 = [0, 1, 2].map((offset) =>
    Buffer.from('x'.repeat(offset) + value)
      .toString('base64')
      .slice(offset === 0 ? 0 : 4, -4),
  )
  return [...new Set([value, bare, encodeURIComponent(value), ...base64].filter((each) => each.length >= 8))]
}

function canariesIn(bytes: Buffer): readonly string[] {
  return Object.entries(canaries).flatMap(([kind, value]) =>
    spellings(value).flatMap((spelling) => {
      const at = bytes.indexOf(spelling)
      const before = Math.max(0, at - 60)
      return at < 0
        ? []
        : [
            `${kind} in \`${bytes
              .subarray(before, at)
              .toString('latin1')
              .replaceAll(/[^\x20-\x7e]/g, '.')}\``,
          ]
    }),
  )
}

const filesIn = (folder: string) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))

describeInBrowser('planted personal data', () => {
  let server: TestServer
  let browser: Browser
  let close: Opened['close'] | undefined
  let user: TestUser
  const folder = mkdtempSync(join(tmpdir(), 'agentgate-canary-'))
  beforeAll(async () => {
    ;({ server, browser, close } = await opened())
    user = await server.signIn('requester')
  })
  afterAll(async () => {
    await close?.()
    rmSync(folder, { recursive: true, force: true })
  })

  it('is told to no external sink, and is in no byte that was written or answered, save what was restored or revealed', {
    timeout: 300_000,
  }, async () => {
    /** All that was said to whom may not see a value, by where. */
    const said: [string, string][] = []
    const tell = (where: string, what: unknown) => void said.push([where, typeof what === 'string' ? what : (JSON.stringify(what) ?? '')])
    const refused = async (work: Promise<unknown>) => work.catch((error: unknown) => error)

    // An agent in this process.
    const lines = join(folder, 'traces.jsonl')
    const agent = new Agent({ controls: [piiVault(), auditLog({ output: lines })] })
    const received: unknown[] = []
    const look = agent.tool({
      name: 'look',
      input: z.object({ text: z.string() }),
      effect: 'read',
      execute: ({ text }: { text: string }) => {
        received.push(text)
        if (text.includes('fail')) throw new Error(`could not find ${everything}`)
        return `found ${everything}`
      },
    })
    expect(await look({ text: everything }, { session: 'canary' })).toBe(`found ${everything}`)
    tell('an error of a tool', await refused(look({ text: `fail ${everything}` })).then(String))
    tell('what an external tool received', received)
    tell('traces of an agent', agent.traces)
    tell('bundle of an agent', readFileSync(lines, 'utf8'))

    // REST, as an agent: an external tool, a trusted one, one that waits for a person, and input that is wrong.
    const input = { type: 'object', properties: { text: { type: 'string' } }, required: ['text'], additionalProperties: false }
    for (const [name, more] of [
      ['canary.read', {}],
      ['canary.trusted', { boundary: 'trusted' as const }],
    ] as const)
      await user.client.tools.put({ params: { name }, query: {}, body: { effect: 'read', input, arguments: { text: 'prose' }, ...more } })
    const bot = await server.agentOf('canary')
    const decided = async (action: string) =>
      bot.client.calls.decide({ body: { action, input: { text: everything }, session_id: 'canary-rest' } })
    const read = await decided('canary.read')
    tell('a decision', read)
    const settled = await bot.client.calls.outcome({
      params: { id: read.certificate_id },
      body: { status: 'succeeded', output: { text: everything } },
    })
    expect(settled).toMatchObject({ status: 'succeeded', output: { text: everything } })
    const failing = await decided('canary.read')
    tell(
      'a failure',
      await bot.client.calls.outcome({ params: { id: failing.certificate_id }, body: { status: 'failed', error: everything } }),
    )
    const trusted = await decided('canary.trusted')
    tell('a decision for a trusted tool', trusted)
    const released = await bot.client.calls.release({ params: { id: trusted.certificate_id } })
    expect(released.input).toEqual({ text: everything })
    tell('a second release', await refused(bot.client.calls.release({ params: { id: trusted.certificate_id } })).then(String))
    const output = { text: `done for ${everything}` }
    await bot.client.calls.outcome({ params: { id: trusted.certificate_id }, body: { status: 'succeeded', output } })
    tell('the trace of a trusted tool', await user.client.traces.get({ params: { id: trusted.id } }))
    for (const body of [
      { action: everything },
      { action: 'canary.read', input: { [everything]: 1 } },
      { action: 'canary.read', input: 7, session_id: everything },
    ])
      tell('a problem', await (await bot.fetch('/api/calls', { method: 'POST', body: JSON.stringify(body) })).text())
    tell('a page that is not there', await (await bot.fetch(`/api/traces/${encodeURIComponent(canaries.EMAIL)}`)).text())
    tell('a query', await (await user.fetch(`/api/traces?limit=${encodeURIComponent(canaries.SSN)}`)).text())

    // Texts, policies, and what people write.
    const { session_id } = await user.client.pii.createSession({ body: { purpose: 'canary', subject: canaries.EMAIL } })
    tell('a session', session_id)
    tell('redacted', await user.client.pii.redact({ body: { session_id, text: everything } }))
    tell('detected', await user.client.pii.detect({ body: { text: everything } }))
    expect((await user.client.pii.restore({ body: { session_id, text: '<SSN_1>', purpose: 'p' } })).restored_text).toBe(canaries.SSN)
    tell('a purpose', await refused(user.client.pii.restore({ body: { session_id, text: 'x', purpose: everything } })).then(String))
    tell(
      'a recognizer',
      await refused(user.client.pii.addRecognizer({ body: { name: 'x', kind: 'XX', pattern: canaries.SSN } })).then(String),
    )
    const asked = { principal: 'User::x', action: 'canary.read', resource: 'x', context: {}, input: { text: everything } }
    tell('a policy asked', await (await user.fetch('/api/policies/evaluate', { method: 'POST', body: JSON.stringify(asked) })).text())

    // A stream to whoever watches, while people use the console.
    const listening = new AbortController()
    const heard: string[] = []
    const stream = (async () => {
      for await (const event of user.client.traces.stream({ signal: listening.signal })) heard.push(JSON.stringify(event))
    })().catch(() => undefined)

    const visitor = await visit(browser, server.url)
    const { page } = visitor
    const console = consoleOf(page)
    await console.signIn(server.credentials.requester)
    const answers: [string, string][] = []
    const own = /\/api\/(playground|auth|pii\/(restore|reveal))/
    page.on('response', (response) => {
      if (own.test(response.url()) || !response.url().includes('/api/')) return
      void response
        .text()
        .then((text) => answers.push([`an answer to ${new URL(response.url()).pathname}`, text]))
        .catch(() => undefined)
    })
    await console.playground()
    await console.say(everything)
    await reads(console.part('sent'), '<SSN_1>')
    tell('what the model received', await console.part('sent').innerText())
    await console.say(`Delete user ${canaries.PERSON}, SSN ${canaries.SSN}, and export account history`)
    await page.locator('[data-step="tool"]').last().waitFor()
    const { items: held } = await user.client.approvals.pending()
    tell('what waits for a person', held)
    expect(held.length).toBeGreaterThan(0)

    const approver = await visit(browser, server.url)
    const other = consoleOf(approver.page)
    await other.signIn(server.credentials.approver)
    approver.page.on('response', (response) => {
      if (!/\/api\/auth/.test(response.url()) && response.url().includes('/api/'))
        void response
          .text()
          .then((text) => answers.push([`an answer to an approver, ${new URL(response.url()).pathname}`, text]))
          .catch(() => undefined)
    })
    await approver.page.goto('/approvals')
    await approver.page.getByText('Input, masked', { exact: true }).first().waitFor()
    tell('the page of approvals', await approver.page.content())
    for (const each of held)
      tell(
        'an answer',
        await (await server.signIn('approver')).client.approvals.decide({
          params: { id: each.id },
          body: { approved: true, reason: everything },
        }),
      )

    for (const path of [
      '/dashboard',
      '/traces',
      `/traces/${read.id}`,
      `/traces/${trusted.id}`,
      '/approvals?show=decided',
      '/evidence',
      `/evidence/${read.certificate_id}`,
      '/pii?all=true',
      '/pii?part=compliance',
      '/policies',
    ]) {
      await page.goto(path)
      await page.waitForLoadState('networkidle', { timeout: 5_000 }).catch(() => undefined)
      tell(`the page ${path}`, await page.content())
    }
    for (const each of [page, approver.page])
      tell(
        'storage of a browser',
        await each.evaluate<string>(
          `(async () => JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie, await indexedDB.databases(), await caches.keys()]))()`,
        ),
      )

    // Everything that is exported.
    for (const { decision_id } of (await user.client.evidence.certificates({ query: { limit: 100 } })).items) {
      tell('a bundle', await (await user.fetch(`/api/certificates/${decision_id}/bundle`)).text())
      tell('a theorem', await (await user.fetch(`/api/certificates/${decision_id}/theorem`)).text())
    }
    for (const path of [
      '/api/audit',
      '/api/pii/audit',
      '/api/pii/audit/export?format=csv',
      '/api/pii/audit/export',
      '/api/pii/stats',
      '/api/pii/access-report',
      '/api/pii/compliance',
      '/api/pii/sessions?all=true',
      '/api/traces',
      '/api/overview',
      '/api/approvals',
      '/api/health/readiness',
      '/api/tools',
      '/metrics',
    ])
      tell(path, await (await user.fetch(path)).text())
    listening.abort()
    await stream
    expect(heard.length).toBeGreaterThan(0)
    tell('a stream of traces', heard.join('\n'))
    await Promise.all([visitor.context.close(), approver.context.close()])
    await server.server.house.checkpoints.keep('default' as never)

    const found = [...said, ...answers].flatMap(([where, what]) => canariesIn(Buffer.from(what)).map((canary) => `${where}: ${canary}`))
    const onDisk = [...filesIn(server.folder), lines].flatMap((file) =>
      canariesIn(readFileSync(file)).map((canary) => `${file.split('/').at(-1)}: ${canary}`),
    )
    const logged = canariesIn(Buffer.from(server.log())).map((canary) => `the log: ${canary}`)
    expect([...new Set([...found, ...onDisk, ...logged])]).toEqual([])
    expect(filesIn(server.folder).map((file) => file.split('/').at(-1))).toEqual(
      expect.arrayContaining(['agentgate.db', 'agentgate.db-wal']),
    )
    expect(server.log().length).toBeGreaterThan(1_000)

    // The search finds what is there.
    expect(canariesIn(Buffer.from(`x ${everything} y`)).length).toBeGreaterThanOrEqual(Object.keys(canaries).length)
  })
})
