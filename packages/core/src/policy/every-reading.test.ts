import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { MaskedCall } from '../call.ts'
import { canonical, digestOf } from './cedar-text.ts'
import { type PolicyCache, policy } from './control.ts'
import { everyReading } from './every-reading.ts'
import { readingLimits } from './path-readings.ts'
import type { PolicySet } from './policies.ts'

const set = (text: string): PolicySet =>
  ({ id: 'set', version: 1, digest: digestOf(canonical(text)), text, publishedAt: 0, publishedBy: 'User::u1' }) as unknown as PolicySet

const call = (resource: string): MaskedCall =>
  ({
    id: 'c1',
    tenant: 'acme',
    principal: { id: 'User::u1', tenant: 'acme', roles: [], mfa: false },
    session: 's1',
    tool: { name: 'read_file', digest: '', effect: 'read', boundary: 'external', arguments: {} },
    action: 'read_file',
    resource,
    input: { resource },
    context: { now: 1_700_000_000_000 },
  }) as unknown as MaskedCall

const cache: PolicyCache = new Map()
const asking = { now: 0, earlier: [], signal: new AbortController().signal }
const judge = (text: string, resource: string) => policy({ active: async () => [set(text)], cache }).evaluate(call(resource), asking)

const permit = 'permit (principal, action, resource);'
const below = 'context.resource like "/prod/*"'

/** Rules that keep calls from what lies under `/prod`. */
const forbids: readonly string[] = [
  `${permit} forbid (principal, action, resource) when { ${below} };`,
  `${permit} forbid (principal, action, resource in Resource::"/prod");`,
  `${permit} forbid (principal, action, resource) when { context.matched.contains("resource matches ^/prod/") };`,
  `${permit} @hold("approval") forbid (principal, action, resource) when { ${below} };`,
  `permit (principal, action, resource) unless { ${below} };`,
  `permit (principal, action, resource) when { context.matched.contains("resource matches ^/prod/") == false };`,
]

const other = 'permit (principal, action, resource) when { context.resource like "/api/*" };'

const hex = (text: string) => [...new TextEncoder().encode(text)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('')

/** What makes another spelling of a path, at a place of it. */
const respellings: readonly ((path: string, at: number) => string)[] = [
  (path, at) => `${path.slice(0, at)}${hex(path.slice(at, at + 1))}${path.slice(at + 1)}`,
  (path, at) => `${path.slice(0, at)}${hex(path.slice(at, at + 1)).toUpperCase()}${path.slice(at + 1)}`,
  (path, at) => (path.length > at ? `${path.slice(0, at)}${path.slice(at, at + 1).toUpperCase()}${path.slice(at + 1)}` : path),
  (path, at) => `${path.slice(0, at)}\u200b${path.slice(at)}`,
  (path, at) => `${path.slice(0, at)}%E2%80%8B${path.slice(at)}`,
  (path) => path.replaceAll('%', '%25'),
  (path) => path.replace(/(?<=.)\//u, '//'),
  (path) => path.replace('/', '/./'),
  (path) => path.replace('/', '/api/../'),
  (path) => path.replace('/', '/api/..;x/'),
  (path) => path.replace('/', '/api/%2e%2E/'),
  (path) => path.replace('/', '/api/.. /'),
  (path) => path.replace('/', '/api/%c0%ae%e0%80%ae/'),
  (path) => path.replace('/', '/api/%f0%80%80%ae%f0%80%80%ae/'),
  (path) => path.replaceAll('/', '\\'),
  (path) => path.replace(/(?<=.)\//u, '%2f'),
  (path) => path.replace(/(?<=.)\//u, ';v=1/'),
  (path) => path.replace(/(?<=\w)(?<!%..)\//u, './'),
  (path) => path.replace(/(?<=.)\//u, '\uFF0F'),
  (path) => path.replaceAll('o', '\uFF4F'),
  (path) => `${path}/`,
  (path) => `${path}?x=/api`,
  (path) => `${path}#/../../api`,
  (path) => `${path}\0.txt`,
  (path) => `${path}%00.txt`,
  (path) => ` ${path}`,
  (path) => `\t${path}\n`,
  (path) => path.replace(/^\//u, ''),
  (path) => path.replace(/^\//u, './'),
  (path) => path.replace(/^\//u, '%2F'),
  (path) => (path.startsWith('/') ? `file://${path}` : path),
]

const spelling = fc
  .tuple(
    fc.constantFrom('/prod/db', '/prod/a/b', '/prod/x.txt', '/prod/d-1/key'),
    fc.array(fc.tuple(fc.nat(respellings.length - 1), fc.nat(12)), { minLength: 1, maxLength: 4 }),
  )
  .map(([path, steps]) =>
    steps.reduce<string>((text, [which, at]) => respellings[which]?.(text, Math.min(at, text.length - 1)) ?? text, path),
  )

describe('a resource that some server reads as another path', () => {
  it('passes no rule that keeps calls from that path, however it is spelt', async () => {
    await fc.assert(
      fc.asyncProperty(spelling, fc.constantFrom(...forbids), async (resource, text) => {
        expect((await judge(text, resource)).verdict).not.toBe('allow')
      }),
      { numRuns: 3_000 },
    )
  }, 60_000)

  it('is permitted by no rule on another path that it leaves', async () => {
    for (const resource of [
      '/api/../prod/db',
      '/api/%2e%2e/prod/db',
      '/api/%252e%252e/prod',
      '/api/..%2fprod',
      '/api/..\\prod',
      '/api/..;/prod',
      '/api/.. /prod',
      '/api/%f0%80%80%ae%f0%80%80%ae/prod',
    ]) {
      expect([resource, (await judge(other, resource)).verdict]).toEqual([resource, 'deny'])
    }
  })

  it('is refused by name, and only for the rule that reads it otherwise', async () => {
    const [text = ''] = forbids
    const others = [
      '/PROD/db',
      '/prod?/db',
      '/prod%252fdb',
      '/prod%2fdb',
      '/prod;x/db',
      '/api/..;/prod/x',
      '/pr\u200bod/db',
      '/prod\\db',
      '/Ｐrod/db',
      '/prod\u2024/db',
      '%2Fprod/db',
      ' /prod/db',
      '\t/prod/x',
      './prod/db',
      'prod/db',
      'PROD/db',
      '/prod%c0%afdb',
      'file:///prod/db',
      'C:\\prod\\db',
      'c:/prod/db',
      '/prod%u002fdb',
      '/prod/x%00/../../db',
      '//host/prod/x',
      '/prod/',
      'prod/%2e%2e/prod/x',
    ]
    for (const resource of others) {
      expect([resource, await judge(text, resource)]).toMatchObject([
        resource,
        {
          verdict: 'deny',
          reason: { code: 'invalid-request', message: expect.stringContaining('another path') },
          facts: { readings_differ: true },
        },
      ])
      expect([resource, (await judge(text, resource.replace(/[pＰ]r\u200b?od/giu, 'test'))).verdict]).toEqual([resource, 'allow'])
    }
  })

  it('is judged as its one canonical reading where servers agree', async () => {
    const one = (path: string) => `permit (principal, action, resource == Resource::"${path}");`
    for (const [resource, path] of [
      ['/caf%c3%a9/men%C3%BC', '/café/menü'],
      ['/caf%C3%A9', '/café'],
      ['/a%20b', '/a b'],
      ['/%7euser/d%2D1', '/~user/d-1'],
      ['/x%2dy/%61', '/x-y/a'],
    ] as const) {
      expect([resource, (await judge(one(path), resource)).verdict]).toEqual([resource, 'allow'])
      const forbidden = await judge(`${permit} ${one(path).replace('permit', 'forbid')}`, resource)
      expect([resource, forbidden.reason?.code]).toEqual([resource, 'policy-forbid'])
    }
  })

  it('is kept apart from a forbidden path in whatever case the rule is written', async () => {
    for (const rule of ['resource in Resource::"/Prod/DB"', 'resource == Resource::"/Prod/DB"']) {
      for (const resource of ['/prod/db', '/Prod/db', '/PROD/DB', '/pr%4Fd/db']) {
        expect([rule, resource, (await judge(`${permit} forbid (principal, action, ${rule});`, resource)).verdict]).toEqual([
          rule,
          resource,
          'deny',
        ])
      }
    }
    for (const when of [
      'context.resource like "/Prod/*"',
      'context.resource like "/Prod/*" && context.resource like "*/DB"',
      'context.resource == "/Prod/DB"',
      'resource == Resource::"/Prod/DB"',
      'resource in [Resource::"/x", Resource::"/PROD"]',
      '["/x", "/PROD/DB"].contains(context.resource)',
      'context["resource"] like "/P*D/*"',
      '(if context.mfa then "/x" else "/PROD/db") == context.resource',
      'context.matched.contains("resource matches ^/PROD/")',
    ]) {
      for (const resource of ['/prod/db', '/Prod/db', '/PROD/DB', '/PrOd/dB/']) {
        expect([
          when,
          resource,
          (await judge(`${permit} forbid (principal, action, resource) when { ${when} };`, resource)).verdict,
        ]).toEqual([when, resource, 'deny'])
      }
      expect([when, (await judge(`${permit} forbid (principal, action, resource) when { ${when} };`, '/Test/DB')).verdict]).toEqual([
        when,
        'allow',
      ])
    }
    expect((await judge('permit (principal, action, resource) when { context.resource like "/Users/*" };', '/Users/Ann')).verdict).toBe(
      'allow',
    )
  })

  it('is kept apart from a forbidden name in another case', async () => {
    const text = `${permit} forbid (principal, action, resource) when { context.resource like "prod:*" };`
    for (const resource of ['prod:db', 'PROD:db', ' Prod:db'])
      expect([resource, (await judge(text, resource)).verdict]).toEqual([resource, 'deny'])
    expect((await judge(text, 'TEST:db')).verdict).toBe('allow')
  })

  it('is permitted as it is spelt where it is a name, whatever path it might be', async () => {
    for (const resource of ['invoice-12', 'docs/My File; v2?.txt', 'tool:chat', 'FAQ: what?', 'urn:x/../y', 'https://x/%2f/?q']) {
      const text = JSON.stringify(resource)
      for (const permits of [`resource == Resource::${text}`, `resource) when { context.resource == ${text} }`]) {
        const rule = `permit (principal, action, ${permits}${permits.includes('when') ? '' : ')'}; forbid (principal, action, resource) when { ${below} };`
        expect([rule, (await judge(rule, resource)).verdict]).toEqual([rule, 'allow'])
      }
    }
  })

  it('is refused where it could be read in more ways than are judged, by rules that speak of resources', async () => {
    const [text = ''] = forbids
    for (const resource of [`/a/${'b;c'.repeat(2_000)}`, ` %25%32%66a?\u200b;b\\c%2f%23. /%5c..%3b/\uFF0F\t`, `${'x '.repeat(3_000)}`]) {
      expect((await judge(text, resource)).reason?.message).toContain('another path')
    }
  })

  it('is read in a bounded number of ways, none of them longer, however it is spelt', async () => {
    for (const piece of ['%25', ' ', './', '../', '. ', ';', '\\', '\u200b', '%c0%af', '\uFF0F', '%', '\0', '/']) {
      const resource = `/a${piece.repeat(4_000 / piece.length)}b`
      const asked: number[] = []
      await everyReading(call(resource), {
        apply: async (_, reading) => {
          asked.push(reading.resource.length)
          return { permits: [], forbids: [], broken: [] }
        },
        verdict: () => ({ verdict: 'allow' }),
        rules: { cased: true, rooted: () => false },
      }).catch((error: unknown) => expect(String(error)).toContain('whose readings differ'))
      expect(asked.length).toBeGreaterThan(0)
      expect(asked.length).toBeLessThanOrEqual(2 * (readingLimits.readings + 2))
      expect(Math.max(...asked)).toBeLessThanOrEqual(resource.length + 1)
    }
  })
})

describe('an address of the web', () => {
  const admin = `${permit} forbid (principal, action, resource) when { context.resource like "https://api.corp.com/admin/*" };`

  it.each([
    'https://api.corp.com/admin/y',
    'https://api.corp.com/./admin/y',
    'https://api.corp.com//admin/y',
    'https://api.corp.com/%2e/admin/y',
    'https://api.corp.com/x/../admin/y',
    'https://api.corp.com/%61dmin/y',
    'https://api.corp.com:443/admin/y',
    'https://user@api.corp.com/admin/y',
    'https://user:word@api.corp.com/admin/y',
    'HTTPS://API.corp.com/admin/y',
    'https:/api.corp.com/admin/y',
    'https:api.corp.com/admin/y',
    'https:\\\\api.corp.com\\admin\\y',
  ])('is kept out by its rule, however it is spelt: %s', async (resource) => {
    expect((await judge(admin, resource)).verdict).toBe('deny')
  })

  it.each([
    'https://api.corp.com/public/y',
    'https://api.corp.com/public/?q=admin&lang=en#top',
    'https://other.corp.com/admin/y',
    'https://api.corp.com:8443/admin/y',
    'https://de.wikipedia.org/wiki/Caf%C3%A9_(Begriff)',
    'http://[::1]:8080/x',
    'https://api.corp.com',
  ])('passes where no rule is about it: %s', async (resource) => {
    expect((await judge(admin, resource)).verdict).toBe('allow')
  })
})
