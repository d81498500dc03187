import type { Problem } from '@agentgate/api'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestServer, type TestServer, type TestUser } from './test-server.ts'

let server: TestServer
let user: TestUser
beforeAll(async () => {
  server = await startTestServer()
  user = await server.signIn('requester')
  await user.client.principals.stepUp({ body: { password: server.credentials.requester.password } })
})
afterAll(() => server.stop())

const problem = async (asked: Promise<unknown>): Promise<Problem> =>
  asked.then(
    () => expect.fail('it was not refused'),
    (error: unknown) => error as Problem,
  )
const params = (id: string) => ({ params: { id } })
const publish = (id: string, text: string, invariants?: string) =>
  user.client.policies.create({ body: { id, policy: { text }, ...(invariants !== undefined && { invariants }) } })
const activate = (id: string) => user.client.policies.activate({ ...params(id), body: {} })
const deactivate = (id: string) => user.client.policies.deactivate({ ...params(id), body: {} })
const put = (name: string, properties: Record<string, unknown>, confirm?: string) =>
  user.client.tools.put({
    params: { name },
    query: confirm === undefined ? {} : { confirm },
    body: { input: { type: 'object', properties }, effect: 'read' },
  })
const quiet = (id: string) => `@id("${id}") forbid (principal, action, resource) when { context.pii_count > 900 };`
const deletes = '@id("deletes") permit (principal, action in Action::"delete", resource);'
const noDelete =
  '@id("no-delete") @invariant("nothing is deleted without approval") forbid (principal, action in Action::"delete", resource) unless { context has approval };'
const noX =
  '@id("no-x") @invariant("k is never x") forbid (principal, action == Action::"tmp", resource) when { context.input has k && context.input.k == "x" && context.pii_count > 900 };'

describe('an invariant that no longer fits the tools', () => {
  beforeAll(async () => {
    await put('tmp', { k: { type: 'string' } })
    await publish('guard', quiet('none'), `${noDelete}\n${noX}`)
    await activate('guard')
    await publish('bad', deletes)
    await publish('harmless', quiet('other'))
  })

  it('refuses the change of the tool first, and once that is confirmed is never dropped in silence', async () => {
    expect(await problem(activate('bad'))).toMatchObject({ status: 409, code: 'invariant-violated' })
    const refused = await problem(put('tmp', { j: { type: 'string' } }))
    expect(refused).toMatchObject({
      code: 'tool-schema-conflict',
      body: { conflicts: [{ set: 'guard', active: true, policies: ['no-x'] }] },
    })
    await put('tmp', { j: { type: 'string' } }, /`([0-9a-f]{64})`/.exec(refused.message)?.[1] ?? '')

    const unread = {
      id: 'no-x',
      set: 'guard',
      says: 'k is never x',
      answer: 'unknown',
      why: expect.stringContaining('no longer fits the registered tools'),
    }
    const { invariants } = await user.client.policies.analyze({ ...params('guard'), body: { questions: ['invariants'] } })
    expect(invariants).toHaveLength(2)
    expect(invariants).toMatchObject(
      expect.arrayContaining([{ id: 'no-delete', answer: 'holds' }, unread].map((each) => expect.objectContaining(each))),
    )
    // What can be read is still asked, and what it forbids still refused as what it is.
    const shown = await user.client.policies.preview({ ...params('bad'), body: {} })
    expect(shown.invariants).toContainEqual(expect.objectContaining(unread))
    expect(shown.invariants).toContainEqual(expect.objectContaining({ id: 'no-delete', answer: 'violated' }))
    expect(shown.refused).toMatchObject({ code: 'invariant-violated' })
    expect(await problem(activate('bad'))).toMatchObject({ status: 409, code: 'invariant-violated' })
  }, 60_000)

  it('refuses every activation that may allow more while its set stays active, and says which it is', async () => {
    await publish('more', '@id("more") permit (principal, action == Action::"tmp", resource);')
    const shown = await user.client.policies.preview({ ...params('more'), body: {} })
    expect(shown.refused).toMatchObject({ code: 'invariant-unreadable' })
    const refused = await problem(activate('more'))
    expect(refused).toMatchObject({ status: 409, code: 'invariant-unreadable', body: { invariants: [{ id: 'no-x', set: 'guard' }] } })
    expect(refused.message).toContain('k is never x')
    // What only narrows may still be done.
    await activate('harmless')
  }, 60_000)

  it('is no more in the way once its set is replaced or deactivated', async () => {
    await publish('guard', quiet('none'), noDelete)
    await activate('guard')
    await activate('more')
    await deactivate('more')
    expect(await problem(activate('bad'))).toMatchObject({ code: 'invariant-violated' })
    await deactivate('guard')
    await deactivate('harmless')
  }, 60_000)
})

describe('an invariant among more than a thousand policies', () => {
  it('is decided, and refuses activation with the call that breaks it', async () => {
    const only = '@id("same") @invariant("no reads") forbid (principal, action in Action::"read", resource) when { context.pii_count < 5 };'
    await publish('readers', '@id("readers") permit (principal, action in [Action::"read", Action::"write"], resource);')
    await activate('readers')
    await publish('bulk', Array.from({ length: 1_001 }, (_, index) => quiet(`bulk-${index}`)).join('\n'))
    await activate('bulk')
    await publish('inv', quiet('nobody'), only)
    expect(await problem(activate('inv'))).toMatchObject({
      code: 'invariant-violated',
      body: { invariants: [{ id: 'same', says: 'no reads', counterexample: expect.anything() as object }] },
    })
    await deactivate('bulk')
    await deactivate('readers')
  }, 60_000)
})

describe('findings', () => {
  it('are about the set among the active ones: a guard that is needed there is not said to do nothing', async () => {
    await publish('reads', '@id("reads") permit (principal, action in Action::"read", resource);')
    await activate('reads')
    const guards = `@id("needed") forbid (principal, action in Action::"read", resource) when { context.resource like "/secret/*" };
      @id("twice") forbid (principal, action in Action::"read", resource) when { context.resource like "/secret/*/x" };`
    await publish('guards', guards)
    const { findings } = await user.client.policies.analyze({ ...params('guards'), body: { questions: ['findings'] } })
    expect(findings).toEqual({ found: [{ policy: 'twice', kind: 'shadowed', by: ['needed'] }], unknown: [] })
    await publish('again', '@id("again") permit (principal, action in Action::"read", resource) when { context.mfa };')
    const other = await user.client.policies.analyze({ ...params('again'), body: { questions: ['findings'] } })
    expect(other.findings).toEqual({
      found: [{ policy: 'again', kind: 'shadowed', by: expect.arrayContaining(['reads/reads']) }],
      unknown: [],
    })
  }, 60_000)
})
