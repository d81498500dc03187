import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestServer, type TestServer, type TestUser } from '../../server/src/test-server.ts'
import { run } from './main.ts'

let server: TestServer
let admin: TestUser
const folder = mkdtempSync(join(tmpdir(), 'agentgate-plans-'))
beforeAll(async () => {
  server = await startTestServer()
  admin = await server.userWith('admin')
})
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true })
  await server.stop()
})

function written(name: string, text: string): string {
  const file = join(folder, name)
  writeFileSync(file, text)
  return file
}

async function typed(...words: string[]) {
  const out: string[] = []
  const err: string[] = []
  const env = { AGENTGATE_URL: server.url, AGENTGATE_TOKEN: admin.token }
  const code = await run(
    ['plans', ...words],
    env,
    (line) => out.push(line),
    (line) => err.push(line),
  )
  return { code, out: out.join('\n'), err: err.join('\n') }
}

describe('agentgate plans', () => {
  const policy = () =>
    written(
      'ops.cedar',
      `permit (principal, action, resource) when { context.resource like "/api/*" };
       @id("no-prod") forbid (principal, action in Action::"delete", resource) when { context.resource like "/prod/*" };`,
    )
  const plan = (steps: object[]) => written('plan.json', JSON.stringify({ steps }))

  it('says which step is blocked and why, or that all is safe', async () => {
    const steps = [
      { action: 'read', resource: '/api/data' },
      { action: 'delete', resource: '/prod/db' },
    ]
    const blocked = await typed('verify', plan(steps), '--policy', policy())
    expect([blocked.code, blocked.err]).toEqual([1, ''])
    expect(blocked.out).toMatch(/0 +read +\/api\/data +allow +(simplified|unsat)\n1 +delete +\/prod\/db +deny/)
    expect(blocked.out).toMatch(/blocked at step 1: .*no-prod/)
    const safe = await typed('verify', plan(steps.slice(0, 1)), '--policy', policy())
    expect([safe.code, safe.out]).toEqual([0, expect.stringContaining('safe: each of 1 steps would be allowed')])
    expect(JSON.parse((await typed('verify', plan(steps), '--policy', policy(), '--json')).out)).toMatchObject({ blocked_step_index: 1 })
  })

  it('says what of a plan was not looked at, and what is wrong with it', async () => {
    const long = plan(Array.from({ length: 6 }, () => ({ action: 'read', resource: '/api/x' })))
    const found = await typed('verify', long, '--risk', 'low', '--policy', policy())
    expect([found.code, found.out]).toEqual([1, expect.stringContaining('inconclusive: only 5 steps are looked at')])
    expect(await typed('verify', long, '--risk', 'huge')).toMatchObject({ code: 2, err: expect.stringContaining('/risk') })
    expect(await typed('verify', written('empty.json', '{}'))).toMatchObject({ code: 2, err: expect.stringContaining('/steps') })
    expect(await typed('verify', join(folder, 'nowhere.json'))).toMatchObject({ code: 2, err: expect.stringContaining('cannot be read') })
  })
})
