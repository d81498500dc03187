import type { Problem, ToolBody } from '@agentgate/api'
import { freeze, type JsonObject, register } from '@agentgate/core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { digestOf } from './routes/tools.ts'
import { startTestServer, type TestServer, type TestUser } from './test-server.ts'

let server: TestServer
let admin: TestUser
let developer: TestUser
beforeAll(async () => {
  server = await startTestServer()
  admin = await server.signIn('requester')
  developer = await server.userWith('developer')
})
afterAll(() => server.stop())

const problem = async (asked: Promise<unknown>): Promise<Problem> =>
  asked.then(
    () => expect.fail('it was not refused'),
    (error: unknown) => error as Problem,
  )
const body = (effect: ToolBody['effect'], properties: Record<string, unknown> = {}): ToolBody => ({
  input: { type: 'object', properties, additionalProperties: false },
  effect,
})
const declarationOf = (name: string, { input, effect, action }: ToolBody) => ({
  name,
  input: freeze(input) as JsonObject,
  effect,
  ...(action !== undefined && { action }),
})
const put = ({ client }: TestUser, name: string, declared: ToolBody, confirm?: string) =>
  client.tools.put({ params: { name }, query: confirm === undefined ? {} : { confirm }, body: declared })
const remove = ({ client }: TestUser, name: string, confirm?: string) =>
  client.tools.remove({ params: { name }, query: confirm === undefined ? {} : { confirm } })
const digestIn = ({ message }: Problem) => /`([0-9a-f]{64})`/.exec(message)?.[1] ?? expect.fail(`no digest: ${message}`)
const names = async () => (await admin.client.tools.list()).items.map(({ name }) => name)
const publish = (id: string, text: string, invariants?: string) =>
  admin.client.policies.create({ body: { id, policy: { text }, ...(invariants !== undefined && { invariants }) } })

describe('an action that would stand for two effects', () => {
  it('is registered by nobody, whatever they confirm: by the name of a tool or the action that it declares', async () => {
    await put(admin, 'lookup', body('read'))
    for (const [name, declared] of [
      ['read', body('delete')],
      ['wipe', { ...body('delete'), action: 'read' }],
      ['wipe', { ...body('delete'), action: 'lookup' }],
      ['model.call', body('pay')],
    ] as const) {
      const refused = await problem(put(developer, name, declared))
      expect(refused).toMatchObject({ status: 409, code: 'action-conflict' })
      expect(refused.message).toContain(`\`${declared.effect}\``)
      const { digest } = register(declarationOf(name, declared), digestOf).facts
      for (const who of [developer, admin])
        for (const confirm of [digest, 'f'.repeat(64)])
          expect((await problem(put(who, name, declared, confirm))).code).toBe('action-conflict')
      expect(await names()).not.toContain(name)
    }
  })

  it('does not come about when two are registered at once', async () => {
    const both = (['read', 'delete'] as const).map((effect) => put(developer, `twin_${effect}`, { ...body(effect), action: 'twin' }))
    const settled = await Promise.allSettled(both)
    expect(settled.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    expect((await admin.client.policies.validate({ body: { policy: { text: 'permit (principal, action, resource);' } } })).valid).toBe(true)
  })
})

describe('a registration that policies would not survive', () => {
  const amount = { amount: { type: 'integer' } }
  const cap = (tool: string) =>
    `@id("cap") forbid (principal, action == Action::"${tool}", resource) when { context.input has amount && context.input.amount > 1000 };`

  it('is confirmed by those only who may activate policies, and over active ones after a step-up', async () => {
    await put(admin, 'pay3', body('pay', amount))
    await publish('cap3', cap('pay3'))
    const refused = await problem(put(developer, 'pay3', body('pay', { value: { type: 'integer' } })))
    expect(refused).toMatchObject({ status: 409, code: 'tool-schema-conflict', body: { conflicts: [{ set: 'cap3', policies: ['cap'] }] } })
    const digest = digestIn(refused)
    const again = (who: TestUser) => put(who, 'pay3', body('pay', { value: { type: 'integer' } }), digest)
    expect(await problem(again(developer))).toMatchObject({ status: 403, code: 'not-permitted' })
    await admin.client.policies.activate({ params: { id: 'cap3' }, body: {} })
    expect(await problem(again(admin))).toMatchObject({
      status: 403,
      code: 'step-up-required',
      body: { widened_by: expect.any(Array) as [] },
    })
    const stepped = await server.signIn('requester')
    await stepped.client.principals.stepUp({ body: { password: server.credentials.requester.password } })
    expect(await again(stepped)).toMatchObject({ digest, quarantined: false })
    const { items } = await admin.client.evidence.audit({ query: { type: 'tool.registered' } })
    expect(items.find(({ details }) => details['digest'] === digest)).toMatchObject({ details: { overrides: 1 } })
    await stepped.client.policies.deactivate({ params: { id: 'cap3' }, body: {} })
  })

  it('is not got round by removing the tool first', async () => {
    const { digest } = await put(admin, 'pay4', body('pay', amount))
    await publish('cap4', cap('pay4'))
    const refused = await problem(remove(admin, 'pay4'))
    expect(refused).toMatchObject({
      status: 409,
      code: 'tool-in-use',
      body: { conflicts: [{ set: 'cap4', version: 1, active: false, policies: ['cap'] }] },
    })
    expect(refused.message).toContain('`cap4` version 1 (cap)')
    expect(digestIn(refused)).toBe(digest)
    expect(await names()).toContain('pay4')
    expect(await problem(remove(admin, 'pay4', 'f'.repeat(64)))).toMatchObject({ status: 409, code: 'tool-digest-mismatch' })
    expect(await problem(remove(developer, 'pay4', digest))).toMatchObject({ status: 403, code: 'not-permitted' })
    await remove(admin, 'pay4', digest)
    expect(await names()).not.toContain('pay4')
    expect(await problem(remove(admin, 'pay4'))).toMatchObject({ status: 404 })
  })

  it('is not got round by removing a tool that no policy names: what comes back as another is quarantined', async () => {
    const { digest } = await put(admin, 'wiper', body('delete', {}))
    await remove(admin, 'wiper')
    expect(await put(admin, 'wiper', body('delete', {}))).toMatchObject({ digest, quarantined: false })
    await remove(admin, 'wiper')
    const changed = await put(developer, 'wiper', body('read', {}))
    expect(changed).toMatchObject({ quarantined: true })
    expect(await problem(put(developer, 'wiper', body('read', {}), changed.digest))).toMatchObject({ status: 403, code: 'not-permitted' })
    const decided = await admin.client.calls.decide({ body: { action: 'wiper', input: {} } })
    expect(decided).toMatchObject({ verdict: 'deny', reason: { code: 'tool-quarantined' } })
  })

  it('counts invariants too, and names them', async () => {
    await put(admin, 'noted', body('write', { note: { type: 'string' } }))
    const invariants =
      '@id("secret") @invariant("no secret is noted") forbid (principal, action == Action::"noted", resource) when { context.input has note && context.input.note like "*secret*" };'
    await publish('notes', '@id("p") permit (principal, action in Action::"read", resource);', invariants)
    const refused = await problem(put(admin, 'noted', body('write', { text: { type: 'string' } })))
    expect(refused).toMatchObject({
      status: 409,
      code: 'tool-schema-conflict',
      body: { conflicts: [{ set: 'notes', policies: ['secret'], errors: [{ in: 'invariants' }] }] },
    })
    expect(refused.message).not.toContain('()')
    expect(await problem(remove(admin, 'noted'))).toMatchObject({ status: 409, code: 'tool-in-use' })
  })
})

describe('a registration that lets more pass than the one before', () => {
  it('is confirmed after a step-up only, with what it changes; what lets nothing more pass is confirmed without', async () => {
    const { client } = await server.signIn('requester')
    const who = { ...admin, client }
    const strict: ToolBody = {
      ...body('delete', { path: { type: 'string' }, other: { type: 'string' } }),
      resource: 'path',
      approval: true,
      outputLabel: 'untrusted',
      cost: 500,
      arguments: { path: 'path' },
    }
    await publish('no-deletes', '@id("none") forbid (principal, action in Action::"delete", resource);')
    await client.policies.activate({ params: { id: 'no-deletes' }, body: {} })
    await put(admin, 'eraser', strict)
    const { approval: _, ...unheld } = strict
    for (const [loose, why] of [
      [{ ...strict, effect: 'read' }, 'its effect was `delete` and is `read`'],
      [{ ...strict, action: 'tidy' }, 'its action was `eraser` and is `tidy`'],
      [{ ...strict, resource: 'other' }, 'was `path`, where it is a string and is `other`'],
      [{ ...strict, input: body('delete', { other: { type: 'string' } }).input }, 'is `tool:eraser`'],
      [{ ...strict, boundary: 'trusted' }, 'its boundary was `external` and is `trusted`'],
      [unheld, 'always waited for a person'],
      [{ ...strict, outputLabel: 'none' }, 'its output was `untrusted` and is `none`'],
      [{ ...strict, cost: 1 }, 'count less towards budgets'],
      [{ ...strict, arguments: { path: 'prose' } }, 'threats are sought otherwise'],
    ] as const) {
      const { quarantined, digest } = await put(who, 'eraser', loose)
      expect([why, quarantined]).toEqual([why, true])
      const refused = await problem(put(who, 'eraser', loose, digest))
      expect([why, refused.status, refused.code]).toEqual([why, 403, 'step-up-required'])
      expect(refused.body.widened_by).toEqual([expect.stringContaining(why)])
      const agent = await server.agentOf('eraser-agent')
      const decided = await agent.client.calls.decide({ body: { action: 'eraser', input: { path: '/x', other: '/y' } } })
      expect([decided.verdict, decided.reason?.code]).toEqual(['deny', 'tool-quarantined'])
      const back = await put(who, 'eraser', { ...strict, description: why })
      expect((await put(who, 'eraser', { ...strict, description: why }, back.digest)).quarantined).toBe(false)
    }
    const stricter: ToolBody = { ...strict, cost: 900, description: 'dearer' }
    const { digest } = await put(who, 'eraser', stricter)
    expect((await put(who, 'eraser', stricter, digest)).quarantined).toBe(false)
    await client.principals.stepUp({ body: { password: server.credentials.requester.password } })
    const read = await put(who, 'eraser', { ...stricter, effect: 'read' })
    expect((await put(who, 'eraser', { ...stricter, effect: 'read' }, read.digest)).quarantined).toBe(false)
    await client.policies.deactivate({ params: { id: 'no-deletes' }, body: {} })
  }, 60_000)
})

describe('a schema in which fields are renamed, retyped or need not be there any more', () => {
  it('is confirmed after a step-up where an active policy may ask for them, also where the schema of another tool has them', async () => {
    const { client } = await server.signIn('requester')
    const who = { ...admin, client }
    const fields = { path: { type: 'string' }, to: { type: 'string' }, note: { type: 'string' } }
    const strict: ToolBody = { ...body('send', fields), resource: 'path' }
    const always: ToolBody = { ...strict, input: { ...strict.input, required: ['path'] } }
    await put(admin, 'post_a', always)
    await put(admin, 'post_b', body('send', { to: { type: 'string' } }))
    await publish(
      'no-boss',
      '@id("boss") forbid (principal, action in [Action::"post_a", Action::"post_b"], resource) when { context.input has to && context.input.to == "boss" };',
    )
    await client.policies.activate({ params: { id: 'no-boss' }, body: {} })
    const { to: _, ...rest } = fields
    const changed = (properties: Record<string, unknown>, required = ['path']): ToolBody => ({
      ...always,
      input: { ...body('send', properties).input, required },
    })
    for (const [loose, why] of [
      [changed({ ...rest, recipient: { type: 'string' } }), '`to` as an optional String no more'],
      [changed({ ...fields, to: { type: 'array', items: { type: 'string' } } }), 'but as an optional Set of String'],
      [changed({ ...fields, to: { type: ['string', 'array'] } }), '`to` as an optional String no more'],
      [changed(fields, []), 'was `path` of every call and is `path`, where it is a string'],
      [changed({ ...fields, path: { type: ['string', 'array'] } }), 'is `path`, where it is a string'],
    ] as const) {
      const asked = await put(who, 'post_a', loose).catch((error: unknown) => error as Problem)
      const digest = 'digest' in asked ? String(asked.digest) : digestIn(asked)
      const refused = await problem(put(who, 'post_a', loose, digest))
      expect([why, refused.code, refused.body.widened_by?.join()]).toEqual([why, 'step-up-required', expect.stringContaining(why)])
      const back = await put(who, 'post_a', { ...always, description: why })
      expect((await put(who, 'post_a', { ...always, description: why }, back.digest)).quarantined).toBe(false)
    }
    const { note: __, ...unasked } = fields
    const { digest } = await put(who, 'post_a', changed(unasked))
    expect((await put(who, 'post_a', changed(unasked), digest)).quarantined).toBe(false)
    await client.principals.stepUp({ body: { password: server.credentials.requester.password } })
    await client.policies.deactivate({ params: { id: 'no-boss' }, body: {} })
  }, 60_000)

  it('may carry the address of its own language, as schemas of the usual libraries do', async () => {
    const { input } = body('read', { since: { type: 'string', description: 'As of 2026-01-31, see https://example.com/api' } })
    const named = { input: { $schema: 'https://json-schema.org/draft/2020-12/schema', ...input }, effect: 'read' as const }
    expect((await put(admin, 'with_schema', named)).quarantined).toBe(false)
  })
})

describe('a tool whose schema hides what policies ask about', () => {
  const hidden = (name: string): ToolBody => ({
    input: { type: 'object', properties: { [name]: { $ref: '#/$defs/money' } }, $defs: { money: { type: 'integer' } } },
    effect: 'pay',
  })

  it('is registered once somebody has confirmed it, or what the rules come to with it is active', async () => {
    const { client } = await server.signIn('requester')
    await client.principals.stepUp({ body: { password: server.credentials.requester.password } })
    await put(admin, 'pay_seen', body('pay', { sum: { type: 'integer' } }))
    const rules = {
      policy_set_id: 'sums',
      version: 1,
      default_effect: 'allow',
      rules: [{ rule_id: 'big', effect: 'deny', conditions: [{ field: 'input.sum', operator: 'gt', value: 100 }] }],
      scope: { tools: ['pay_seen', 'pay_hidden'] },
    }
    const fields = { ...rules, scope: { tools: ['pay_seen'] } }
    await client.policies.create({ body: { id: 'sums', policy: { conditioned: fields } } })
    await client.policies.activate({ params: { id: 'sums' }, body: {} })
    const refused = await problem(put(admin, 'pay_hidden', hidden('sum')))
    expect(refused).toMatchObject({ status: 409, code: 'tool-schema-conflict', body: { conflicts: [{ set: 'sums', active: true }] } })
    await put({ ...admin, client }, 'pay_hidden', hidden('sum'), digestIn(refused))
    await client.policies.create({ body: { id: 'sums', policy: { conditioned: rules } } })
    await client.policies.activate({ params: { id: 'sums' }, body: {} })
    const agent = await server.agentOf('payer')
    const decide = (action: string, sum: number) => agent.client.calls.decide({ body: { action, input: { sum } } })
    expect((await decide('pay_seen', 50)).verdict).toBe('allow')
    expect(await decide('pay_seen', 500)).toMatchObject({ verdict: 'deny', reason: { code: 'policy-forbid' } })
    expect(await decide('pay_hidden', 500)).toMatchObject({ verdict: 'deny', policy: { determining: ['sums/big/pay_hidden'] } })
    await client.policies.deactivate({ params: { id: 'sums' }, body: {} })
  }, 60_000)

  it('is refused its calls that have it, by name and with a proof, where a policy in Cedar asks about it', async () => {
    const { client } = await server.signIn('requester')
    await client.principals.stepUp({ body: { password: server.credentials.requester.password } })
    const text = `
      @id("any") permit (principal, action in Action::"pay", resource);
      @id("big") forbid (principal, action in Action::"pay", resource) when { context.input has fee && context.input.fee > 100 };`
    await put(admin, 'pay_fee', body('pay', { fee: { type: 'integer' } }))
    await put(admin, 'pay_unseen', {
      ...hidden('fee'),
      input: { ...hidden('fee').input, properties: { fee: { $ref: '#/$defs/money' }, note: { type: 'string' } } },
    })
    await publish('fees', text)
    await client.policies.activate({ params: { id: 'fees' }, body: {} })
    const agent = await server.agentOf('fees-payer')
    const decide = (action: string, input: object) => agent.client.calls.decide({ body: { action, input } })
    expect((await decide('pay_fee', { fee: 5 })).verdict).toBe('allow')
    const unseen = await decide('pay_unseen', { fee: 5000 })
    expect(unseen).toMatchObject({ verdict: 'deny', reason: { code: 'invalid-request' } })
    expect(unseen.reason?.message).toContain('whose schema gives it no one type')
    expect(unseen.proof.solver.answer).toMatch(/^(unsat|simplified)$/)
    expect((await decide('pay_unseen', { note: 'no fee' })).verdict).toBe('allow')
    await client.policies.deactivate({ params: { id: 'fees' }, body: {} })
  }, 60_000)
})

describe('a field that policies match by an expression', () => {
  it('keeps its calls from passing where it is no text, with a proof, and those of other tools not', async () => {
    const { client } = await server.signIn('requester')
    await client.principals.stepUp({ body: { password: server.credentials.requester.password } })
    const list = { type: 'array', items: { type: 'string' } }
    await put(admin, 'sh_text', body('execute', { cmd: { type: 'string' } }))
    await put(admin, 'sh_list', body('execute', { cmd: list }))
    await put(admin, 'look_list', body('read', { cmd: list }))
    const text = `@id("no-rm") forbid (principal, action in [Action::"sh_text", Action::"sh_list"], resource)
      when { context.matched.contains("input.cmd matches ^launch ") };`
    await publish('shell', text)
    await client.policies.activate({ params: { id: 'shell' }, body: {} })
    const agent = await server.agentOf('shell-user')
    const decide = (action: string, cmd: unknown) => agent.client.calls.decide({ body: { action, input: { cmd } } })
    expect((await decide('sh_text', 'tell')).verdict).toBe('allow')
    expect((await decide('sh_text', 'launch it')).verdict).toBe('deny')
    const unread = await decide('sh_list', ['launch it'])
    expect(unread).toMatchObject({ verdict: 'deny', reason: { code: 'invalid-request' } })
    expect(unread.proof.solver.answer).toMatch(/^(unsat|simplified)$/)
    expect((await decide('look_list', ['launch it'])).verdict).toBe('allow')
    await client.policies.deactivate({ params: { id: 'shell' }, body: {} })
  }, 60_000)
})

describe('a change that waits to be confirmed', () => {
  it('waits still, once it was removed and comes back, and takes a step-up', async () => {
    await put(admin, 'waits', body('delete'))
    expect(await put(developer, 'waits', body('read'))).toMatchObject({ quarantined: true })
    await remove(admin, 'waits')
    const again = await put(developer, 'waits', body('read'))
    expect(again).toMatchObject({ quarantined: true })
    expect(await problem(put(admin, 'waits', body('read'), again.digest))).toMatchObject({ status: 403, code: 'step-up-required' })
  })
})
