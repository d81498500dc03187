import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestServer, type TestServer, type TestUser } from './test-server.ts'

let server: TestServer
let user: TestUser
beforeAll(async () => {
  server = await startTestServer()
  user = await server.signIn('requester')
})
afterAll(() => server.stop())

const nobodyChats = '@id("nobody-chats") forbid (principal, action == Action::"chat", resource);'
const say = () => user.client.playground.chat({ body: { session_id: 'p', text: 'hello' } })

describe('policies over REST', () => {
  it('begin with the starter set, active and on record', async () => {
    const { items } = await user.client.policies.list()
    expect(items).toMatchObject([{ id: 'default-guardrails', versions: 1, active_version: 1 }])
    const { items: events } = await user.client.evidence.audit({ query: { type: 'policy.activated' } })
    expect(events).toMatchObject([{ by: 'system', details: { set: 'default-guardrails', to: 1 } }])
  })

  it('are refused whole, with line and column of what is wrong', async () => {
    const wrong = 'permit (principal, action, resource)\nwhen { context.input.nothing == 7 };'
    const validated = await user.client.policies.validate({
      body: { policy: { text: 'permit (principal, action, resource)\nwhen { nonsense };' } },
    })
    expect(validated.valid).toBe(false)
    expect(validated.diagnostics[0]).toMatchObject({ line: 2 })
    const created = user.client.policies.create({ body: { id: 'wrong', policy: { text: wrong } } })
    await expect(created).rejects.toMatchObject({
      status: 422,
      code: 'invalid-policy',
      body: { errors: expect.arrayContaining([expect.objectContaining({ path: '/policy', line: 2 })]) },
    })
    expect((await user.client.policies.list()).items.map(({ id }) => id)).not.toContain('wrong')
  })

  it('are refused when they ask for the answer of a role, or the mask of a kind, that there is not', async () => {
    const text = `@id("a") @approval("legal") permit (principal, action, resource);
@id("b") @mask("SSN,EMIAL") permit (principal, action, resource);
@id("c") @approval("viewer") permit (principal, action, resource);`
    await expect(user.client.policies.create({ body: { id: 'wrong', policy: { text } } })).rejects.toMatchObject({
      status: 422,
      code: 'invalid-policy',
      body: {
        errors: [
          { line: 1, column: 10, text: '@approval("legal")', help: expect.stringContaining('approver') },
          { line: 2, column: 10, text: '@mask("SSN,EMIAL")', help: expect.stringContaining('IBAN') },
          { line: 3, column: 10, text: '@approval("viewer")' },
        ],
      },
    })
  })

  it('decide from the moment they are activated, and no longer once they are not', async () => {
    expect((await say()).verdict).toBe('allow')
    const set = await user.client.policies.create({ body: { id: 'quiet', policy: { text: nobodyChats } } })
    expect((await say()).verdict).toBe('allow')
    await user.client.policies.activate({ params: { id: 'quiet' }, body: { why: 'a test' } })
    const refused = await say().catch((error: unknown) => error)
    expect(refused).toMatchObject({ status: 403, code: 'policy-forbid' })
    expect(refused).toMatchObject({
      body: {
        findings: expect.arrayContaining([
          expect.objectContaining({
            control: 'policy',
            policy: { digests: expect.arrayContaining([set.digest]), determining: ['quiet/nobody-chats'] },
          }),
        ]),
      },
    })
    await user.client.principals.stepUp({ body: { password: server.credentials.requester.password } })
    await user.client.policies.deactivate({ params: { id: 'quiet' } })
    expect((await say()).verdict).toBe('allow')
    const types = (await user.client.evidence.audit({ query: {} })).items.map(({ type }) => type)
    expect(types).toEqual(expect.arrayContaining(['policy.published', 'policy.activated', 'policy.deactivated']))
  })

  it('are written as quick rules too, and shown as the Cedar that they become', async () => {
    const policy = { quick: { pre_rules: [{ type: 'deny', action: 'delete', resource: '/prod/*' }] } }
    const set = await user.client.policies.create({ body: { id: 'quick', policy } })
    expect(set.text).toContain('forbid')
    expect(set.source).toMatchObject({ form: 'quick' })
    expect(await user.client.policies.validate({ body: { policy } })).toMatchObject({
      valid: true,
      warnings: [{ code: 'path', path: '/pre_rules/0', message: expect.stringContaining('not `/prod` itself') }],
    })
  })

  it('evaluate an example without recording or running anything', async () => {
    const before = (await user.client.evidence.checkpoint()).size
    const asked = {
      principal: { id: 'User::x', roles: ['admin'] },
      action: 'delete_user',
      resource: 'tool:delete_user',
      context: { input: { request: 'x' } },
    }
    expect(await user.client.policies.evaluate({ body: asked })).toMatchObject({
      verdict: 'hold',
      determining: ['default-guardrails/consequences-need-approval'],
    })
    expect(await user.client.policies.evaluate({ body: { ...asked, text: 'forbid (principal, action, resource);' } })).toMatchObject({
      verdict: 'deny',
    })
    const text = '@id("own") permit (principal, action, resource) when { context.session == "s-7" };'
    const said = (session: string) => user.client.policies.evaluate({ body: { ...asked, text, context: { ...asked.context, session } } })
    expect([(await said('s-7')).verdict, (await said('s-8')).verdict]).toEqual(['allow', 'deny'])
    expect((await user.client.evidence.checkpoint()).size).toBe(before)
  })

  it('may be activated by those only who have the permission', async () => {
    const approver = await server.signIn('approver')
    const asked = approver.client.policies.activate({ params: { id: 'default-guardrails' }, body: {} })
    await expect(asked).rejects.toMatchObject({ status: 403, code: 'not-permitted' })
  })
})

describe('tools over REST', () => {
  const body = { input: { type: 'object', properties: { q: { type: 'string' } } }, effect: 'read' as const }
  const call = () => user.client.calls.decide({ body: { action: 'search', input: { q: 'x' } } })

  it('are not turned into something else by those who may only register them', async () => {
    const developer = await server.userWith('developer')
    const body = { input: { type: 'object', additionalProperties: false }, effect: 'pay' as const, approval: true }
    await developer.client.tools.put({ params: { name: 'wire_money' }, query: {}, body })
    const weaker = { ...body, effect: 'read' as const, approval: false }
    const put = (confirm?: string) =>
      developer.client.tools.put({ params: { name: 'wire_money' }, query: confirm === undefined ? {} : { confirm }, body: weaker })
    const { digest, quarantined } = await put()
    expect(quarantined).toBe(true)
    await expect(put(digest)).rejects.toMatchObject({ status: 403, code: 'not-permitted' })
    await expect(developer.client.tools.remove({ params: { name: 'wire_money' } })).rejects.toMatchObject({ status: 403 })
  })

  it('are pinned: a change is quarantined until its digest is confirmed', async () => {
    const first = await user.client.tools.put({ params: { name: 'search' }, query: {}, body })
    expect(first.quarantined).toBe(false)
    expect((await call()).verdict).toBe('allow')
    const changed = await user.client.tools.put({ params: { name: 'search' }, query: {}, body: { ...body, description: 'new' } })
    expect(changed).toMatchObject({ quarantined: true })
    expect(await call()).toMatchObject({ verdict: 'deny', reason: { code: 'tool-quarantined' } })
    await user.client.tools.put({ params: { name: 'search' }, query: { confirm: changed.digest }, body: { ...body, description: 'new' } })
    expect((await call()).verdict).toBe('allow')
    await user.client.tools.remove({ params: { name: 'search' } })
    expect(await call()).toMatchObject({ verdict: 'deny', reason: { code: 'unknown-tool' } })
  })

  it('need a schema that is one', async () => {
    const put = (input: Record<string, unknown>) =>
      user.client.tools.put({ params: { name: 'odd' }, query: {}, body: { input, effect: 'read' } })
    await expect(put({ type: 'string' })).rejects.toMatchObject({ status: 422, body: { errors: [{ path: '/input' }] } })
    await expect(put({ type: 'object', properties: { a: { type: 'nonsense' } } })).rejects.toMatchObject({ status: 422 })
  })

  it('refuse keys that their schema does not name', async () => {
    await user.client.tools.put({ params: { name: 'search' }, query: {}, body: { ...body, description: 'new' } })
    const decision = await user.client.calls.decide({ body: { action: 'search', input: { q: 'x', z: 1 } } })
    expect(decision).toMatchObject({ verdict: 'deny', reason: { code: 'invalid-input' } })
  })
})
