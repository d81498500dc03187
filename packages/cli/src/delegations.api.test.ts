import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestServer, type TestServer, type TestUser } from '../../server/src/test-server.ts'
import { run } from './main.ts'

let server: TestServer
let admin: TestUser
let agent: TestUser
let holder: string
beforeAll(async () => {
  server = await startTestServer()
  admin = await server.userWith('admin')
  agent = await server.agentOf('worker')
  holder = (await agent.client.principals.me()).id
})
afterAll(() => server.stop())

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

  it('says what it cannot make sense of', async () => {
    for (const words of [
      ['issue', holder, '--for', 'long'],
      ['issue', holder, '--max-cost', 'much'],
      ['issue', holder, '--taint', 'all'],
      ['issue', 'Agent::nobody'],
      ['issue', holder, '--action', 'effect:fly'],
      ['show', 'nothing'],
      ['revoke', 'nothing'],
    ])
      expect([words, (await typed(admin, ...words)).code]).toEqual([words, 2])
  })
})
