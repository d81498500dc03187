import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseCedar } from './cedar-text.ts'
import { compilePolicies } from './evaluator.ts'
import { readRequest } from './request.ts'
import { effects } from './schema.ts'
import { isUnscoped, unscopedAmong } from './unscoped.ts'

const policies = (text: string) => {
  const parsed = parseCedar(text)
  if (!parsed.ok) throw new Error(`${text}: ${parsed.errors[0]?.message}`)
  return parsed.policies
}
const verdict = (text: string) => policies(text).map(isUnscoped)
const all = (some: readonly string[]) => `[${some.map((each) => `Action::"${each}"`).join(', ')}]`

describe('a permit is unscoped', () => {
  it.each([
    'permit (principal, action, resource);',
    'permit (principal in Role::"r", action, resource) when { context.mfa };',
    'permit (principal, action, resource) when { resource == resource };',
    'permit (principal, action, resource is Resource);',
    'permit (principal, action, resource in Tenant::"default");',
    'permit (principal, action, resource is Resource in Tenant::"default");',
    `permit (principal, action in ${all(effects)}, resource);`,
    `permit (principal, action in ${all([...effects, 'model.call', 'a_tool'])}, resource);`,
    `permit (principal, action, resource) when { action in ${all(effects)} };`,
    `permit (principal, action, resource) when { ${effects.map((each) => `action in Action::"${each}"`).join(' || ')} };`,
    'permit (principal, action, resource) when { context.tool like "*" };',
    'permit (principal, action, resource) when { context.resource like "**" && context.mfa };',
    'permit (principal, action, resource) when { context.resource like "*:*" };',
    'permit (principal, action, resource) when { context.resource like "/*" };',
    'permit (principal, action, resource) when { context.resource like "tool:*" };',
    'permit (principal, action, resource) when { context.resource like "to*" };',
    'permit (principal, action, resource) when { context.resource like "tool*" };',
    'permit (principal, action, resource) when { context.resource like "too*:*" };',
    'permit (principal, action, resource) when { context.matched.contains("resource matches ^to") };',
    'permit (principal, action, resource) when { context.matched.contains("resource matches ^tool") };',
    'permit (principal, action, resource) when { context.resource like "*/*" || context.resource like "tool:*" };',
    'permit (principal, action, resource) when { context.tool like "*e*" || context.tool like "*o*" };',
    'permit (principal, action, resource) when { context.matched.contains("resource matches ^/") || context.matched.contains("resource matches ^tool:") };',
    'permit (principal, action, resource) when { context.tool like "a*" || context.tool like "b*" };',
    'permit (principal, action, resource) when { context.resource like "/a*" };',
    'permit (principal, action, resource) when { context.matched.contains("resource matches ^/a") };',
    'permit (principal, action, resource) when { context.tool == context.tool };',
    'permit (principal, action, resource) when { context.tool != "rm" };',
    'permit (principal, action, resource) when { "tool" like "t*" };',
    'permit (principal, action, resource) when { ["a", context.tool].contains(context.tool) };',
    'permit (principal, action, resource) when { resource in [Resource::"/a", Tenant::"default"] };',
    'permit (principal, action, resource) when { context.tool == "a" || context.mfa };',
    'permit (principal, action, resource) when { context.mfa || (context.tool == "a" && context.resource == "b") };',
    'permit (principal, action, resource) when { if context.mfa then context.tool == "a" else true };',
    'permit (principal, action, resource) when { context.matched.contains("resource matches .*") };',
    'permit (principal, action, resource) when { context.matched.contains("resource matches ^a|.*") };',
    'permit (principal, action, resource) when { context.matched.contains("session matches ^/prod/") };',
    'permit (principal, action, resource) unless { context.tool == "a" };',
    '@advice("resource") permit (principal, action, resource) unless { context.taint == "resource" };',
  ])('that says %s', (text) => {
    expect(verdict(text)).toEqual([true])
  })

  it.each([
    'permit (principal, action == Action::"x", resource);',
    'permit (principal, action in [Action::"read", Action::"write", Action::"x"], resource);',
    'permit (principal, action, resource == Resource::"/a");',
    'permit (principal, action, resource in Resource::"/a");',
    'permit (principal, action, resource is Resource in Resource::"/a");',
    'permit (principal, action, resource) when { context.resource like "/a/*" };',
    'permit (principal, action, resource) when { context["resource"] == "/a" };',
    'permit (principal, action, resource) when { "x" == context.tool };',
    'permit (principal, action, resource) when { ["x", "y"].contains(context.tool) };',
    'permit (principal, action, resource) when { resource in [Resource::"/a", Resource::"/b"] };',
    'permit (principal, action, resource) when { resource is Resource in Resource::"/a" };',
    'permit (principal, action, resource) when { context.mfa } when { context.tool == "x" };',
    'permit (principal, action, resource) when { (context.mfa && context.resource == "/a") || context.resource like "/a/*" };',
    'permit (principal, action, resource) when { action in Action::"read" || context.tool == "x" };',
    'permit (principal, action, resource) when { context.matched.contains("resource matches ^/prod/") };',
  ])('but not one that says %s', (text) => {
    expect(verdict(text)).toEqual([false])
  })

  const dull = fc.constantFrom(
    'true',
    'resource == resource',
    'context.tool like "*"',
    'context.resource == context.resource',
    'resource is Resource',
    'resource in Tenant::"t"',
    'resource is Resource in Tenant::"t"',
    'context has tool',
    'context.tool != "" || true',
    '!(context.tool == "x") || context.tool == "x"',
    'if true then true else context.tool == "x"',
    `action in ${all(effects)}`,
    `action in ${all(effects.slice(2))} || action in ${all(effects.slice(0, 3))}`,
    'context.resource like "/x/*" || resource is Resource',
    '["x"].containsAny(["x", context.tool])',
  )
  const limiting = fc.constantFrom(
    'context.tool == "x"',
    'context.resource like "/x/*"',
    'resource in Resource::"/x"',
    'action == Action::"x"',
    `action in ${all(effects.slice(0, 5))}`,
    'action in Action::"pay"',
    '["x", "y"].contains(context.tool)',
    'context.resource == "x" && context.mfa',
  )
  const either = fc.letrec((tie) => {
    const of = tie('one') as fc.Arbitrary<string>
    const pair = (operator: string) => fc.tuple(of, of).map(([a, b]) => `(${a}) ${operator} (${b})`)
    return {
      one: fc.oneof(
        { maxDepth: 4 },
        dull,
        limiting,
        limiting,
        pair('&&'),
        pair('||'),
        pair('||'),
        of.map((each) => `!(!(${each}))`),
      ),
    }
  }).one as fc.Arbitrary<string>
  const scopes = fc.tuple(
    fc.oneof(
      fc.constant(''),
      fc.shuffledSubarray([...effects, ...effects], { minLength: 12 }).map((some) => ` in ${all(some)}`),
    ),
    fc.constantFrom('', ' is Resource', ' in Tenant::"t"', ' is Resource in Tenant::"t"'),
  )

  it('in whatever words nothing is limited', () => {
    fc.assert(
      fc.property(scopes, fc.array(dull, { maxLength: 4 }), ([action, resource], conditions) => {
        const whens = conditions.map((each, index) => (index % 2 === 0 ? ` when { ${each} }` : ` when { (${each}) && (context.mfa) }`))
        expect(verdict(`permit (principal, action${action}, resource${resource})${whens.join('')};`)).toEqual([true])
      }),
      { numRuns: 300 },
    )
  })

  it('whenever it applies to calls of every effect, of tools and resources that no policy names', () => {
    let everywhere = 0
    fc.assert(
      fc.property(scopes, fc.array(either, { maxLength: 2 }), ([action, resource], conditions) => {
        const text = `permit (principal, action${action}, resource${resource})${conditions.map((each) => ` when { ${each} }`).join('')};`
        const permits = compilePolicies(policies(text))
        if (!effects.every((effect) => permits(readRequest(unheardOf(effect))).permits.length > 0)) return
        everywhere++
        expect([text, ...verdict(text)]).toEqual([text, true])
      }),
      { numRuns: 1_000 },
    )
    expect(everywhere).toBeGreaterThan(100)
  })
})

/** A call that no policy here speaks of, but for its effect. */
function unheardOf(effect: string) {
  const [principal, action, resource] = [
    { type: 'User', id: 'u' },
    { type: 'Action', id: `q-${effect}` },
    { type: 'Resource', id: 'q' },
  ]
  const tenant = { type: 'Tenant', id: 't' }
  return {
    principal,
    action,
    resource,
    context: { tool: action.id, resource: 'q', mfa: true, session: 's', taint: 'none', matched: [] },
    entities: [
      { uid: principal, attrs: {}, parents: [tenant] },
      { uid: action, attrs: {}, parents: [{ type: 'Action', id: effect }] },
      { uid: resource, attrs: {}, parents: [tenant] },
    ],
  }
}

describe('permits taken together', () => {
  const ids = (text: string) => unscopedAmong(policies(text)).map(({ id }) => id)
  const five = `@id("five") permit (principal, action in ${all(effects.slice(0, 5))}, resource);`
  const sixth = `@id("sixth") permit (principal, action in Action::"${effects[5]}", resource);`

  it('are unscoped where the effects that they name are all there are', () => {
    expect(ids(five)).toEqual([])
    expect(ids(sixth)).toEqual([])
    expect(ids(`${five} ${sixth}`)).toEqual(['five', 'sixth'])
  })

  it('stay scoped where some of them name tools or resources', () => {
    expect(ids(`${five} @id("one") permit (principal, action == Action::"refund", resource);`)).toEqual([])
    expect(ids('permit (principal, action, resource) when { context.resource like "/api/*" };')).toEqual([])
    expect(ids('permit (principal, action, resource) when { context.tool like "fs_*" && context.resource like "tool:fs*" };')).toEqual([])
    expect(ids('permit (principal, action, resource) when { context.tool like "*_read" };')).toEqual([])
    expect(ids('permit (principal, action, resource) when { context.matched.contains("resource matches ^/docs/") };')).toEqual([])
  })
})
