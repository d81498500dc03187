import { type Route, routes } from '@agentgate/api'
import type { TenantId } from '@agentgate/core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { furnishTenant } from './furnishing.ts'
import { startTestServer, type TestServer, type TestUser } from './test-server.ts'

const acme = 'acme' as TenantId
/** What tenant `default` calls its things, and what they hold: nothing of it may ever be told to `acme`. */
const session = 'shared-session-4711'
const value = 'canary-tenant@default.example'
const kind = 'STAFF_CANARY'

let server: TestServer
let ours: TestUser
let theirs: TestUser
let opened: string
let called: { readonly id: string; readonly held: string; readonly approval: string }

beforeAll(async () => {
  server = await startTestServer()
  ours = await server.signIn('requester')
  await furnishTenant(server.server.house, acme)
  const credentials = { email: 'admin@acme.example', password: 'a long password of acme' }
  await server.server.users.add(acme, { ...credentials, roles: ['admin'] })
  const { access_token = '' } = await ours.client.principals.login({ body: credentials })
  theirs = server.using(access_token)
  for (const [user, password] of [
    [ours, server.credentials.requester.password],
    [theirs, credentials.password],
  ] as const)
    await user.client.principals.stepUp({ body: { password } })

  const { pii, calls } = ours.client
  opened = (await pii.createSession({ body: { purpose: 'ours', profile: 'authorized_viewers', subject: 'one-subject' } })).session_id
  for (const session_id of [opened, session]) await pii.redact({ body: { session_id, text: `write to ${value}` } })
  await pii.addRecognizer({ body: { name: 'canary-numbers', kind, pattern: 'CN-[0-9]{6}' } })
  const said = await calls.decide({ body: { action: 'chat', input: { text: `write to ${value}` }, session_id: session } })
  const held = await calls.decide({ body: { action: 'delete_user', input: { request: `user 17, ${value}` }, session_id: session } })
  called = { id: said.call.id, held: held.call.id, approval: String(held.approval_id) }
})
afterAll(() => server.stop())

const all: readonly Route[] = Object.values(routes).flatMap((verbs) => Object.values(verbs))

describe('what one tenant keeps', () => {
  it('is told to the administrator of another by no address, whoever they name in it', async () => {
    const me = await ours.client.principals.me()
    const keys = (await ours.client.pii.keys({})).items.map(({ id }) => id)
    const ids = [session, opened, called.id, called.held, called.approval, me.id, 'canary-numbers']
    const secret = [...ids, ...keys, value, kind]
    const queries = ['', 'all=true', `principal=${encodeURIComponent(me.id)}`, `session=${session}`, `session_id=${session}`]
    const told = new Set<string>()
    for (const { method, path } of all.filter((route) => route.method === 'GET' && !route.path.endsWith('/stream'))) {
      for (const id of path.includes(':') ? ids : ['']) {
        for (const query of queries) {
          const asked = `${path.replaceAll(/:\w+/g, encodeURIComponent(id))}?${query}`
          const named = (text: string) => secret.filter((each) => each !== id && !asked.includes(each) && text.includes(each))
          const answer = await theirs.fetch(asked, { method })
          expect([asked, named(await answer.text())]).toEqual([asked, []])
          for (const each of named(await (await ours.fetch(asked, { method })).text())) told.add(each)
        }
      }
    }
    // What nothing ever tells, to us either, proves nothing of them.
    expect([...told].toSorted()).toEqual(secret.toSorted())
  })

  it('is opened, restored, erased, rotated and taken away by nobody of another, and stands for nothing in a session of the same name', async () => {
    const { pii } = theirs.client
    const principal = (await ours.client.principals.me()).id
    const masked = await pii.redact({ body: { session_id: session, text: 'theirs@acme.example' } })
    expect(masked.redacted_text).toBe('<EMAIL_1>')
    for (const session_id of [session, opened]) {
      for (const whose of [{}, { principal }]) {
        const told = await theirs.fetch('/api/pii/restore', {
          method: 'POST',
          body: JSON.stringify({ session_id, text: '<EMAIL_1>', purpose: 'p', ...whose }),
        })
        const shown = await theirs.fetch('/api/pii/reveal', {
          method: 'POST',
          body: JSON.stringify({ session_id, token: '<EMAIL_1>', purpose: 'p', ...whose }),
        })
        for (const text of [await told.text(), await shown.text()]) expect(text).not.toContain(value)
        expect([session_id, whose, told.status < 300]).toEqual([session_id, whose, session_id === session && !('principal' in whose)])
      }
    }
    expect(await refused(pii.forget({ params: { id: opened } }))).toMatchObject({ status: 404 })
    expect(await refused(pii.removeRecognizer({ params: { id: 'canary-numbers' } }))).toMatchObject({ status: 404 })
    expect(await pii.erase({ body: { subject: 'one-subject', confirm: 'erase' } })).toMatchObject({ sessions: 0 })
    await pii.setRetention({ body: { kinds: { EMAIL: 60 } } })
    const before = await ours.client.pii.keys({})
    await pii.rotateKeys({ body: { confirm: 'rotate' } })
    await pii.forget({ params: { id: session } })
    expect((await ours.client.pii.keys({})).items.map(({ id }) => id)).toEqual(before.items.map(({ id }) => id))
    for (const session_id of [session, opened])
      expect(await ours.client.pii.restore({ body: { session_id, text: '<EMAIL_1>', purpose: 'p' } })).toEqual({
        restored_text: value,
        restorations: 1,
      })
  })

  it('is found by its own recognizers only', async () => {
    const text = 'CN-123456'
    const kinds = async ({ client }: TestUser) => (await client.pii.detect({ body: { text } })).detections.map((each) => each.kind)
    expect([await kinds(ours), await kinds(theirs)]).toEqual([[kind], []])
    expect(await refused(theirs.client.pii.detect({ body: { text, kinds: [kind] } }))).toMatchObject({ status: 422 })
  })
})

const refused = async (work: Promise<unknown>) => work.catch((error: unknown) => error)
