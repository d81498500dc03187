import { describe, expect, it } from 'vitest'
import type { ArgumentKind, Call, CallId, PrincipalId, SessionId, TenantId } from '../call.ts'
import type { Asking } from '../control.ts'
import type { JsonObject } from '../json.ts'
import { ordinarySentences, ordinaryValues } from './sentences.sample.ts'
import { type ValidatorOptions, validator } from './validator.ts'

const asking: Asking = { now: 0, earlier: [], signal: new AbortController().signal }

async function judged(
  options: ValidatorOptions | undefined,
  input: JsonObject,
  name = 'get_user',
  kinds: { readonly [name: string]: ArgumentKind } = {},
) {
  const tenant = 'acme' as TenantId
  const call: Call = {
    id: 'call-1' as CallId,
    tenant,
    principal: { id: 'Agent::1' as PrincipalId, tenant, roles: [], mfa: false },
    session: 'session-1' as SessionId,
    tool: { name, digest: '00', effect: 'read', boundary: 'external', arguments: kinds },
    action: name,
    resource: `tool:${name}`,
    input,
    context: {},
  }
  const { verdict, reason } = await validator(options).evaluate(call, asking)
  return { verdict, code: reason?.code, message: reason?.message }
}

describe('a bare validator', () => {
  it.each([...ordinaryValues, ...ordinarySentences().slice(0, 60)])('lets %j through', async (text) => {
    expect(await judged(undefined, { text })).toEqual({ verdict: 'pass', code: undefined, message: undefined })
  })
  it('stops SQL, shell and script injection, and nothing else', async () => {
    expect(await judged(undefined, { q: `' OR 1=1 --` })).toMatchObject({ verdict: 'deny', code: 'threat-found' })
    expect(await judged({}, { q: '; rm -rf /' })).toMatchObject({ verdict: 'deny', code: 'threat-found' })
    expect(await judged({}, { q: '<script>alert(1)</script>' })).toMatchObject({ verdict: 'deny', code: 'threat-found' })
    expect(await judged({}, { q: '../../../etc/passwd' })).toMatchObject({ verdict: 'pass' })
  })
  it('stops none of them when told so', async () => {
    const off = { blockSqlInjection: false, blockShellInjection: false, blockXss: false }
    expect(await judged(off, { q: `' OR 1=1 --`, r: '; rm -rf /', s: '<script>alert(1)</script>' })).toMatchObject({ verdict: 'pass' })
    expect(await judged({ blockSqlInjection: false }, { q: '; rm -rf /' })).toMatchObject({ verdict: 'deny' })
  })
})

describe('patterns', () => {
  const options = { blockPatterns: ['DROP *', 'DELETE *', 'TRUNCATE *'], blockSqlInjection: false, blockShellInjection: false }
  it.each([
    'DROP TABLE users',
    'drop\ttable users',
    'DROP/**/TABLE users',
    'DROP/***/TABLE users',
    'DROP/*a*b*/TABLE users',
    `DROP/*${'x'.repeat(2_000)}*/TABLE users`,
    'DROP--x\nTABLE users',
    'DROP#x\nTABLE users',
    'SELECT 1 -- DROP TABLE users',
    'Run this query: DROP TABLE users',
    'dRoP\n\n users',
    'DROP%20TABLE%20users',
    'ＤＲＯＰ table x',
    'drop me a line',
  ])('stop %j', async (q) => {
    const { code, message } = await judged(options, { q })
    expect(code).toBe('pattern-blocked')
    expect(message).toContain(`Pattern 'DROP *'`)
  })
  it.each(['eavesdrop on', 'raindrop', 'dropped', 'a drop'])('let %j pass', async (q) =>
    expect(await judged(options, { q })).toMatchObject({ verdict: 'pass' }),
  )
  it('are looked for in names of members as well', async () =>
    expect(await judged(options, { 'delete all': 1 })).toMatchObject({ code: 'pattern-blocked' }))
  it('must not be empty', () => expect(() => validator({ blockPatterns: [''] })).toThrow('`blockPatterns`'))
})

describe('paths', () => {
  const options = { blockPaths: ['/', '/etc', '/root', 'C:\\Windows'], blockSqlInjection: false, blockShellInjection: false }
  it.each([
    '/',
    '/etc',
    '/etc/',
    '/etc/passwd',
    '//etc//passwd',
    '/ETC/passwd',
    '/var/../etc/passwd',
    '/%65tc/passwd',
    '/etc/./x',
    'file:///etc/passwd',
    'FILE://localhost/etc/passwd',
    'file:/etc/passwd',
    '/..',
    'c:/windows/win.ini',
    '/root/.ssh/id_rsa',
    '/etc\0.png',
  ])('stop %j', async (p) => expect(await judged(options, { p })).toMatchObject({ verdict: 'deny', code: 'path-blocked' }))
  it.each(['/home/ann', '/etcetera', 'etc', 'and/or', 'the /etc folder is for settings', '1/2', 'https://example.com/etc', '/api/users'])(
    'let %j pass',
    async (p) => {
      expect(await judged(options, { p })).toMatchObject({ verdict: 'pass' })
    },
  )
  it('hold for what is declared a path, however it begins', async () => {
    expect(
      await judged({ blockPaths: ['secret'], blockShellInjection: false }, { p: 'secret/a.txt' }, 'read', { p: 'path' }),
    ).toMatchObject({ code: 'path-blocked' })
    expect(await judged({ blockPaths: ['secret'] }, { p: 'secret/a.txt' }, 'read', { p: 'path' })).toMatchObject({ code: 'path-blocked' })
    expect(await judged({ blockPaths: ['secret'] }, { p: 'x\ny' }, 'read', { p: 'path' })).toMatchObject({ verdict: 'pass' })
  })
})

describe('tools', () => {
  it('are called only when allowed', async () => {
    expect(await judged({ allowTools: ['get_*'] }, {})).toMatchObject({ verdict: 'pass' })
    expect(await judged({ allowTools: ['get_*'] }, {}, 'delete_user')).toMatchObject({ code: 'tool-not-allowed' })
    expect(await judged({ allowTools: [] }, {})).toMatchObject({ code: 'tool-not-allowed' })
  })
  it('are never called when blocked', async () => {
    expect(await judged({ allowTools: ['*'], blockTools: ['delete_*'] }, {}, 'delete_user')).toMatchObject({ code: 'tool-blocked' })
  })
  it('are judged only up to a length', async () => {
    await expect(judged({ blockSqlInjection: false, blockShellInjection: false }, { a: 'x'.repeat(1_000_001) })).rejects.toThrow(RangeError)
    const many = Array.from({ length: 1200 }, (_, index) => `pattern ${index}`)
    await expect(judged({ blockPatterns: many }, { a: 'x'.repeat(1_000_000) })).rejects.toThrow('steps')
  })
})
