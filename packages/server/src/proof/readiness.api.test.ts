import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { eventually, startTestServer, type TestServer } from '../test-server.ts'

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
})
afterAll(() => server.stop())

const ready = async () => (await fetch(`${server.url}/health/readiness`)).status

describe('a server whose solver is gone', () => {
  it('says that it is not ready, and denies every call', async () => {
    const user = await server.signIn('requester')
    const { client } = await server.agentOf('one')
    await user.client.tools.put({ params: { name: 'look' }, query: {}, body: { input: { type: 'object' }, effect: 'read' } })
    const decide = () => client.calls.decide({ body: { action: 'look', input: {} } })
    expect(await ready()).toBe(200)
    expect(await decide()).toMatchObject({ verdict: 'allow', proof: { solver: { mode: 'enforce' } } })

    await server.server.house.prover.close()
    await eventually(async () => ((await ready()) === 503 ? true : undefined))
    expect(await decide()).toMatchObject({ verdict: 'deny', reason: { code: 'control-failed' } })
    const health = await (await user.fetch('/api/health')).json()
    expect(health).toMatchObject({ status: 'unhealthy', checks: { store: { ok: true }, solver: { ok: false } } })
    expect((await fetch(`${server.url}/health/liveness`)).status).toBe(200)
  })
})
