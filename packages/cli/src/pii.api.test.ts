import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestServer, type TestServer, type TestUser } from '../../server/src/test-server.ts'
import { Command } from 'commander'
import { piiCommand } from './pii.ts'
import { run } from './main.ts'

let server: TestServer
let user: TestUser
beforeAll(async () => {
  server = await startTestServer()
  user = await server.signIn('requester')
})
afterAll(() => server.stop())

/** What a person at the terminal gets, who gives `given` on standard input. */
async function typed(given: string, ...words: string[]) {
  const out: string[] = []
  let code = 0
  const terminal = {
    url: server.url,
    token: user.token,
    print: (line: string) => out.push(line),
    input: async () => Buffer.from(given),
    secret: async () => given,
  }
  const noun = piiCommand(terminal, (asked) => (code = asked))
  const err = await new Command()
    .addCommand(noun)
    .parseAsync(['pii', ...words], { from: 'user' })
    .then(
      () => '',
      (error: unknown) => String(error),
    )
  return { code, out: out.join('\n'), err }
}

describe('agentgate pii', () => {
  it('finds, masks and restores the text on standard input, and exits 1 where there is something', async () => {
    expect(await typed('nothing here', 'detect')).toMatchObject({ code: 0, out: '' })
    const found = await typed('SSN 123-45-6789', 'detect')
    expect(found.code).toBe(1)
    expect(found.out).toMatch(/SSN\s+4\s+15\s/)
    expect(found.out).not.toContain('6789')
    const { out: session } = await typed('', 'open', '--purpose', 'support')
    expect((await typed('SSN 123-45-6789\n', 'redact', session)).out).toBe('SSN <SSN_1>')
    expect((await typed('<SSN_1>', 'restore', session, '--purpose', 'support')).out).toBe('123-45-6789')
    expect((await typed('', 'redact', session)).err).toContain('No text was given')
    expect((await typed('', 'sessions')).out).toContain(session)
  })

  it('reveals, rotates, forgets and erases only for who stepped up and typed the word', async () => {
    const { out: session } = await typed('jane@example.com', 'open', '--purpose', 'support', '--subject')
    await typed('SSN 123-45-6789', 'redact', session)
    const reveal = ['reveal', session, '<SSN_1>', '--purpose', 'a dispute']
    expect((await typed('', ...reveal)).err).toContain('step-up-required')
    expect((await typed(server.credentials.requester.password, 'step-up')).out).toContain('stepped up until')
    expect((await typed('', ...reveal)).out).toBe('123-45-6789')
    expect((await typed('', 'rotate')).err).toContain('--confirm rotate')
    expect((await typed('', 'rotate', '--confirm', 'rotate')).out).toMatch(/^from \w{16} to \w{16}$/)
    expect((await typed('', 'keys')).out).toContain('current')
    expect((await typed('jane@example.com', 'erase')).err).toContain('--confirm erase')
    const erased = await typed('jane@example.com', 'erase', '--confirm', 'erase')
    expect(erased.out).toMatch(/destroyed 2 session keys with 1 SSN: certificate .+\nsalt [0-9a-f]{64}/)
    expect((await typed('<SSN_1>', 'restore', session, '--purpose', 'p')).err).toContain('unknown-token')
    const { out: other } = await typed('', 'open', '--purpose', 'support')
    expect((await typed('', 'forget', other, '--confirm', 'forget')).out).toContain('destroyed 1 session keys with no values')
  })

  it('looks after recognizers and retention, and reports', async () => {
    expect((await typed('', 'add-recognizer', 'staff-number', 'S-\\d{6}', '--kind', 'STAFF_NUMBER')).out).toBe(
      '`staff-number` finds STAFF_NUMBER',
    )
    expect((await typed('', 'recognizers')).out).toContain('S-\\d{6}')
    expect((await typed('tell S-123456', 'detect')).out).toContain('STAFF_NUMBER')
    expect((await typed('', 'remove-recognizer', 'staff-number')).out).toBe('removed')
    await typed('', 'retention', '--keep', 'SSN=28800')
    expect((await user.client.pii.retention()).kinds).toEqual({ SSN: 28_800 })
    expect((await typed('', 'retention', '--keep', 'SSN')).err).toContain('SSN=28800')
    await typed('', 'retention', '--usual', 'SSN')
    expect((await user.client.pii.retention()).kinds).toEqual({})
    expect((await typed('', 'audit', '--type', 'pii.revealed')).out).toContain('a dispute')
    expect((await typed('', 'access-report')).out).toContain('a dispute')
    expect((await typed('', 'stats')).out).toMatch(/integrity failures\s+0/)
    expect((await typed('', 'compliance')).out).toMatch(/not measured\s+HIPAA/)
  })

  it('is a noun of the program', async () => {
    const out: string[] = []
    const env = { AGENTGATE_URL: server.url, AGENTGATE_TOKEN: user.token }
    expect(
      await run(
        ['pii', 'stats', '--json'],
        env,
        (line) => out.push(line),
        (line) => out.push(line),
      ),
    ).toBe(0)
    expect(JSON.parse(out.join('\n'))).toMatchObject({ integrity_failures: 0 })
  })
})
