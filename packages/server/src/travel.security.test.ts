import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createClient } from '@agentgate/api'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readConfig } from './config.ts'
import { createLog } from './log.ts'
import { onlyTenant, openServer } from './server.ts'
import { placesFile } from './test-places.ts'
import { postgresPrograms, startTestPostgres, type TestPostgres } from './test-postgres.ts'
import { startTestServer, type TestServer, type TestUser } from './test-server.ts'

const berlin = '203.0.113.9'
const hamburg = '203.0.113.200'
const sydney = '198.51.100.7'
const nowhere = '192.0.2.1'
const hour = 3_600_000
const folder = mkdtempSync(join(tmpdir(), 'agentgate-places-'))
const file = join(folder, 'places.mmdb')
writeFileSync(
  file,
  placesFile({
    '203.0.113.0/25': { country: { iso_code: 'DE' }, location: { latitude: 52.52437, longitude: 13.41053 } },
    '203.0.113.128/25': { country: { iso_code: 'DE' }, location: { latitude: 53.55073, longitude: 9.99302 } },
    '198.51.100.0/24': { country: { iso_code: 'AU' }, location: { latitude: -33.86785, longitude: 151.20732 } },
  }),
)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const programs = postgresPrograms(process.env['PATH'])

for (const store of ['embedded', 'PostgreSQL'] as const) {
  describe.runIf(store === 'embedded' || programs)(`a server that knows where addresses are: ${store}`, () => {
    let postgres: TestPostgres | undefined
    let server: TestServer
    let admin: TestUser
    beforeAll(async () => {
      if (store === 'PostgreSQL' && programs) postgres = await startTestPostgres(programs)
      const env = { TRUSTED_PROXIES: '127.0.0.1', AGENTGATE_GEO_DATABASE: file, ...(postgres && { DATABASE_URL: await postgres.fresh() }) }
      server = await startTestServer({ still: true, env })
      await pass(0)
    }, 60_000)
    afterAll(async () => {
      await server.stop()
      await postgres?.stop()
    })

    /** Who looks on signs in again: tokens do not last so long. */
    const pass = async (ms: number) => {
      server.pass(ms)
      admin = await server.userWith('security_admin')
    }
    const raised = async (kind: string) => {
      const { items } = await admin.client.threats.list({ query: { limit: 200 } })
      return items.filter((each) => each.kind === kind)
    }
    const signIn = async (address: string, { email, password }: { email: string; password: string } = server.credentials.requester) => {
      const fetchFrom = (input: string | URL | Request, init?: RequestInit) => {
        const request = new Request(input, init)
        request.headers.set('x-forwarded-for', address)
        return fetch(request)
      }
      return createClient({ url: server.url, fetch: fetchFrom }).principals.login({ body: { email, password } })
    }
    const refresh = async (token: string, address: string) =>
      (
        await fetch(`${server.url}/api/auth/refresh`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', 'x-forwarded-for': address },
          body: JSON.stringify({ refresh_token: token }),
        })
      ).json() as Promise<{ refresh_token: string }>
    const countries = async () => {
      const { items } = await admin.client.evidence.audit({ query: { type: 'login', limit: 200 } })
      return items.flatMap(({ details }) => details['country'] ?? [])
    }

    it('says with each sign-in from which country it was, and sees nothing odd at home', async () => {
      await signIn(berlin)
      await signIn(berlin)
      await pass(60_000)
      await signIn(hamburg)
      await signIn(nowhere)
      expect(await countries()).toEqual(['DE', 'DE', 'DE'])
      expect([...(await raised('new_location')), ...(await raised('impossible_travel'))]).toEqual([])
    })

    it('raises a session that goes on at the other end of the world, without keeping anybody out', async () => {
      const { refresh_token: first = '' } = await signIn(berlin)
      await pass(600_000)
      const { refresh_token: second } = await refresh(first, berlin)
      expect(await raised('impossible_travel')).toEqual([])
      await pass(600_000)
      expect(await refresh(second, sydney)).toHaveProperty('access_token')
      await server.until(async () => (await raised('impossible_travel')).length > 0)
      const [threat] = await raised('impossible_travel')
      expect(threat).toMatchObject({ severity: 'high', state: 'pending', count: 1, subject: expect.stringMatching(/^User::/) })
    })

    it('raises a country that is new, once one could have travelled there, and says it to nobody at once', async () => {
      const traveller = { email: 'traveller@test.example', password: 'a long password of a traveller' }
      await server.server.users.add(onlyTenant, { ...traveller, roles: ['viewer'] })
      await signIn(berlin, traveller)
      await pass(30 * hour)
      await signIn(sydney, traveller)
      await server.until(async () => (await raised('new_location')).length > 0)
      await pass(30 * hour)
      await signIn(berlin, traveller)
      expect(await raised('new_location')).toMatchObject([{ severity: 'medium', count: 1 }])
      expect(await raised('impossible_travel')).toHaveLength(1)
    })
  })
}

describe('a server whose file of places is none', () => {
  it.each([
    ['missing.mmdb', 'cannot be read'],
    ['nonsense.mmdb', 'is no database of addresses'],
  ])('does not start, and says which variable is wrong: %s', async (name, why) => {
    const path = join(folder, name)
    if (name.startsWith('nonsense')) writeFileSync(path, Buffer.alloc(100_000, 'x'))
    const data = mkdtempSync(join(folder, 'data-'))
    const config = readConfig({ AGENTGATE_ENV: 'demo', AGENTGATE_DATA: data, PORT: '0', AGENTGATE_GEO_DATABASE: path })
    const log = createLog({ level: 'error', destination: { write: () => undefined } })
    await expect(openServer({ config, log })).rejects.toMatchObject({
      name: 'ConfigError',
      problems: [expect.stringMatching(new RegExp(`AGENTGATE_GEO_DATABASE.*${why}`))],
    })
  })
})
