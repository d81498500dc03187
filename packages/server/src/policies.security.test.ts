import type { Problem } from '@agentgate/api'
import { starterSets } from '@agentgate/core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestServer, type TestServer, type TestUser } from './test-server.ts'

let server: TestServer
let user: TestUser
beforeAll(async () => {
  server = await startTestServer()
  user = await server.signIn('requester')
})
afterAll(() => server.stop())

const validate = (policy: { text: string } | { quick: Record<string, unknown> }, invariants?: string) =>
  user.client.policies.validate({ body: { policy, ...(invariants !== undefined && { invariants }) } })
const when = (condition: string) => ({ text: `forbid (principal, action, resource) when { ${condition} };` })
const codesOf = async (...asked: Parameters<typeof validate>) => (await validate(...asked)).diagnostics.map(({ code }) => code)
const problem = async (asked: Promise<unknown>): Promise<Problem> =>
  asked.then(
    () => expect.fail('it was not refused'),
    (error: unknown) => error as Problem,
  )

describe('personal data in a policy', () => {
  it.each([
    'context.resource == "ceo@company.com"',
    'context.resource like "*ceo@company.com*"',
    'context.resource == "mail ceo@company.com now"',
    'context.resource like "/users/ceo@company.com/*"',
    'context.resource == "call 555-123-4567"',
    'context.resource like "*4111111111111111*"',
    'context.matched.contains("resource matches ^/users/ceo@company\\\\.com/")',
  ])('is refused wherever it stands in a literal: %s', async (condition) => {
    const found = await validate(when(condition))
    expect(found).toMatchObject({ valid: false, diagnostics: [{ code: 'personal-data', line: 1 }] })
    expect(JSON.stringify(found)).not.toMatch(/ceo|4567|4111/)
  })

  it('is refused in ids, in advice, in quick rules and in invariants, and not repeated', async () => {
    const annotated = (annotation: string) => ({ text: `${annotation} permit (principal, action in Action::"read", resource);` })
    for (const found of [
      await validate(annotated('@id("ceo@company.com")')),
      await validate(annotated('@advice("Ask ceo@company.com")')),
      await validate({ quick: { pre_rules: [{ type: 'permit', action: '*', resource: '/users/ceo@company.com/*' }] } }),
      await validate(annotated('@id("fine")'), '@invariant("no mail to ceo@company.com") forbid (principal, action, resource);'),
    ]) {
      expect(found).toMatchObject({ valid: false, diagnostics: [{ code: 'personal-data' }] })
      expect(JSON.stringify(found)).not.toContain('ceo')
    }
  })

  it('is not the address of a network, in Cedar or in quick rules, nor a duration', async () => {
    expect(await codesOf(when('context.source_ip.isInRange(ip("10.0.0.0/8")) || context.source_ip == ip("192.168.7.12")'))).toEqual([])
    expect(await codesOf(when('context.source_ip == ip("2001:db8::7")'))).toEqual([])
    expect(await codesOf(when('context.now.offset(duration("57646295132667904ms")) == context.now'))).toEqual([])
    expect(await codesOf(when('context.resource like "http://10.20.30.40/*" || context.resource == "00:1A:2B:3C:4D:5E"'))).toEqual([])
    for (const type of ['ip_deny', 'ip_allow'])
      for (const cidr of ['10.0.0.0/8', '192.168.7.12', '2001:db8::/32'])
        expect(await codesOf({ quick: { pre_rules: [{ type, cidr }] } })).toEqual([])
  })

  it('is not what merely looks a little like it: domains, numbered resources, starter sets', async () => {
    for (const literal of ['*@company.com', 'arn:aws:iam::123456789012:role/admin', '/orders/2024-00012345/*', 'User::0123456789', 'sk-*'])
      expect(await codesOf(when(`context.resource like "${literal}"`))).toEqual([])
    for (const { text, invariants } of starterSets) expect(await codesOf({ text }, invariants)).toEqual([])
  })

  it('decides by the address of the network that a rule names', async () => {
    const asked = (source_ip: string) =>
      user.client.policies.evaluate({
        body: {
          principal: { id: 'User::x', roles: [] },
          action: 'read',
          resource: '/x',
          context: { source_ip },
          quick: {
            pre_rules: [
              { type: 'permit', action: '*', resource: '*' },
              { type: 'ip_deny', cidr: '10.0.0.0/8' },
            ],
          },
        },
      })
    expect((await asked('10.1.2.3')).verdict).toBe('deny')
    expect((await asked('11.1.2.3')).verdict).toBe('allow')
    expect((await problem(asked('10.1.2.3.4'))).status).toBe(422)
  })
})
