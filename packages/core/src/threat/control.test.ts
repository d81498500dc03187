import { describe, expect, it } from 'vitest'
import type { ArgumentKind, Call, CallId, MaskedCall, PrincipalId, SessionId, TenantId } from '../call.ts'
import type { Inspecting } from '../control.ts'
import type { JsonObject } from '../json.ts'
import { threat } from './control.ts'

const asking: Inspecting = { now: 0, status: 'succeeded', earlier: [], signal: new AbortController().signal }

function call(input: JsonObject, kinds: { readonly [name: string]: ArgumentKind } = {}, resource = 'tool:x'): Call {
  const tenant = 'acme' as TenantId
  return {
    id: 'call-1' as CallId,
    tenant,
    principal: { id: 'Agent::1' as PrincipalId, tenant, roles: [], mfa: false },
    session: 'session-1' as SessionId,
    tool: { name: 'x', digest: '00', effect: 'read', boundary: 'external', arguments: kinds },
    action: 'x',
    resource,
    input,
    context: {},
  }
}

describe('threat', () => {
  it('lets an ordinary call pass and says that it found nothing', async () => {
    const finding = await threat().evaluate(call({ message: "O'Brien called; drop him a line" }), asking)
    expect(finding).toEqual({ verdict: 'pass', facts: { threat_kinds: [], threat_severity: 'none', threat_count: 0 } })
  })

  it('denies with the worst kind, naming the argument and none of its content', async () => {
    const finding = await threat().evaluate(call({ a: { b: ['x', `{{7*7}} '; DROP TABLE users; --`] } }), asking)
    expect(finding.verdict).toBe('deny')
    expect(finding.reason).toMatchObject({ code: 'threat-found', kind: 'sql_injection' })
    expect(finding.reason?.message).toContain('`/a/b/1`')
    expect(JSON.stringify(finding)).not.toContain('DROP')
    expect(finding.facts).toMatchObject({ threat_severity: 'critical', threat_kinds: ['sql_injection', 'template_injection'] })
  })

  it('judges names of members too, without repeating them', async () => {
    const finding = await threat().evaluate(call({ filter: { '$(id)': 1 } }), asking)
    expect(finding.reason?.kind).toBe('shell_injection')
    expect(JSON.stringify(finding)).not.toContain('$(id)')
  })

  it('judges the resource', async () => {
    const finding = await threat().evaluate(call({}, {}, '../../../etc/passwd'), asking)
    expect(finding.reason?.message).toContain('`resource`')
  })

  it('judges each argument as what it was declared to be, nested values included', async () => {
    const query = 'SELECT * FROM users WHERE id = 1'
    expect((await threat().evaluate(call({ query }), asking)).verdict).toBe('deny')
    expect((await threat().evaluate(call({ query: { text: [query] } }, { query: 'sql' }), asking)).verdict).toBe('pass')
  })

  it('lets prose that quotes a payload pass, with facts', async () => {
    const finding = await threat().evaluate(call({ message: 'Could you explain `rm -rf /` to me?' }, { message: 'prose' }), asking)
    expect(finding.verdict).toBe('pass')
    expect(finding.facts).toMatchObject({ threat_severity: 'critical' })
  })

  it('refuses only the kinds it was told to, and reports the others', async () => {
    const finding = await threat({ block: ['xss'] }).evaluate(call({ a: '; rm -rf /' }), asking)
    expect(finding.verdict).toBe('pass')
    expect(finding.facts).toMatchObject({ threat_kinds: ['shell_injection'] })
  })

  it('cannot tell what is longer than it may be', async () => {
    await expect(threat().evaluate(call({ a: 'x'.repeat(1_000_001) }), asking)).rejects.toThrow(RangeError)
  })

  it('judges a hostile million of units without keeping everyone else waiting, and stops when the caller went away', async () => {
    let turns = 0
    let over = false
    const turn = (): void => {
      turns++
      if (!over) setImmediate(turn)
    }
    setImmediate(turn)
    const hostile = { a: 'if('.repeat(300_000) }
    const told = await threat()
      .evaluate(call(hostile), asking)
      .catch((error: unknown) => error)
    over = true
    expect(told instanceof RangeError || (told as { verdict: string }).verdict).toBeTruthy()
    expect(turns).toBeGreaterThan(10)

    const gone = new AbortController()
    gone.abort(new Error('gone'))
    await expect(threat().evaluate(call(hostile), { ...asking, signal: gone.signal })).rejects.toThrow('gone')
  })

  it('bounds what all the strings of a call or an output take together', async () => {
    const many = Array.from({ length: 30 }, () => "'+".repeat(100_000))
    await expect(threat().evaluate(call({ many }), asking)).rejects.toThrow(RangeError)
    await expect(threat().inspect?.(many, call({}) as MaskedCall, asking)).rejects.toThrow(RangeError)
  })

  it('reports what output carries and withholds it only when told to', async () => {
    const masked = call({}) as MaskedCall
    const page = { html: '<script>alert(1)</script>' }
    expect(await threat().inspect?.(page, masked, asking)).toMatchObject({ verdict: 'pass', facts: { threat_kinds: ['xss'] } })
    expect(await threat({ withholdOutput: true }).inspect?.(page, masked, asking)).toMatchObject({
      verdict: 'deny',
      reason: { code: 'threat-found' },
    })
    expect(await threat({ withholdOutput: true }).inspect?.('Use SELECT to read rows from a table.', masked, asking)).toMatchObject({
      verdict: 'pass',
    })
    expect(await threat().inspect?.(7, masked, asking)).toMatchObject({ verdict: 'pass' })
  })
})
