import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type CedarPolicy, parseCedar } from '../policy/cedar-text.ts'
import { compilePolicies } from '../policy/evaluator.ts'
import type { CedarRequest } from '../policy/facts.ts'
import { randomPolicy, randomRequest } from '../policy/random-policies.ts'
import { readRequest } from '../policy/request.ts'
import { encoding } from './encoding.ts'
import { factWorld } from './facts-of.ts'
import { meaning } from './meaning.ts'
import { sets } from './sets.ts'
import { type PolicySyntax, syntaxOf } from './syntax.ts'

const parse = (text: string) => {
  const parsed = parseCedar(text)
  if (!parsed.ok) throw new Error(`${parsed.errors[0]?.message} in ${text}`)
  return parsed.policies
}

/** What the encoder says of a policy on one request: it comes out as a literal, or as something that is not encoded. */
function encoded(policy: PolicySyntax, request: CedarRequest): 'applies' | 'errs' | 'neither' | 'open' {
  const e = encoding()
  const { applies, errs } = meaning(factWorld(e, sets(e), request), policy)
  if (applies.literal === undefined || errs.literal === undefined) return 'open'
  return applies.literal ? 'applies' : errs.literal ? 'errs' : 'neither'
}

function evaluated(policies: readonly CedarPolicy[], request: CedarRequest): (id: string) => 'applies' | 'errs' | 'neither' {
  const { permits, forbids, errors } = compilePolicies(policies)(readRequest(request))
  const applying = new Set([...permits, ...forbids])
  const erring = new Set(errors.map(({ policy }) => policy))
  return (id) => (applying.has(id) ? 'applies' : erring.has(id) ? 'errs' : 'neither')
}

/** Without a scope, so that every condition is looked at. */
const unscoped = randomPolicy.map((text) => text.replace(/^(\w+) \([^)]*\)/u, '$1 (principal, action, resource)'))

describe('what a policy means, with the facts of a call put in', () => {
  it('is what the evaluator says, for thousands of random policies over all of Cedar', () => {
    const counts = { applies: 0, errs: 0, neither: 0, open: 0 }
    fc.assert(
      fc.property(
        fc.array(fc.oneof(randomPolicy, unscoped, unscoped), { minLength: 1, maxLength: 5 }),
        fc.array(randomRequest, { minLength: 2, maxLength: 4 }),
        (texts, requests) => {
          const policies = parse(texts.join('\n'))
          const syntaxes = policies.map(syntaxOf)
          for (const request of requests) {
            const expected = evaluated(policies, request)
            for (const policy of syntaxes) {
              const found = encoded(policy, request)
              counts[found]++
              if (found !== 'open')
                expect({ texts, policy: policy.id, says: found }).toEqual({ texts, policy: policy.id, says: expected(policy.id) })
            }
          }
        },
      ),
      { numRuns: 400 },
    )
    expect(counts.applies).toBeGreaterThan(150)
    expect(counts.errs).toBeGreaterThan(150)
    expect(counts.open).toBeLessThan(10)
  })

  const empty: CedarRequest = {
    principal: { type: 'User', id: 'u' },
    action: { type: 'Action', id: 'a' },
    resource: { type: 'Resource', id: 'r' },
    context: {},
    entities: [],
  }

  it.each([
    'duration("-1d2ms").toDays() == -1 && duration("-1d2ms").toHours() == -24 && duration("-999ms").toSeconds() == 0',
    'duration("1d2ms").toMinutes() == 1440 && duration("-1ms").toMilliseconds() == -1',
    'datetime("1969-12-31T23:00:00.001Z").toDate() == datetime("1969-12-31") && datetime("1969-12-31T23:59:59.999Z").toTime() == duration("23h59m59s999ms")',
    'datetime("2024-01-01T00:30:00+0100") == datetime("2023-12-31T23:30:00Z") && datetime("2024-01-01T00:30:00-0100") == datetime("2024-01-01T01:30:00Z")',
    'decimal("-0.5").lessThan(decimal("-0.4999")) && decimal("1.5") == decimal("1.5000")',
    'ip("10.0.0.0/8").isInRange(ip("10.0.0.0/7")) && !ip("10.0.0.0/7").isInRange(ip("10.0.0.0/8")) && !ip("::a00:1").isInRange(ip("10.0.0.0/8"))',
    'ip("127.0.0.1/8").isLoopback() && !ip("127.0.0.1/7").isLoopback() && ip("ff02::1").isMulticast() && ip("1::2:3") != ip("1::2:0:3")',
    '"a*b" like "a\\*b" && !("axb" like "a\\*b") && "é𝒳" like "*𝒳" && "aXbXc" like "a*b*c" && !("ab" like "a*ab")',
    '[1, 1, 2] == [2, 1] && [].isEmpty() && [[1], [2]].contains([2, 2]) && {a: 1} != {a: 1, b: 2}',
    '9223372036854775807 - 1 == 9223372036854775806 && -9223372036854775808 < -9223372036854775807 && 9007199254740993 != 9007199254740992',
    'if true then true else 1 + "a" == 2',
    'false && 1 + 9223372036854775807 > 0 || true',
  ])('is true where Cedar says so: %s', (expression) => {
    const [policy] = parse(`permit (principal, action, resource) when { ${expression} };`)
    if (!policy) throw new Error('no policy')
    expect([encoded(syntaxOf(policy), empty), evaluated([policy], empty)(policy.id)]).toEqual(['applies', 'applies'])
  })
})
