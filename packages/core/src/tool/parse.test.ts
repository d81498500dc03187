import { describe, expect, it } from 'vitest'
import type { CallId, PrincipalId, TenantId } from '../call.ts'
import type { JsonObject } from '../json.ts'
import { createParse, type FreshRequest, type Validate } from './parse.ts'
import { register } from './register.ts'
import { memoryTools, type ToolDeclaration } from './registry.ts'

const tenant = 't1' as TenantId
const asker = { principal: { id: 'Agent::a' as PrincipalId, tenant, roles: [], mfa: true }, facts: { source_ip: '127.0.0.1' } }
const known = { id: 'c1' as CallId, now: 5 }
const accept: Validate = async (_, input) => ({ input: input as JsonObject })
const declaration: ToolDeclaration = {
  name: 'pay',
  input: { type: 'object' },
  effect: 'pay',
  cost: 5,
  resource: 'account',
  arguments: { note: 'prose' },
}

async function parse(request: FreshRequest, { validate = accept, over = {}, quarantined = false } = {}) {
  const tools = memoryTools()
  await tools.put(tenant, { ...register({ ...declaration, ...over }, () => 'd1'), quarantined })
  return createParse(tools, validate)(request, asker, known)
}

describe('parse', () => {
  it('derives everything but the input from what is registered and who asks', async () => {
    const { call, finding } = await parse({ action: 'pay', input: { account: 'acc-1' }, session: 's1' })
    expect(finding).toEqual({ verdict: 'pass' })
    expect(call).toMatchObject({
      id: 'c1',
      action: 'pay',
      resource: 'acc-1',
      tool: { name: 'pay', digest: 'd1', effect: 'pay', boundary: 'external', cost: 5, arguments: { note: 'prose' } },
      context: { source_ip: '127.0.0.1', now: 5, mfa: true, session: 's1', taint: 'none' },
    })
  })

  it('takes the resource from its tool: the declared argument, what code derives, or the tool itself', async () => {
    expect((await parse({ action: 'pay', input: {} })).call.resource).toBe('tool:pay')
    expect((await parse({ action: 'pay', input: { account: 7 } })).call.resource).toBe('tool:pay')
    const derive: Validate = async () => ({ input: {}, resource: 'derived' })
    expect((await parse({ action: 'pay', input: {} }, { validate: derive })).call.resource).toBe('derived')
    expect((await parse({ action: 'pay', input: {} }, { over: { action: 'payments.send' } })).call.action).toBe('payments.send')
  })

  it('says that an input was parsed before, unless its tool has another registration by now', async () => {
    const told: unknown[] = []
    const validate: Validate = async (_, input, parsed) => {
      told.push(parsed)
      return { input: input as JsonObject }
    }
    const tools = memoryTools()
    await tools.put(
      tenant,
      register(declaration, () => 'd1'),
    )
    for (const parsed of [{}, { parsed: 'd1' }, { parsed: 'd0' }])
      await createParse(tools, validate)({ action: 'pay', input: {} }, asker, { ...known, ...parsed })
    expect(told).toEqual([false, true, false])
  })

  it('lets labels lower trust only', async () => {
    const taint = async (labels: FreshRequest['labels']) =>
      (await parse({ action: 'pay', input: {}, ...(labels && { labels }) })).call.context['taint']
    expect([await taint(undefined), await taint(['user']), await taint(['user', 'untrusted'])]).toEqual(['none', 'user', 'untrusted'])
  })

  it('gives a call without a session one of its own', async () => {
    expect((await parse({ action: 'pay', input: {} })).call.session).toBe('c1')
  })

  it('refuses as a finding: unknown tools, quarantined ones, and input that does not fit', async () => {
    const code = async (...given: Parameters<typeof parse>) => (await parse(...given)).finding.reason?.code
    expect(await code({ action: 'nothing', input: {} })).toBe('unknown-tool')
    expect(await code({ action: 'pay', input: {} }, { quarantined: true })).toBe('tool-quarantined')
    expect(await code({ action: 'pay', input: { n: Number.NaN } })).toBe('invalid-input')
    expect(await code({ action: 'pay', input: {} }, { validate: async () => ({ issues: ['`to`: required'] }) })).toBe('invalid-input')
    expect(await code({ action: 'pay', input: 'text' })).toBe('invalid-input')
  })

  it('refuses a session id that is not opaque, and keeps it out of the record', async () => {
    for (const session of ['ada@example.com', 'a b', '', 'x'.repeat(129)]) {
      const { call, finding } = await parse({ action: 'pay', input: {}, session })
      expect(finding.reason?.code).toBe('invalid-session')
      expect(call.session).toBe('c1')
    }
    const personal = createParse(memoryTools(), accept, (text) => text.includes('123-45'))
    const { finding } = await personal({ action: 'pay', input: {}, session: '123-45-6789' }, asker, known)
    expect(finding.reason?.code).toBe('invalid-session')
  })

  it('keeps personal data out of what it says of input', async () => {
    const issues: Validate = async () => ({ issues: ['`/ada@example.com` is unknown'] })
    const tools = memoryTools()
    await tools.put(
      tenant,
      register(declaration, () => 'd1'),
    )
    const { finding } = await createParse(tools, issues, (text) => text.includes('@'))({ action: 'pay', input: {} }, asker, known)
    expect(finding.reason?.message).not.toContain('ada@')
    const keyed = await parse({ action: 'pay', input: { 'ada@example.com': Number.NaN } })
    expect(keyed.finding.reason?.message).not.toContain('ada@')
  })

  it('keeps the name of an unknown tool out of the record', async () => {
    expect(JSON.stringify(await parse({ action: 'ssn 123-45-6789', input: {} }))).not.toContain('123-45')
  })
})
