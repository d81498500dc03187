import { execFileSync } from 'node:child_process'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestServer, type TestServer, type TestUser } from './test-server.ts'

let server: TestServer
let user: TestUser
beforeAll(async () => {
  server = await startTestServer()
  user = await server.signIn('requester')
  await user.client.principals.stepUp({ body: { password: server.credentials.requester.password } })
  const input = {
    type: 'object',
    properties: { n: { type: 'integer' }, list: { type: 'array', items: { type: 'integer' } }, text: { type: 'string' } },
  }
  await user.client.tools.put({ params: { name: 'move' }, query: {}, body: { input, effect: 'read' } })
  const text = `
    @id("any") permit (principal, action == Action::"move", resource);
    @id("big") forbid (principal, action == Action::"move", resource)
      when { context.input has n && context.input.n > 9007199254740992 };
    @id("listed") forbid (principal, action == Action::"move", resource)
      when { context.input has list && context.input.list.contains(-9223372036854775808) };`
  await user.client.policies.create({ body: { id: 'exact', policy: { text } } })
  await user.client.policies.activate({ params: { id: 'exact' }, body: { why: 'a test' } })
  await user.client.policies.deactivate({ params: { id: 'default-guardrails' }, body: { why: 'a test' } })
})
afterAll(() => server.stop())

/** With the integers as they are written: no client of ours between. */
async function decide(
  input: string,
): Promise<{ id: string; verdict: string; reason?: { code: string }; policy?: { determining: string[] } }> {
  const answer = await user.fetch('/api/calls', { method: 'POST', body: `{"action":"move","input":${input}}` })
  return (await answer.json()) as Awaited<ReturnType<typeof decide>>
}

describe('integers of 64 bits, over REST', () => {
  it('are judged exactly, to the last digit', async () => {
    expect(await decide('{"n":9007199254740992}')).toMatchObject({ verdict: 'allow' })
    const refused = await decide('{"n":9007199254740993}')
    expect(refused).toMatchObject({ verdict: 'deny', policy: { determining: ['exact/big'] } })
    expect(await decide('{"n":"9007199254740993"}')).toMatchObject({ verdict: 'deny', policy: { determining: ['exact/big'] } })
    expect(await decide('{"list":[1,-9223372036854775808]}')).toMatchObject({ verdict: 'deny', policy: { determining: ['exact/listed'] } })
    expect(await decide('{"list":[1,-9223372036854775807]}')).toMatchObject({ verdict: 'allow' })
    const script = (await user.client.evidence.theorem({ params: { id: refused.id } })).script
    expect(script).toContain('9007199254740993')
    for (const solver of ['z3', 'cvc5']) {
      const args = solver === 'z3' ? ['-in'] : ['--lang=smt2', '-']
      expect(execFileSync(solver, args, { input: script, encoding: 'utf8' }).trim()).toBe('unsat')
    }
  })

  it('are refused outside 64 bits, and where the schema asks for something else', async () => {
    expect(await decide('{"n":9223372036854775808}')).toMatchObject({
      verdict: 'deny',
      reason: { code: 'invalid-input', message: expect.stringContaining('64 bits') },
    })
    expect(await decide('{"n":123456789012345678901234567890}')).toMatchObject({ verdict: 'deny' })
    expect(await decide('{"n":"12"}')).toMatchObject({ verdict: 'deny', reason: { code: 'invalid-input' } })
  })

  it('are exact in evaluations, of registered tools and of any other action, by every way in', async () => {
    const asked = (action: string, n: bigint, form: object) =>
      user.client.policies.evaluate({
        body: { principal: { id: 'User::x' }, action, resource: 'tool:x', context: { input: { n } }, ...form },
      })
    const fits =
      'permit (principal, action == Action::"move", resource) when { context.input has n && context.input.n == 9223372036854775807 };'
    for (const [action, form] of [
      ['move', { text: fits }],
      [
        'move',
        {
          conditioned: {
            policy_set_id: 'c',
            version: 1,
            default_effect: 'deny',
            rules: [{ rule_id: 'r', effect: 'allow', conditions: [{ field: 'input.n', operator: 'eq', value: 9223372036854775807n }] }],
          },
        },
      ],
    ] as const) {
      expect(await asked(action, 9223372036854775807n, form)).toMatchObject({ verdict: 'allow' })
      expect(await asked(action, 9223372036854775806n, form)).toMatchObject({ verdict: 'deny' })
    }
    const { digests, ...other } = await asked('nobody-registered-this', 9223372036854775807n, {
      text: fits.replace(' == Action::"move"', ''),
    })
    expect(other).toMatchObject({ verdict: 'allow' })
    expect(digests).toHaveLength(1)
  })
})
