import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestServer, type TestServer, type TestUser } from '../../server/src/test-server.ts'
import { run } from './main.ts'

let server: TestServer
let admin: TestUser
beforeAll(async () => {
  server = await startTestServer()
  admin = await server.userWith('admin')
  const input = { type: 'object', properties: { text: { type: 'string' } }, required: ['text'], additionalProperties: false }
  await admin.client.tools.put({ params: { name: 'look_up' }, query: {}, body: { input, effect: 'read' } })
  const agent = await server.agentOf('curious')
  for (const text of ["x' OR '1'='1", '../../../etc/passwd'])
    await agent.client.calls.decide({ body: { action: 'look_up', input: { text } } })
})
afterAll(() => server.stop())

async function typed(...words: string[]) {
  const out: string[] = []
  const err: string[] = []
  const env = { AGENTGATE_URL: server.url, AGENTGATE_TOKEN: admin.token }
  const code = await run(
    ['threats', ...words],
    env,
    (line) => out.push(line),
    (line) => err.push(line),
  )
  return { code, out: out.join('\n'), err: err.join('\n') }
}

describe('agentgate threats', () => {
  it('lists threats and moves them on, once', async () => {
    const { out, code } = await typed('list')
    expect(code).toBe(0)
    expect(out).toMatch(/sql_injection +critical +pending +1 .*Agent::/)
    expect(out).toMatch(/path_traversal +high +pending/)
    const id = /(\S+) +sql_injection/.exec(out)?.[1] ?? ''
    expect(await typed('acknowledge', id)).toMatchObject({ code: 0, out: `\`${id}\` (sql_injection) is acknowledged` })
    expect((await typed('dismiss', id)).out).toContain('is dismissed')
    expect((await typed('show', id)).out).toMatch(
      /is dismissed: seen once, Agent::[^]*seen +\S+\n.* acknowledged +User::[^]* dismissed +User::/,
    )
    const again = await typed('resolve', id)
    expect([again.code, again.err]).toEqual([2, expect.stringContaining('moved this threat on already')])
    expect((await typed('list', '--state', 'pending')).out).not.toContain(id)
    expect(JSON.parse((await typed('list', '--state', 'dismissed', '--json')).out)).toMatchObject({ items: [{ id }] })
  })

  it('blocks networks and principals, and answers them again', async () => {
    expect((await typed('blocklist')).out).toBe('nothing is blocked')
    expect((await typed('block', '203.0.113.9', '--hours', '2')).out).toMatch(/^`network:203\.0\.113\.9` is blocked until /)
    expect((await typed('blocklist')).out).toMatch(/203\.0\.113\.9 .* by-hand +User::/)
    expect((await typed('unblock', '203.0.113.9')).out).toBe('`network:203.0.113.9` is answered again')
    const agent = /Agent::\S+/.exec((await typed('list')).out)?.[0] ?? ''
    expect((await typed('block', agent)).out).toContain(`\`${agent}\` is blocked until `)
    expect((await typed('unblock', agent)).out).toBe(`\`${agent}\` is answered again`)
  })

  it('shows what entered the sessions of an agent, and trusts them again', async () => {
    const agent = await server.agentOf('reader')
    const { id, call } = await agent.client.calls.decide({ body: { action: 'look_up', input: { text: 'all' } } })
    await agent.client.calls.outcome({ params: { id }, body: { status: 'succeeded', output: 'a page' } })
    const principal = call.principal.id
    expect((await typed('taints', principal)).out).toMatch(/\(none named\) +untrusted/)
    expect(await typed('reset-taint', principal)).toMatchObject({
      code: 0,
      out: `what \`${principal}\` does in no session is trusted again: it was \`untrusted\``,
    })
    expect((await typed('taints', principal)).out).toBe('nothing has entered its sessions')
    expect((await typed('reset-taint', principal)).err).toContain('taint')
  })

  it('plants honey tokens, shows their values once, and retires them', async () => {
    expect((await typed('honey-tokens')).out).toBe('no honey token is planted')
    const { out } = await typed('plant', 'the wiki', '--level', 'log', '--prefix', 'sk_live_')
    const [value = '', id = ''] = /^(sk_live_[a-z0-9]{32})\n`(\S+)` is planted/.exec(out)?.slice(1) ?? []
    const listed = (await typed('honey-tokens')).out
    expect(listed).toMatch(/log +planted +0 +- +the wiki/)
    expect([listed.includes(id), listed.includes(value)]).toEqual([true, false])
    expect((await typed('retire', id)).out).toBe(`\`${id}\` is not looked for any more`)
    expect((await typed('honey-tokens')).out).toMatch(/log +retired/)
  })

  it('says what it cannot make sense of', async () => {
    for (const words of [
      ['list', '--state', 'open'],
      ['block', '203.0.113.9', '--hours', 'many'],
      ['block', 'home'],
      ['unblock', '203.0.113.9'],
      ['plant', 'x', '--level', 'loud'],
      ['retire', 'nothing'],
      ['show', 'nothing'],
    ])
      expect([words, (await typed(...words)).code]).toEqual([words, 2])
  })
})
