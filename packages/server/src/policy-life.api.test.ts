import type { Problem } from '@agentgate/api'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestServer, type TestServer, type TestUser } from './test-server.ts'

let server: TestServer
let user: TestUser
beforeAll(async () => {
  server = await startTestServer()
  user = await server.signIn('requester')
})
afterAll(() => server.stop())

const scoped = (id: string, action = 'some_tool') => `@id("${id}") permit (principal, action == Action::"${action}", resource);`
const forbid = (id: string) => `@id("${id}") forbid (principal, action, resource) when { context.pii_count > 900 };`
const text = (cedar: string) => ({ policy: { text: cedar } })
const params = (id: string) => ({ params: { id } })
const problem = async (asked: Promise<unknown>): Promise<Problem> =>
  asked.then(
    () => expect.fail('it was not refused'),
    (error: unknown) => error as Problem,
  )
const codeOf = async (asked: Promise<unknown>) => {
  const { status, code } = await problem(asked)
  return [status, code]
}
const stateOf = async (id: string) => {
  const { state, locked, active_version } = await user.client.policies.standing(params(id))
  return [state, locked ? 'locked' : '', active_version]
}
const stepUp = (who: TestUser) => who.client.principals.stepUp({ body: { password: server.credentials.requester.password } })
const registerTool = (name: string, properties: Record<string, unknown> = {}, effect: 'read' | 'delete' = 'read') =>
  user.client.tools.put({ params: { name }, query: {}, body: { input: { type: 'object', properties }, effect } })

describe('a policy set', () => {
  beforeAll(() => registerTool('some_tool', { amount: { type: 'integer' } }))

  it('goes from draft to version to active and back, each step on record with who and why', async () => {
    const { client } = user
    const draft = await client.policies.putDraft({ ...params('walk'), body: { ...text(scoped('one')), why: 'first words' } })
    expect(draft).toMatchObject({ revision: 1, text: expect.stringContaining('some_tool') })
    expect(await stateOf('walk')).toEqual(['draft', '', null])
    expect(await codeOf(client.policies.activate({ ...params('walk'), body: {} }))).toEqual([404, 'unknown-policy'])
    const first = await client.policies.publish({ ...params('walk'), body: { revision: 1, why: 'ready' } })
    expect(first).toMatchObject({ version: 1, active: false, digest: draft.digest })
    expect(await stateOf('walk')).toEqual(['published', '', null])
    expect(await codeOf(client.policies.draft(params('walk')))).toEqual([404, 'not-found'])
    await client.policies.activate({ ...params('walk'), body: { why: 'go' } })
    expect(await stateOf('walk')).toEqual(['active', '', 1])
    await client.policies.create({ body: { id: 'walk', ...text(`${scoped('one')}\n${scoped('two', 'read')}`) } })
    await client.policies.activate({ ...params('walk'), body: { version: 2, why: 'more' } })
    expect(await client.policies.rollback({ ...params('walk'), body: { why: 'too much' } })).toMatchObject({ version: 1, active: true })
    await client.policies.deactivate({ ...params('walk'), body: { why: 'enough' } })
    expect(await stateOf('walk')).toEqual(['inactive', '', null])
    expect((await client.policies.remove({ ...params('walk'), query: { why: 'gone' } })).state).toBe('deleted')

    const { items } = await client.policies.events(params('walk'))
    expect(items.map(({ type, why, facts }) => [type, why, facts['from'], facts['to']]).reverse()).toEqual([
      ['policy.saved', 'first words', undefined, undefined],
      ['policy.published', 'ready', undefined, undefined],
      ['policy.activated', 'go', null, 1],
      ['policy.published', '', undefined, undefined],
      ['policy.activated', 'more', 1, 2],
      ['policy.rolled-back', 'too much', 2, 1],
      ['policy.deactivated', 'enough', 1, null],
      ['policy.deleted', 'gone', null, null],
    ])
    const audited = (await client.evidence.audit({ query: { limit: 200 } })).items.filter(({ details }) => details['set'] === 'walk')
    expect(audited.map(({ type }) => type)).toEqual(items.map(({ type }) => type))
    expect(JSON.stringify(audited)).not.toContain('too much')
  })

  it('that was deleted keeps its history, its name and its peace', async () => {
    const { client } = user
    expect((await client.policies.versions({ ...params('walk') })).items.map(({ version }) => version)).toEqual([2, 1])
    expect((await client.policies.list()).items.map(({ id }) => id)).not.toContain('walk')
    expect((await client.policies.list({ query: { deleted: 'true' } })).items.map(({ id }) => id)).toContain('walk')
    for (const asked of [
      () => client.policies.create({ body: { id: 'walk', ...text(scoped('one')) } }),
      () => client.policies.putDraft({ ...params('walk'), body: text(scoped('one')) }),
      () => client.policies.activate({ ...params('walk'), body: { version: 1 } }),
      () => client.policies.remove(params('walk')),
    ])
      expect(await codeOf(asked())).toEqual([409, 'policy-deleted'])
  })

  it('that is locked cannot be deactivated, replaced, rolled back or deleted, by anybody, until it is unlocked', async () => {
    const { client } = await server.signIn('requester')
    await client.policies.create({ body: { id: 'locked', ...text(forbid('one')) } })
    await client.policies.create({ body: { id: 'locked', ...text(`${forbid('one')}\n${scoped('two')}`) } })
    await client.policies.activate({ ...params('locked'), body: { version: 1 } })
    expect((await client.policies.lock({ ...params('locked'), body: { why: 'audit week' } })).locked).toBe(true)
    const tries = [
      () => client.policies.deactivate({ ...params('locked'), body: {} }),
      () => client.policies.activate({ ...params('locked'), body: { version: 2 } }),
      () => client.policies.rollback({ ...params('locked'), body: { version: 2 } }),
      () => client.policies.remove(params('locked')),
      () => client.policies.lock({ ...params('locked'), body: {} }),
    ]
    for (const asked of tries) expect(await codeOf(asked())).toEqual([409, 'policy-locked'])
    expect(await stateOf('locked')).toEqual(['active', 'locked', 1])
    expect(await client.policies.preview({ ...params('locked'), body: { version: 2 } })).toMatchObject({
      from: 1,
      to: 2,
      refused: { code: 'policy-locked' },
    })
    expect(await codeOf(client.policies.unlock({ ...params('locked'), body: {} }))).toEqual([403, 'step-up-required'])
    await client.principals.stepUp({ body: { password: server.credentials.requester.password } })
    await client.policies.unlock({ ...params('locked'), body: {} })
    expect(await codeOf(client.policies.remove(params('locked')))).toEqual([409, 'policy-active'])
    await client.policies.deactivate({ ...params('locked'), body: {} })
    await client.policies.remove(params('locked'))
    expect(await stateOf('locked')).toEqual(['deleted', '', null])
  })

  it('ends two activations at once in one of the two', async () => {
    const { client } = user
    for (const action of ['read', 'write', 'execute']) {
      await client.policies.create({ body: { id: 'race', ...text(scoped('one', action)) } })
    }
    const all = await Promise.allSettled(
      [1, 2, 3, 1, 2, 3].map((version) => client.policies.activate({ ...params('race'), body: { version } })),
    )
    for (const each of all) if (each.status === 'rejected') expect(each.reason).toMatchObject({ code: 'policy-contended' })
    const moves = (await client.policies.events(params('race'))).items.filter(({ type }) => type === 'policy.activated').reverse()
    // Each change began where the one before it ended.
    for (const [index, { facts }] of moves.entries()) expect(facts['from']).toBe(index === 0 ? null : moves[index - 1]?.facts['to'])
    expect((await stateOf('race'))[2]).toBe(moves.at(-1)?.facts['to'])
    await client.policies.deactivate({ ...params('race'), body: {} })
  })

  it('has one draft, which nobody overwrites unseen', async () => {
    const { client } = user
    await client.policies.putDraft({ ...params('both'), body: { ...text(scoped('one')), revision: 0 } })
    await client.policies.putDraft({ ...params('both'), body: { ...text(scoped('two')), revision: 1 } })
    const late = client.policies.putDraft({ ...params('both'), body: { ...text(scoped('three')), revision: 1 } })
    expect(await codeOf(late)).toEqual([409, 'draft-changed'])
    expect(await codeOf(client.policies.publish({ ...params('both'), body: { revision: 1 } }))).toEqual([409, 'draft-changed'])
    expect((await client.policies.draft(params('both'))).text).toContain('"two"')
    expect((await client.policies.remove(params('both'))).state).toBe('deleted')
    expect(await codeOf(client.policies.publish({ ...params('both'), body: {} }))).toEqual([404, 'unknown-policy'])
  })

  it('is refused whole when a part of it is wrong, and the set that decides is untouched', async () => {
    const before = await user.client.policies.list()
    const wrong = 'permit (principal, action == Action::"some_tool", resource)\nwhen { context.input.amuont > 7 };'
    const refused = await problem(user.client.policies.putDraft({ ...params('typo'), body: text(wrong) }))
    expect(refused).toMatchObject({ status: 422, code: 'invalid-policy', body: { errors: [{ path: '/policy', line: 2 }] } })
    expect(JSON.stringify(refused.body.errors)).toContain('amuont')
    const bundle = {
      sets: [
        { id: 'fine', ...text(scoped('one')) },
        { id: 'typo', ...text(wrong) },
        ...Array.from({ length: 25 }, (_, n) => ({ id: `fine-${n}`, ...text(scoped('one')) })),
        { id: 'other', policy: { quick: { pre_rules: [{ type: 'sometimes' }] } } },
      ],
      publish: true,
    }
    expect(await problem(user.client.policies.load({ body: bundle }))).toMatchObject({
      status: 422,
      code: 'invalid-policy',
      body: {
        detail: expect.stringContaining('2 sets of the bundle') as string,
        errors: [{ path: '/sets/1/policy', line: 2 }, { path: '/sets/27/policy/quick/pre_rules/0/type' }],
      },
    })
    expect(await user.client.policies.list()).toEqual(before)
  })

  it('is imported in any of its forms, with its invariants, as a draft or published', async () => {
    const quick = { pre_rules: [{ type: 'deny', action: 'delete', resource: '/prod/*' }] }
    const conditioned = {
      policy_set_id: 'cond',
      version: '1',
      default_effect: 'deny',
      rules: [{ rule_id: 'r', effect: 'allow', conditions: [{ field: 'action', operator: 'eq', value: 'some_tool' }] }],
    }
    const invariants = '@invariant("nothing is paid") forbid (principal, action in Action::"pay", resource);'
    const { items } = await user.client.policies.load({
      body: {
        sets: [
          { id: 'load-cedar', ...text(scoped('one')), invariants },
          { id: 'load-quick', policy: { quick } },
          { id: 'load-cond', policy: { conditioned } },
        ],
        publish: true,
      },
    })
    expect(items.map(({ id, state }) => [id, state])).toEqual([
      ['load-cedar', 'published'],
      ['load-cond', 'published'],
      ['load-quick', 'published'],
    ])
    expect((await user.client.policies.get(params('load-cedar'))).invariants).toBe(invariants)
    expect((await user.client.policies.get(params('load-cond'))).source).toMatchObject({ form: 'conditioned' })
    const starters = await user.client.policies.starters()
    expect(starters.items.map(({ id }) => id)).toContain('payments')
    const drafts = await user.client.policies.load({
      body: { sets: starters.items.map(({ id, text, invariants }) => ({ id: `my-${id}`, policy: { text }, invariants })) },
    })
    for (const { state } of drafts.items) expect(state).toBe('draft')
  })

  it('says what two of its versions differ in', async () => {
    const { client } = user
    await client.policies.create({ body: { id: 'two', ...text(`${scoped('a')}\n${scoped('b')}`) } })
    await client.policies.create({ body: { id: 'two', ...text(`${scoped('b', 'read')}\n${forbid('c')}`) } })
    const found = await client.policies.diff({ ...params('two'), query: { from: 1, to: 2 } })
    const ids = (list: readonly { id: string }[]) => list.map(({ id }) => id)
    expect([ids(found.added), ids(found.removed), ids(found.changed)]).toEqual([['c'], ['a'], ['b']])
    await client.policies.putDraft({ ...params('two'), body: text(scoped('d')) })
    expect(await client.policies.diff({ ...params('two'), query: { from: 1 } })).toMatchObject({ to: null, added: [{ id: 'd' }] })
    expect(await codeOf(client.policies.diff({ ...params('two'), query: { from: 9 } }))).toEqual([404, 'unknown-version'])
  })
})

describe('what may widen access', () => {
  beforeAll(() => registerTool('some_tool', { amount: { type: 'integer' } }))

  it('shows what it would allow, and takes a step-up of the session: never an API key', async () => {
    const { client } = await server.signIn('requester')
    await registerTool('wide_tool', {}, 'delete')
    await client.policies.create({ body: { id: 'wide', ...text('@id("all") permit (principal, action, resource);') } })
    const shown = await client.policies.preview({ ...params('wide'), body: {} })
    expect(shown).toMatchObject({ from: null, to: 1, step_up: true, unscoped_permits: ['wide/all'], refused: null })
    expect(shown.newly_allowed).toMatchObject({ answer: 'violated' })
    const refused = await problem(client.policies.activate({ ...params('wide'), body: {} }))
    expect(refused).toMatchObject({ status: 403, code: 'step-up-required' })
    const [example] = refused.body.newly_allowed ?? []
    expect(example?.action).toBeTypeOf('string')
    expect(await stateOf('wide')).toEqual(['published', '', null])

    const agent = await server.agentOf('ci')
    expect(await codeOf(agent.client.principals.stepUp({ body: { password: 'x' } }))).toEqual([403, 'no-session'])
    expect((await codeOf(agent.client.policies.activate({ ...params('wide'), body: {} })))[0]).toBe(403)
    expect(await codeOf(client.principals.stepUp({ body: { password: 'not the password' } }))).toEqual([403, 'invalid-credentials'])
    expect(await codeOf(client.policies.activate({ ...params('wide'), body: {} }))).toEqual([403, 'step-up-required'])
    await client.principals.stepUp({ body: { password: server.credentials.requester.password } })
    await client.policies.activate({ ...params('wide'), body: {} })
    // What the preview said would be allowed is allowed.
    expect(
      await client.policies.evaluate({
        body: {
          principal: { id: example?.principal.id ?? '', roles: example?.principal.roles ?? [] },
          action: example?.action ?? '',
          resource: example?.resource ?? '',
          context: example?.context ?? {},
        },
      }),
    ).toMatchObject({ verdict: 'allow' })
    await client.policies.deactivate({ ...params('wide'), body: {} })
  }, 60_000)

  it('is what asks for less, in whatever words, and the invariants that go', async () => {
    const { client } = await server.signIn('requester')
    const publish = (permit: string, invariants?: string) =>
      client.policies.create({ body: { id: 'less', ...text(permit), ...(invariants !== undefined && { invariants }) } })
    const invariant =
      '@invariant("never both") forbid (principal, action, resource) when { context.pii_count > 9 && context.pii_count < 9 };'
    const held = '@id("p") @approval("approver") permit (principal, action == Action::"some_tool", resource);'
    await publish(held, invariant)
    await client.policies.activate({ ...params('less'), body: {} })
    for (const [permit, stated, why] of [
      [held.replace('@approval("approver")', ''), invariant, '`less/p` asks no longer for `@approval("approver")`'],
      [held.replace('"approver"', '"admin"'), invariant, 'asks no longer for'],
      [
        held.replace('@approval("approver")', '').replace('"p"', '"q"').replace('resource)', 'resource) when { 1 == 1 }'),
        invariant,
        'calls of `some_tool` may pass by the permit `less/q` without what `less/p` asks of them',
      ],
      [held, undefined, 'the invariant `less/invariant0` goes'],
      [held, invariant.replace('> 9', '> 8'), 'the invariant `less/invariant0` goes'],
    ] as const) {
      await publish(permit, stated)
      const refused = await problem(client.policies.activate({ ...params('less'), body: {} }))
      expect([refused.status, refused.code]).toEqual([403, 'step-up-required'])
      expect(refused.body.widened_by).toContainEqual(expect.stringContaining(why))
      const shown = await client.policies.preview({ ...params('less'), body: {} })
      expect([shown.step_up, shown.widened_by]).toEqual([true, refused.body.widened_by])
    }
    // What asks for as much or more, or says the same otherwise, does not.
    for (const permit of [held.replace('"p"', '"other"'), held.replace('@id("p")', '@id("p") @confirm("preview")')]) {
      await publish(permit, invariant)
      await client.policies.activate({ ...params('less'), body: {} })
    }
    expect(await codeOf(client.policies.deactivate({ ...params('less'), body: {} }))).toEqual([403, 'step-up-required'])
    await stepUp({ ...user, client })
    await client.policies.deactivate({ ...params('less'), body: {} })
  }, 60_000)

  it('is told where it takes no step-up either: what it newly allows', async () => {
    const { client } = await server.signIn('requester')
    await client.policies.create({ body: { id: 'more', ...text(scoped('m', 'some_tool')) } })
    const moved = await client.policies.activate({ ...params('more'), body: {} })
    expect(moved).toMatchObject({ active: true, newly_allowed: { answer: 'violated', examples: [{ action: 'some_tool' }] }, undecided: [] })
    expect(await client.policies.deactivate({ ...params('more'), body: {} })).toMatchObject({
      newly_allowed: { answer: 'holds', examples: [] },
    })
  }, 60_000)

  it('is an invariant that nobody can decide, unless the change only takes away', async () => {
    const { client } = await server.signIn('requester')
    await registerTool('long_text', { text: { type: 'string' } })
    const pattern = Array.from({ length: 40 }, (_, n) => `a${n}`).join('*')
    const hard = `@invariant("never so") forbid (principal, action == Action::"long_text", resource)
      when { context.input has text && context.input.text like "*${pattern}*" && !(context.input.text like "*b*${pattern}*c*") };`
    const permit = `@id("p") permit (principal, action == Action::"long_text", resource) when { context.input has text && !(context.input.text like "*z*${pattern}*") };`
    await client.policies.create({ body: { id: 'hard', ...text(permit), invariants: hard } })
    const preview = await client.policies.preview({ ...params('hard'), body: {} })
    const unknown = { answer: 'unknown', set: 'hard', why: 'the patterns on one text are too entangled' }
    expect(preview.invariants.at(-1)).toMatchObject(unknown)
    const why = 'whether the invariant `hard/invariant0` holds cannot be told: the patterns on one text are too entangled'
    expect([preview.step_up, preview.widened_by]).toEqual([true, [why]])
    const refused = await problem(client.policies.activate({ ...params('hard'), body: {} }))
    expect([refused.code, refused.body.widened_by]).toEqual(['step-up-required', [why]])
    await stepUp({ ...user, client })
    expect((await client.policies.activate({ ...params('hard'), body: {} })).undecided).toMatchObject([unknown])
    expect((await client.policies.deactivate({ ...params('hard'), body: {} })).undecided).toEqual([])
  }, 120_000)

  it('is asked for again once the step-up is five minutes old', async () => {
    const { client } = await server.signIn('requester')
    await client.policies.create({ body: { id: 'fade', ...text(forbid('f')) } })
    await client.policies.activate({ ...params('fade'), body: {} })
    await client.principals.stepUp({ body: { password: server.credentials.requester.password } })
    server.pass(301_000)
    expect(await codeOf(client.policies.deactivate({ ...params('fade'), body: {} }))).toEqual([403, 'step-up-required'])
    const other = await server.signIn('requester')
    await other.client.principals.stepUp({ body: { password: server.credentials.requester.password } })
    expect(await codeOf(client.policies.deactivate({ ...params('fade'), body: {} }))).toEqual([403, 'step-up-required'])
    await other.client.policies.deactivate({ ...params('fade'), body: {} })
  }, 60_000)
})

describe('invariants', () => {
  const never =
    '@id("never") @invariant("some_tool is for auditors only") forbid (principal, action == Action::"some_tool", resource) unless { principal in Role::"auditor" };'

  it('that a call can break refuse the activation, and show the call, which the evaluator allows', async () => {
    const { client } = await server.signIn('requester')
    await stepUp({ ...user, client })
    await client.policies.create({ body: { id: 'inv', ...text(scoped('one')), invariants: never } })
    const refused = await problem(client.policies.activate({ ...params('inv'), body: {} }))
    expect(refused).toMatchObject({ status: 409, code: 'invariant-violated', body: { invariants: [{ id: 'never', set: 'inv' }] } })
    const call = refused.body.invariants?.[0]?.counterexample
    expect(call).toMatchObject({ action: 'some_tool' })
    expect(call?.principal.roles).not.toContain('auditor')
    const asked = {
      principal: { id: call?.principal.id ?? '', roles: call?.principal.roles ?? [] },
      action: call?.action ?? '',
      resource: call?.resource ?? '',
    }
    expect(await client.policies.evaluate({ body: { ...asked, policy_set_id: 'inv' } })).toMatchObject({ verdict: 'allow' })
    expect(await stateOf('inv')).toEqual(['published', '', null])
    const analyzed = await client.policies.analyze({ ...params('inv'), body: { questions: ['invariants', 'findings'] } })
    expect(analyzed.invariants).toMatchObject([{ id: 'never', answer: 'violated' }])
    expect(analyzed.findings).toEqual({ found: [], unknown: [] })
  }, 60_000)

  it('are part of a version: the same policies without them are another', async () => {
    const { client } = user
    const { version } = await client.policies.create({ body: { id: 'inv', ...text(scoped('one')) } })
    expect(version).toBe(2)
    expect((await client.policies.get({ ...params('inv'), query: { version: 1 } })).invariants).toBe(never)
  })

  it('compare two versions by the calls that they decide otherwise', async () => {
    const { client } = user
    await client.policies.create({ body: { id: 'cmp', ...text(scoped('one')) } })
    await client.policies.create({
      body: { id: 'cmp', ...text(`${scoped('one')}\n@id("no") forbid (principal, action, resource) when { context.mfa };`) },
    })
    const found = await client.policies.analyze({
      ...params('cmp'),
      body: { questions: ['difference', 'at_most'], version: 2, against: { version: 1 } },
    })
    expect(found.difference).toMatchObject({ newly_allowed: { answer: 'holds', examples: [] }, newly_denied: { answer: 'violated' } })
    expect(found.difference?.newly_denied.examples[0]).toMatchObject({ action: 'some_tool', context: { mfa: true } })
    expect(found.at_most).toMatchObject({ answer: 'holds' })
  }, 60_000)
})

describe('replay', () => {
  it('judges recorded calls again by a draft: what would be denied, by tool and agent, and nothing changes', async () => {
    const { client } = user
    for (let each = 0; each < 3; each++) await client.calls.decide({ body: { action: 'some_tool', input: { amount: each * 100 } } })
    const big =
      '@id("big") forbid (principal, action == Action::"some_tool", resource) when { context.input has amount && context.input.amount >= 100 };'
    await client.policies.putDraft({ ...params('replayed'), body: text(big) })
    const before = await client.policies.list()
    const found = await client.policies.replay({ ...params('replayed'), body: { draft: true } })
    expect(found).toMatchObject({ newly_denied: 2, newly_allowed: 0 })
    expect(found.by_tool).toContainEqual({ name: 'some_tool', calls: 3, newly_allowed: 0, newly_denied: 2 })
    expect(found.changed.map(({ before, after, determining }) => [before, after, determining])).toEqual([
      ['allow', 'deny', ['replayed/big']],
      ['allow', 'deny', ['replayed/big']],
    ])
    expect(await client.policies.list()).toEqual(before)
  })
})

describe('a tool whose schema changes', () => {
  const body = (properties: Record<string, unknown>) => ({ input: { type: 'object', properties }, effect: 'read' as const })

  it('is refused with the policies that would no longer validate, until the change is confirmed', async () => {
    const { client } = user
    const put = (properties: Record<string, unknown>, confirm?: string) =>
      client.tools.put({ params: { name: 'payout' }, query: confirm === undefined ? {} : { confirm }, body: body(properties) })
    await put({ amount: { type: 'integer' } })
    const uses =
      '@id("big") forbid (principal, action == Action::"payout", resource)\nwhen { context.input has amount && context.input.amount > 100 };'
    await client.policies.create({ body: { id: 'payouts', ...text(uses) } })
    const refused = await problem(put({ sum: { type: 'integer' } }))
    expect(refused).toMatchObject({
      status: 409,
      code: 'tool-schema-conflict',
      body: {
        conflicts: [{ set: 'payouts', version: 1, active: false, policies: ['big'], errors: [{ line: expect.any(Number) as number }] }],
      },
    })
    expect((await client.tools.list()).items.find(({ name }) => name === 'payout')).toMatchObject({
      quarantined: false,
      input: body({ amount: { type: 'integer' } }).input,
    })
    const digest = /`([0-9a-f]{64})`/.exec(refused.message)?.[1] ?? ''
    expect(await put({ sum: { type: 'integer' } }, digest)).toMatchObject({ quarantined: false, digest })
    expect((await put({ sum: { type: 'integer' }, note: { type: 'string' } })).quarantined).toBe(true)
  })
})

describe('rules on an input field', () => {
  const rules = {
    policy_set_id: 'fields',
    version: 1,
    default_effect: 'deny',
    rules: [
      { rule_id: 'no-prod', effect: 'deny', conditions: [{ field: 'input.folder', operator: 'contains', value: '/prod' }] },
      { rule_id: 'small', effect: 'allow', conditions: [{ field: 'input.folder', operator: 'eq', value: '/tmp' }] },
    ],
  }
  const fields = { policy: { conditioned: rules } }

  it('cover a tool that comes later, or it is not registered until somebody who may activate policies confirms it', async () => {
    const { client } = user
    const put = (name: string, property: string, confirm?: string) =>
      client.tools.put({
        params: { name },
        query: confirm === undefined ? {} : { confirm },
        body: { input: { type: 'object', properties: { [property]: { type: 'string' } } }, effect: 'read' },
      })
    const activate = (version: number) => client.policies.activate({ params: { id: 'fields' }, body: { version, why: 'a test' } })
    await put('folder_one', 'folder')
    await client.policies.create({ body: { id: 'fields', ...fields } })
    await activate(1)

    await put('other_field', 'elsewhere')
    const refused = await problem(put('folder_two', 'folder'))
    expect(refused).toMatchObject({
      status: 409,
      code: 'tool-schema-conflict',
      body: {
        conflicts: [
          {
            set: 'fields',
            active: true,
            policies: ['no-prod/folder_two'],
            errors: [{ code: 'uncovered', path: '/rules/0', help: expect.stringContaining('Publish') as string }],
          },
        ],
      },
    })
    expect((await client.tools.list()).items.map(({ name }) => name)).not.toContain('folder_two')
    const digest = /`([0-9a-f]{64})`/.exec(refused.message)?.[1] ?? ''
    expect(await problem(put('folder_two', 'folder', digest))).toMatchObject({ status: 403, code: 'step-up-required' })
    await client.principals.stepUp({ body: { password: server.credentials.requester.password } })
    await put('folder_two', 'folder', digest)

    const again = await client.policies.create({ body: { id: 'fields', ...fields } })
    await activate(2)
    expect(again.text).toContain('Action::"folder_two"')
    expect(await problem(activate(1))).toMatchObject({ status: 409, code: 'policy-outdated', message: expect.stringContaining('no-prod') })
    expect(await problem(client.policies.rollback({ params: { id: 'fields' }, body: { why: 'a test' } }))).toMatchObject({
      status: 409,
      code: 'policy-outdated',
    })
    await client.policies.deactivate({ params: { id: 'fields' }, body: { why: 'a test' } })
    await put('folder_three', 'folder')
  })
})

describe('bad input', () => {
  it('of 5 MB is 413, and of 10,001 policies 422 that names the limit, while 4 MiB are read', async () => {
    const post = (body: string) => user.fetch('/api/policies', { method: 'POST', body })
    const large = await post(JSON.stringify({ id: 'large', ...text(`// ${'x'.repeat(5_000_000)}`) }))
    expect(large.status).toBe(413)
    const over = await post(JSON.stringify({ id: 'large', ...text(`// ${'x'.repeat((4 << 20) + 9)}`) }))
    expect([over.status, ((await over.json()) as { type: string }).type]).toEqual([413, 'policy-too-large'])
    const many = Array.from({ length: 10_001 }, (_, index) => `@id("p${index}")permit(principal,action==Action::"read",resource);`).join('')
    const refused = await problem(user.client.policies.create({ body: { id: 'many', ...text(many) } }))
    expect(refused).toMatchObject({ status: 422, code: 'invalid-policy' })
    expect(refused.message).toContain('10000')
  }, 60_000)

  it('of an evaluation is told with its place: a cycle, a wrong address, what nests too deep', async () => {
    const ask = (more: object) =>
      problem(
        user.client.policies.evaluate({
          body: { principal: { id: 'User::x', roles: [] }, action: 'some_tool', resource: '/x', ...more },
        }),
      )
    const cycle = [
      { id: 'Role::a', parents: ['Role::b'] },
      { id: 'Role::b', parents: ['Role::a'] },
    ]
    expect(await ask({ entities: cycle })).toMatchObject({ status: 422, body: { errors: [{ path: '/entities/0' }] } })
    expect(await ask({ entities: [cycle[0], cycle[0]] })).toMatchObject({ status: 422, body: { errors: [{ path: '/entities/1/id' }] } })
    for (const now of [8_640_000_000_000_001, -1e300, 1.5, 'today'])
      expect(await ask({ context: { now } })).toMatchObject({ status: 422, body: { errors: [{ path: '/context/now' }] } })
    expect(await ask({ context: { source_ip: '10.0.0.0/99' } })).toMatchObject({
      status: 422,
      body: { errors: [{ path: '/context/source_ip' }] },
    })
    let deep: unknown = 1
    for (let each = 0; each < 100; each++) deep = [deep]
    expect(await ask({ context: { input: { deep } } })).toMatchObject({ status: 422 })
    const cidr = { quick: { pre_rules: [{ type: 'ip_deny', cidr: '10.0.0.0/99' }] } }
    expect(await codeOf(user.client.policies.create({ body: { id: 'cidr', policy: cidr } }))).toEqual([422, 'invalid-policy'])
    const nested = `permit (principal, action, resource) when { ${'('.repeat(3_000)}true${')'.repeat(3_000)} };`
    expect(await codeOf(user.client.policies.create({ body: { id: 'deep', ...text(nested) } }))).toEqual([422, 'invalid-policy'])
    const twice = `${scoped('one')}\n${scoped('one')}`
    expect(await problem(user.client.policies.create({ body: { id: 'twice', ...text(twice) } }))).toMatchObject({
      status: 422,
      body: { errors: [{ line: 2, path: '/policy' }] },
    })
  })

  it('knows the roles above a role', async () => {
    const asked = {
      principal: { id: 'User::x', roles: ['junior'] },
      action: 'some_tool',
      resource: '/x',
      text: 'permit (principal in Role::"boss", action, resource);',
    }
    expect((await user.client.policies.evaluate({ body: asked })).verdict).toBe('deny')
    const entities = [
      { id: 'Role::junior', parents: ['Role::senior'] },
      { id: 'Role::senior', parents: ['Role::boss'] },
    ]
    expect((await user.client.policies.evaluate({ body: { ...asked, entities } })).verdict).toBe('allow')
  })
})

describe('a restart', () => {
  it('keeps drafts, versions, states, locks and tombstones', async () => {
    const { policies } = user.client
    await policies.create({ body: { id: 'kept', ...text(forbid('one')) } })
    await policies.activate({ ...params('kept'), body: {} })
    await policies.lock({ ...params('kept'), body: {} })
    const before = await policies.list({ query: { deleted: 'true' } })
    const { folder } = server
    await server.server.stop()
    server = await startTestServer({ folder })
    user = await server.signIn('requester')
    expect(await user.client.policies.list({ query: { deleted: 'true' } })).toEqual(before)
  })
})
