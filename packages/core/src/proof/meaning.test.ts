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
      { numRuns: 700 },
    )
    expect(counts.applies).toBeGreaterThan(300)
    expect(counts.errs).toBeGreaterThan(300)
    expect(counts.open).toBeLessThan(10)
  })
})
