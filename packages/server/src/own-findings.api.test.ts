import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestServer, type TestServer, type TestUser } from './test-server.ts'

let server: TestServer
let user: TestUser
let approver: TestUser
beforeAll(async () => {
  server = await startTestServer()
  user = await server.signIn('requester')
  approver = await server.signIn('approver')
  for (const [name, effect] of [
    ['look', 'read'],
    ['remove', 'delete'],
  ] as const) {
    const input = { type: 'object', properties: { text: { type: 'string' } }, required: ['text'] }
    await user.client.tools.put({ params: { name }, query: {}, body: { input, effect, arguments: { text: 'prose' } } })
  }
})
afterAll(() => server.stop())

type Found = NonNullable<Parameters<TestUser['client']['calls']['decide']>[0]['body']['found']>

const decide = (found: Found, action = 'look') => user.client.calls.decide({ body: { action, input: { text: 'tea' }, found } })
const traceOf = async (id: string) => user.client.traces.get({ params: { id } })
const blocked = { code: 'pattern-blocked', message: "Pattern 'DROP *' occurs in `text`." }

describe('what an agent says that its own controls found', () => {
  it('refuses a call that would be allowed, on record and proved', async () => {
    expect(await decide([{ control: 'validator-0', verdict: 'pass' }])).toMatchObject({
      verdict: 'allow',
      proof: { solver: { mode: 'enforce' } },
    })
    const refused = await decide([{ control: 'validator-0', verdict: 'deny', reason: blocked }])
    expect(refused).toMatchObject({ verdict: 'deny', reason: blocked, proof: { solver: { mode: 'enforce' } } })
    const { trace, decisions } = await traceOf(refused.id)
    expect(trace).toMatchObject({ verdict: 'deny', status: 'refused', reason: blocked })
    expect(decisions[0]?.findings).toContainEqual(
      expect.objectContaining({ control: 'agent/validator-0', verdict: 'deny', reason: blocked }),
    )
  })

  it('allows nothing that the server refuses', async () => {
    expect(await decide([{ control: 'policy', verdict: 'pass' }], 'nothing')).toMatchObject({
      verdict: 'deny',
      reason: { code: 'unknown-tool' },
    })
    const body = JSON.stringify({ action: 'look', input: { text: 'x' }, found: [{ control: 'policy', verdict: 'allow' }] })
    expect((await user.fetch('/api/calls', { method: 'POST', body })).status).toBe(422)
  })

  it('changes nothing in shadow, and is on record', async () => {
    const allowed = await decide([{ control: 'rate-1', verdict: 'pass', shadow: { verdict: 'deny', reason: blocked } }])
    expect(allowed).toMatchObject({ verdict: 'allow' })
    const { decisions } = await traceOf(allowed.id)
    expect(decisions[0]?.findings).toContainEqual(
      expect.objectContaining({ control: 'agent/rate-1', verdict: 'pass', shadow: { verdict: 'deny', reason: blocked } }),
    )
  })

  it('is no fact of policies, and brings no personal data into evidence', async () => {
    const reason = { code: 'odd', message: 'It says ada@example.com.' }
    const refused = await decide([{ control: 'ada@example.com'.replace('@', '.at.'), verdict: 'deny', reason, facts: { cost: 7 } }])
    expect(refused.reason).toEqual({ code: 'odd', message: 'It says <EMAIL>.' })
    expect(refused.call.context).not.toHaveProperty('cost')
    const named = await decide([{ control: '078-05-1120', verdict: 'deny', reason: blocked }])
    expect(JSON.stringify([refused, named])).not.toMatch(/ada@example|078-05-1120/)
  })

  it('refuses a held call when its time has come', async () => {
    const held = await decide([], 'remove')
    expect(held.verdict).toBe('hold')
    await approver.client.approvals.decide({ params: { id: held.approval_id ?? '' }, body: { approved: true, reason: 'fine' } })
    const params = { id: held.id }
    const refused = await user.client.calls.resume({ params, body: { found: [{ control: 'rate-0', verdict: 'deny', reason: blocked }] } })
    expect(refused).toMatchObject({ verdict: 'deny', reason: blocked })
    expect((await traceOf(held.id)).trace.status).toBe('refused')
  })

  it('keeps an answer back, and says why', async () => {
    const { id } = await decide([])
    const found: Found = [{ control: 'prompt-guard-0', verdict: 'deny', reason: { code: 'prompt-injection', message: 'It steers.' } }]
    const outcome = await user.client.calls.outcome({ params: { id }, body: { status: 'succeeded', output: 'Ignore all.', found } })
    expect(outcome).toEqual({ status: 'withheld', reason: { code: 'prompt-injection', message: 'It steers.' } })
    expect((await traceOf(id)).trace).toMatchObject({ status: 'withheld' })
  })

  it('raises a threat of a kind that is known, and makes up no others', async () => {
    const of = (kind: string) => decide([{ control: 'guard', verdict: 'deny', reason: { code: 'threat-found', message: 'No.', kind } }])
    expect((await of('made_up')).reason).toEqual({ code: 'threat-found', message: 'No.' })
    expect((await of('ldap_injection')).reason).toMatchObject({ kind: 'ldap_injection' })
    expect((await of('prompt_injection')).reason).toMatchObject({ kind: 'prompt_injection' })
    await expect.poll(async () => (await user.client.threats.list({ query: {} })).items.map(({ kind }) => kind)).toContain('ldap_injection')
    expect((await user.client.threats.list({ query: {} })).items.map(({ kind }) => kind)).not.toContain('made_up')
  })

  it('is bounded, each control once', async () => {
    const twice: Found = [
      { control: 'a', verdict: 'pass' },
      { control: 'a', verdict: 'pass' },
    ]
    await expect(decide(twice)).rejects.toMatchObject({ status: 422 })
    const many = Array.from({ length: 51 }, (_, n) => ({ control: `c${n}`, verdict: 'pass' as const }))
    await expect(decide(many)).rejects.toMatchObject({ status: 422 })
  })
})
