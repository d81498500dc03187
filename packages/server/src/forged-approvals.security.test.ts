import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { postgresPrograms, startTestPostgres, type TestPostgres } from './test-postgres.ts'
import { startTestServer, type TestServer, type TestUser } from './test-server.ts'

const programs = postgresPrograms(process.env['PATH'])
if (!programs && process.env['CI']) throw new Error('PostgreSQL is not installed: nothing shows that forged approvals are found in it.')

for (const store of ['embedded', 'PostgreSQL'] as const) {
  describe.runIf(store === 'embedded' || programs)(`a call that waits, and somebody who writes to the database: ${store}`, () => {
    let database: TestPostgres | undefined
    let url = ''
    let server: TestServer
    let user: TestUser
    let approver: TestUser

    beforeAll(async () => {
      if (store === 'PostgreSQL') {
        database = await startTestPostgres(programs ?? '')
        url = await database.fresh()
      }
      server = await startTestServer({ env: url === '' ? {} : { DATABASE_URL: url } })
      user = await server.signIn('requester')
      approver = await server.signIn('approver')
      const input = { type: 'object', properties: { id: { type: 'string' } } }
      await user.client.principals.stepUp({ body: { password: server.credentials.requester.password } })
      await user.client.tools.put({ params: { name: 'delete_customer' }, query: {}, body: { input, effect: 'delete', approval: true } })
    }, 60_000)
    afterAll(async () => {
      await server.stop()
      await database?.stop()
    })

    /** One statement, as whoever owns the database runs it beside the server. */
    async function run(sql: string): Promise<void> {
      if (database) return database.edit(url, sql)
      const db = new Sqlite(join(server.folder, 'agentgate.db'))
      db.exec(sql)
      db.close()
    }
    const ask = async () => {
      const {
        id,
        verdict,
        approval_id: approval = '',
      } = await user.client.calls.decide({
        body: { action: 'delete_customer', input: { id: 'C-1' } },
      })
      expect(verdict).toBe('hold')
      return { id, approval }
    }
    const resume = async (id: string) => {
      const { verdict, reason } = await user.client.calls.resume({ params: { id }, body: {} })
      return [verdict, reason?.code]
    }
    const said = JSON.stringify([{ by: 'User::boss', approved: true, reason: '', at: 1, roles: ['approver', 'admin'] }])

    it('runs by an answer that a person gave', async () => {
      const { id, approval } = await ask()
      await approver.client.approvals.decide({ params: { id: approval }, body: { approved: true } })
      expect(await resume(id)).toEqual(['allow', undefined])
    })

    it('does not run by an answer that was written there, and somebody is told', async () => {
      const { id, approval } = await ask()
      await run(`update approval set state = 'approved', answers = '${said}' where id = '${approval}'`)
      expect(await approver.client.approvals.get({ params: { id: approval } })).toMatchObject({ forged: true })
      expect(await resume(id)).toEqual(['deny', 'approval-forged'])
      const auditor = await server.userWith('auditor')
      const events = async () => (await auditor.client.evidence.audit({ query: { type: 'approval.forged' } })).items
      await server.until(async () => (await events()).length > 0)
      expect((await events())[0]?.details).toMatchObject({ approval })
    })

    it('is not put before people as another', async () => {
      const { id, approval } = await ask()
      await run(`update approval set masked = replace(masked, 'delete_customer', 'read_customer') where id = '${approval}'`)
      await expect(approver.client.approvals.decide({ params: { id: approval }, body: { approved: true } })).rejects.toMatchObject({
        status: 409,
        code: 'approval-forged',
      })
      expect(await resume(id)).toEqual(['deny', 'approval-forged'])
    })

    it('stays denied by who denied it', async () => {
      const { id, approval } = await ask()
      await approver.client.approvals.decide({ params: { id: approval }, body: { approved: false } })
      await run(
        `update approval set state = 'approved', answers = replace(answers, '"approved":false', '"approved":true') where id = '${approval}'`,
      )
      const [verdict] = await resume(id).catch((error: { code: string }) => [error.code])
      expect(['deny', 'already-decided']).toContain(verdict)
    })
  })
}
