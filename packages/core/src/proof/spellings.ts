import type { MaskedCall } from '../call.ts'
import type { Json } from '../json.ts'
import type { CedarPolicy } from '../policy/cedar-text.ts'
import type { Evaluation } from '../policy/evaluation.ts'
import { compilePoliciesInAnyCase } from '../policy/evaluator.ts'
import type { CedarRequest } from '../policy/facts.ts'
import { type MatchedFact, matchedFacts } from '../policy/matched.ts'
import { pathsAbove } from '../policy/path.ts'
import { otherReadings, withoutCase } from '../policy/path-readings.ts'
import { type PathRule, pathRule } from '../policy/path-rules.ts'
import { readRequest } from '../policy/request.ts'

/** What policies say of a request as other servers may read its resource; `undefined` where there are too many ways to judge. */
export type Spellings = (request: CedarRequest, spelt: Evaluation) => readonly Evaluation[] | undefined

/**
 * The other readings of a resource that decide calls (`every-reading.ts`), for examples: nothing where the policies say nothing of
 * resources, as all readings are one then.
 */
export function spellings(policies: readonly CedarPolicy[], evaluate: (request: CedarRequest) => Evaluation): Spellings | undefined {
  const rules = new Map(
    policies.flatMap((policy) => [[policy.id, pathRule(policy)] as const]).filter((each): each is [string, PathRule] => !!each[1]),
  )
  if (rules.size === 0) return undefined
  const cased = policies.filter(({ id }) => rules.get(id)?.cased === true)
  const facts = policies.flatMap((policy) => matchedFacts(policy).flatMap(({ fact }) => fact ?? []))
  let caseless: ((request: CedarRequest) => Evaluation) | undefined

  const inAnyCase = (request: CedarRequest): Evaluation => {
    if (cased.length === 0) return evaluate(request)
    const again = (caseless ??= anyCase(cased))
    const ids = new Set(cased.map(({ id }) => id))
    const [one, other] = [evaluate(request), again(request)]
    return {
      permits: [...one.permits.filter((id) => !ids.has(id)), ...other.permits],
      forbids: [...one.forbids.filter((id) => !ids.has(id)), ...other.forbids],
      errors: [...one.errors.filter(({ policy }) => !ids.has(policy)), ...other.errors],
    }
  }

  return (request, spelt) => {
    const { id } = request.resource
    const others = otherReadings(id)
    if (!others) return undefined
    const all = [id, ...others]
    const folded = cased.length > 0 || all.some((each) => withoutCase(each) !== each) ? [...new Set(all.map(withoutCase))] : []
    const found = [
      ...others.map((each) => evaluate(readAs(request, each, facts, false))),
      ...folded.map((each) => inAnyCase(readAs(request, each, facts, true))),
    ]
    return id.startsWith('/') ? found : found.map((each) => ofName(spelt, each, rules))
  }
}

function anyCase(policies: readonly CedarPolicy[]): (request: CedarRequest) => Evaluation {
  const evaluate = compilePoliciesInAnyCase(policies)
  return (request) => evaluate(readRequest(request))
}

function readAs(request: CedarRequest, resource: string, facts: readonly MatchedFact[], anyCase: boolean): CedarRequest {
  const { context, entities } = request
  const uid = { ...request.resource, id: resource }
  const own = (each: CedarRequest['entities'][number]) => sameUid(each.uid, request.resource)
  const moved = entities.map((each) =>
    own(each)
      ? {
          ...each,
          uid,
          parents: [
            ...pathsAbove(resource).map((id) => ({ type: uid.type, id })),
            ...each.parents.filter((above) => !sameType(above, uid.type)),
          ],
        }
      : each,
  )
  const { tool, session, input } = context
  // INVARIANT: an expression reads nothing of a call but these.
  const call = { tool: { name: tool }, resource, session, input: input as Json } as unknown as MaskedCall
  const matched = facts.filter(({ holds }) => holds(call, resource, anyCase)).map(({ name }) => name)
  return {
    ...request,
    resource: uid,
    context: { ...context, resource, ...('matched' in context && { matched: [...new Set(matched)] }) },
    entities: moved,
  }
}

function sameUid(one: unknown, other: { readonly type: string; readonly id: string }): boolean {
  const { type, id } = Object(one)
  return type === other.type && id === other.id
}

function sameType(one: unknown, type: string): boolean {
  return Object(one).type === type
}

/** A name is permitted as it is spelt: of the paths that it may stand for count the forbids, and the permits that speak of the root. */
function ofName(spelt: Evaluation, other: Evaluation, rules: ReadonlyMap<string, PathRule>): Evaluation {
  const still = new Set(other.permits)
  return {
    permits: spelt.permits.filter((id) => rules.get(id)?.rooted !== true || still.has(id)),
    forbids: [...new Set([...spelt.forbids, ...other.forbids])],
    errors: [...spelt.errors, ...other.errors],
  }
}
