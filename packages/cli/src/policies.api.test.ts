import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestServer, type TestServer, type TestUser } from '../../server/src/test-server.ts'
import { run } from './main.ts'

let folder: string
let server: TestServer
let user: TestUser
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'agentgate-cli-'))
  server = await startTestServer()
  user = await server.signIn('requester')
  await user.client.tools.put({
    params: { name: 'payout' },
    query: {},
    body: { input: { type: 'object', properties: { amount: { type: 'integer' } } }, effect: 'read' },
  })
})
afterAll(async () => {
  await server.stop()
  await rm(folder, { recursive: true, force: true })
})

async function write(name: string, text: string): Promise<string> {
  const file = join(folder, name)
  await writeFile(file, text)
  return file
}

/** What a person at the terminal gets. */
async function typed(...words: string[]) {
  const out: string[] = []
  const err: string[] = []
  const env = { AGENTGATE_URL: server.url, AGENTGATE_TOKEN: user.token }
  const code = await run(
    ['policies', ...words],
    env,
    (line) => out.push(line),
    (line) => err.push(line),
  )
  return { code, out: out.join('\n'), err: err.join('\n') }
}

/** The password comes on standard input, so it takes a process of its own. */
async function stepUp(password: string) {
  const env = { ...process.env, AGENTGATE_URL: server.url, AGENTGATE_TOKEN: user.token }
  const child = spawn(process.execPath, [join(import.meta.dirname, 'main.ts'), 'policies', 'step-up'], { env })
  child.stdin.end(`${password}\n`)
  const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
  return { code: Number(code), out, err }
}

const small =
  '@id("small") permit (principal, action == Action::"payout", resource)\nwhen { context.input has amount && context.input.amount < 100 };\n'

describe('agentgate policies', () => {
  it('shows where a text is wrong, with a caret under it, and exits with 1', async () => {
    const file = await write(
      'wrong.cedar',
      'permit (principal, action == Action::"payout", resource)\nwhen { context.input.amuont > 7 };\n',
    )
    const { code, out } = await typed('validate', file)
    expect(code).toBe(1)
    const lines = out.split('\n')
    const at = lines.findIndex((line) => line.includes('context.input.amuont > 7'))
    expect(lines[at - 1]).toMatch(/^2:\d+ .*amuont/)
    expect(lines[at + 1]?.indexOf('^')).toBe(lines[at]?.indexOf('context.input.amuont'))
    expect(await typed('publish', 'wrong', file)).toMatchObject({ code: 2, err: expect.stringContaining('^^^') as string })
  })

  it('publishes, activates, shows, compares, locks, rolls back and deletes', async () => {
    const one = await write('one.cedar', small)
    const two = await write('two.cedar', small.replace('100', '50'))
    expect(await typed('validate', one)).toMatchObject({ code: 0, out: 'valid: 1 policy' })
    expect((await typed('publish', 'pay', one, '--why', 'start')).out).toMatch(/^published `pay` version 1, [0-9a-f]{64}$/)
    expect(await typed('activate', 'pay')).toMatchObject({ code: 0, out: '`pay` version 1 is active' })
    await typed('publish', 'pay', two)
    expect((await typed('diff', 'pay', '1', '2')).out).toMatch(/^- .*\n(.*\n)*\+ /)
    await typed('activate', 'pay')
    expect((await typed('list')).out).toMatch(/^pay +active +v2 +2 /m)
    expect((await typed('show', 'pay')).out).toContain('< 50')
    expect((await typed('show', 'pay', '--version', '1')).out).toContain('< 100')
    expect((await typed('rollback', 'pay')).out).toBe('`pay` version 1 is active')
    expect((await typed('lock', 'pay')).out).toBe('`pay` is active, locked')
    expect(await typed('deactivate', 'pay')).toMatchObject({ code: 2, err: expect.stringContaining('policy-locked') as string })
    expect(await typed('unlock', 'pay')).toMatchObject({ code: 2, err: expect.stringContaining('agentgate policies step-up') as string })
    expect((await stepUp('wrong')).err).toContain('invalid-credentials')
    expect(await stepUp(server.credentials.requester.password)).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^stepped up until 20/),
    })
    expect(await typed('unlock', 'pay')).toMatchObject({ code: 0 })
    expect(await typed('deactivate', 'pay')).toMatchObject({ code: 0 })
    expect(await typed('delete', 'pay')).toMatchObject({ code: 0, out: '`pay` is deleted' })
    expect((await typed('list', '--deleted')).out).toMatch(/^pay +deleted/m)
  })

  it('judges an example call, recorded calls, and all calls', async () => {
    await typed(
      'publish',
      'ask',
      await write('ask.cedar', small),
      '--invariants',
      await write(
        'i.cedar',
        '@invariant("no payout of 50 or more") forbid (principal, action == Action::"payout", resource) when { context.input has amount && context.input.amount >= 50 };',
      ),
    )
    const call = (amount: number) =>
      write('call.json', JSON.stringify({ principal: { id: 'User::x' }, action: 'payout', resource: '/x', context: { input: { amount } } }))
    expect(await typed('evaluate', await call(5), '--set', 'ask')).toMatchObject({ code: 0, out: 'allow\n  by ask/small' })
    expect(await typed('evaluate', await call(500), '--set', 'ask')).toMatchObject({
      code: 1,
      out: expect.stringMatching(/^deny/) as string,
    })
    await user.client.calls.decide({ body: { action: 'payout', input: { amount: 70 } } })
    expect((await typed('replay', 'ask')).out).toMatch(/^1 calls: 0 newly denied/)
    const analyzed = await typed('analyze', 'ask')
    expect(analyzed.code).toBe(1)
    expect(analyzed.out).toMatch(/^violated {2}invariant0: no payout of 50 or more\n +\w+::\S+ .*payout/)
    const json = JSON.parse((await typed('analyze', 'ask', '--json')).out) as { invariants: { answer: string }[] }
    expect(json.invariants[0]?.answer).toBe('violated')
  }, 60_000)

  it('says in a line what it cannot do, and exits with 2', async () => {
    expect(await typed('show', 'nothing')).toMatchObject({ code: 2, err: expect.stringContaining('unknown-policy') as string })
    expect(await typed('show')).toMatchObject({ code: 2 })
    expect(await typed('show', 'x', '--version', 'two')).toMatchObject({ code: 2 })
    expect(await typed('validate', join(folder, 'none.cedar'))).toMatchObject({
      code: 2,
      err: expect.stringContaining('none.cedar') as string,
    })
    const nobody = await run(
      ['policies', 'list', '--url', 'http://127.0.0.1:9'],
      {},
      () => undefined,
      () => undefined,
    )
    expect(nobody).toBe(2)
  })
})
