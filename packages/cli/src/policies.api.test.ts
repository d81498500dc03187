import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
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

  it('shows where rules are wrong, at the line of the file, in JSON too', async () => {
    const rule = { type: 'denny', action: 'delete', resource: '/prod/*' }
    const wrong = await write('wrong.json', JSON.stringify({ pre_rules: [{ ...rule, type: 'deny' }, rule] }, null, 2))
    expect(await typed('validate', wrong)).toMatchObject({ code: 1, out: expect.stringContaining('9:7 `denny`') as string })
    const { diagnostics } = JSON.parse((await typed('validate', wrong, '--json')).out) as { diagnostics: unknown }
    expect(diagnostics).toMatchObject([{ path: '/pre_rules/1/type', line: 9, column: 7 }])
    for (const verb of ['publish', 'save'])
      expect(await typed(verb, 'wrong', wrong)).toMatchObject({ code: 2, err: expect.stringContaining('9:7 `denny`') as string })
    expect(await typed('load', wrong)).toMatchObject({ code: 2, err: expect.stringContaining('wrong.json:9:7 `denny`') as string })
    const lax = await write('lax.json', JSON.stringify({ pre_rules: [{ ...rule, type: 'deny' }] }, null, 1))
    expect((await typed('validate', lax)).out).toMatch(/^3:3 warning: /u)
  })

  it('warns of what a valid text most likely does not mean, and exits with 0', async () => {
    const file = await write('lax.cedar', 'forbid (principal, action, resource) when { context.resource like "/prod/*" };')
    const { code, out } = await typed('validate', file)
    expect(code).toBe(0)
    expect(out).toMatch(/^1:\d+ .*warning: .*not `\/prod` itself/u)
    expect(out).toContain('valid: 1 policy')
  })

  it('publishes, activates, shows, compares, locks, rolls back and deletes', async () => {
    const one = await write('one.cedar', small)
    const two = await write('two.cedar', small.replace('100', '50'))
    expect(await typed('validate', one)).toMatchObject({ code: 0, out: 'valid: 1 policy' })
    expect((await typed('publish', 'pay', one, '--why', 'start')).out).toMatch(/^published `pay` version 1, [0-9a-f]{64}$/)
    expect(await typed('activate', 'pay')).toMatchObject({ code: 0, out: expect.stringContaining('`pay` version 1 is active') as string })
    await typed('publish', 'pay', two)
    expect((await typed('diff', 'pay', '1', '2')).out).toMatch(/^- .*\n(.*\n)*\+ /)
    await typed('activate', 'pay')
    expect((await typed('list')).out).toMatch(/^pay +active +v2 +2 /m)
    expect((await typed('show', 'pay')).out).toContain('< 50')
    expect((await typed('show', 'pay', '--version', '1')).out).toContain('< 100')
    expect((await typed('rollback', 'pay')).out).toContain('`pay` version 1 is active')
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

  it('saves a draft, shows it, publishes it, and tells the versions and what happened', async () => {
    const one = await write('draft.cedar', small)
    expect(await typed('save', 'kept', one, '--why', 'a try')).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^saved the draft of `kept`, revision 1, [0-9a-f]{64}$/) as string,
    })
    expect((await typed('show', 'kept', '--draft')).out).toMatch(/^\/\/ kept draft, revision 1, /)
    expect(await typed('versions', 'kept')).toMatchObject({ code: 0, out: 'no version: there is a draft only' })
    expect(await typed('save', 'kept', one, '--revision', '0')).toMatchObject({
      code: 2,
      err: expect.stringContaining('draft-changed') as string,
    })
    const wrong = await write('draft-wrong.cedar', small.replace('amount <', 'amuont <'))
    expect((await typed('save', 'kept', wrong)).err).toContain('^^^')
    expect((await typed('publish', 'kept', '--why', 'ready')).out).toContain('published `kept` version 1')
    await typed('publish', 'kept', await write('draft-2.cedar', small.replace('100', '7')))
    expect((await typed('versions', 'kept')).out).toMatch(/^version +active +form .*\nv2 +- +cedar +- .*\nv1 +- +cedar/)
    const events = await typed('events', 'kept')
    expect(events.code).toBe(0)
    expect(events.out).toMatch(/^at +event +by +facts +why\n/)
    expect(events.out).toMatch(/^20\S+ \S+ +policy\.published +User::\S+ .*ready$/m)
    expect(events.out.split('\n')).toHaveLength(
      1 + (JSON.parse((await typed('events', 'kept', '--json')).out) as { items: [] }).items.length,
    )
    expect((await typed('versions', 'nothing')).err).toContain('unknown-policy')
  })

  it('loads a folder with all of its sets, or none of them', async () => {
    const bundle = join(folder, 'bundle')
    await mkdir(bundle)
    await writeFile(join(bundle, 'loaded-a.cedar'), small)
    await writeFile(
      join(bundle, 'loaded-a.invariants.cedar'),
      '@invariant("no payout of 100 or more") forbid (principal, action == Action::"payout", resource) when { context.input has amount && context.input.amount >= 100 };',
    )
    await writeFile(join(bundle, 'loaded-b.json'), '{"pre_rules":[{"type":"permit","action":"payout","resource":"*"}]}')
    await writeFile(
      join(bundle, 'loaded-c.cedar'),
      '\npermit (principal, action == Action::"payout", resource) when { context.input.amuont < 7 };',
    )
    const refused = await typed('load', bundle)
    expect(refused.code).toBe(2)
    expect(refused.err).toMatch(/nothing was loaded:\n\S+loaded-c\.cedar:2:\d+ .*amuont.*\n +permit .*\n +\^/)
    expect((await typed('list')).out).not.toContain('loaded-')

    await rm(join(bundle, 'loaded-c.cedar'))
    expect(await typed('load', bundle, '--why', 'moved here')).toMatchObject({
      code: 0,
      out: 'saved the draft of `loaded-a`, revision 1\nsaved the draft of `loaded-b`, revision 1',
    })
    expect((await typed('show', 'loaded-a', '--draft', '--invariants')).out).toContain('no payout of 100')
    expect((await typed('load', bundle, '--publish')).out).toBe('published `loaded-a` version 1\npublished `loaded-b` version 1')
    expect((await typed('show', 'loaded-a')).out).toMatch(/^[^]*\/\/ invariants\n\/\/ @invariant/)

    const whole = await write(
      'whole.json',
      JSON.stringify({
        sets: [
          { id: 'loaded-d', policy: { text: small } },
          { id: 'loaded-e', policy: { text: small } },
        ],
      }),
    )
    const json = JSON.parse((await typed('load', whole, '--json')).out) as { items: { id: string; state: string }[] }
    expect(json.items.map(({ id, state }) => [id, state])).toEqual([
      ['loaded-d', 'draft'],
      ['loaded-e', 'draft'],
    ])
    expect(await typed('load', join(folder, 'nowhere'))).toMatchObject({ code: 2, err: expect.stringContaining('nowhere') as string })
  })

  it('takes no file that is not UTF-8, and says where', async () => {
    const file = join(folder, 'latin1.cedar')
    await writeFile(file, Buffer.from('permit (principal, action, resource)\nwhen { context.resource like "/caf\xe9/*" };', 'latin1'))
    const place = { code: 2, err: expect.stringContaining('line 2, column 35') as string }
    for (const verb of [['validate'], ['publish', 'latin'], ['save', 'latin']]) expect(await typed(...verb, file)).toMatchObject(place)
    expect(await typed('load', file)).toMatchObject({ code: 2, err: expect.stringContaining('latin1.cedar:2:35') as string })
    expect((await typed('list')).out).not.toContain('latin')
  })

  it('says before it is done what a change would do', async () => {
    await typed('publish', 'seen', await write('seen.cedar', 'forbid (principal, action == Action::"payout", resource);'))
    const before = await typed('preview', 'seen')
    expect(before).toMatchObject({ code: 0, out: expect.stringMatching(/^`seen`: from nothing to version 1\n1 policy added/) as string })
    expect(before.out).toMatch(/newly allowed: nothing\nnewly denied:\n {2}\w+::.* payout /)
    expect((await typed('list')).out).toMatch(/^seen +published +- /m)
    expect(await typed('preview', 'seen', '--off')).toMatchObject({ code: 2, err: expect.stringContaining('not-active') as string })
    const off = await typed('preview', 'default-guardrails', '--off')
    expect(off.out).toMatch(/^`default-guardrails`: from version 1 to nothing\n/)
    expect(off.out).toContain('no policy set would be active: every call is denied')
    expect(off.out).toContain('It takes a step-up')
    expect((await typed('starters')).out).toMatch(/^default-guardrails$/m)
    expect((await typed('starters', 'payments')).out).toMatch(/^(permit|forbid) \(/m)
  }, 60_000)

  it('has every verb, each with help, and says no by its exit code with `--json` too', async () => {
    const verbs =
      'step-up list starters show versions events validate save publish load diff preview activate deactivate rollback lock unlock delete evaluate replay analyze'
    const { out } = await typed('--help')
    for (const verb of verbs.split(' ')) {
      expect(out).toMatch(new RegExp(`^  ${verb} `, 'm'))
      const help = await typed(verb, '--help')
      expect(help).toMatchObject({ code: 0, err: '' })
      for (const said of [`agentgate policies ${verb} [options]`, '--json', '--url <address>']) expect(help.out).toContain(said)
    }
    const call = await write('no.json', JSON.stringify({ principal: { id: 'User::x' }, action: 'payout', resource: '/x', context: {} }))
    const denied = await typed('evaluate', call, '--json')
    expect([denied.code, (JSON.parse(denied.out) as { verdict: string }).verdict]).toEqual([1, 'deny'])
    expect((await typed('validate', await write('no.cedar', 'permit'), '--json')).code).toBe(1)
  })

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
