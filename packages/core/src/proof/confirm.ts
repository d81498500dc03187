import type { MaskedCall } from '../call.ts'
import { isObject, type Json } from '../json.ts'
import type { CedarPolicy } from '../policy/cedar-text.ts'
import type { Evaluation } from '../policy/evaluation.ts'
import { compilePolicies } from '../policy/evaluator.ts'
import type { CedarRequest } from '../policy/facts.ts'
import { type MatchedFact, matchedFacts } from '../policy/matched.ts'
import { readRequest } from '../policy/request.ts'
import type { Example } from './example.ts'
import { spellings } from './spellings.ts'

/** Evaluates policies on requests: what decides calls, or Cedar's own build. */
export type Evaluator = (policies: readonly CedarPolicy[]) => (request: CedarRequest) => Evaluation

/** What decides calls: the compiled evaluator. */
export const compiledEvaluator: Evaluator = (policies) => {
  const evaluate = compilePolicies(policies)
  return (request) => evaluate(readRequest(request))
}

/** What policies say of one example, by the evaluator's answer and the obligations of the permits that apply. */
export function verdictOn(
  policies: readonly CedarPolicy[],
  { permits, forbids, errors }: Evaluation,
  example: Example,
): 'allow' | 'hold' | 'deny' {
  const named = (ids: readonly string[]) => policies.filter(({ id }) => ids.includes(id))
  if (named(errors.map(({ policy }) => policy)).some(({ effect }) => effect === 'forbid')) return 'deny'
  const blocking = named(forbids)
  if (blocking.some(({ annotations }) => standing(example, annotations['hold'] ?? '', 'any') !== 'open')) return 'deny'
  const weighed = named(permits).map((policy) => owed(example, policy))
  if (blocking.length === 0 && weighed.some((standings) => standings.every((each) => each === 'met'))) return 'allow'
  return weighed.some((standings) => standings.every((each) => each !== 'missing')) ? 'hold' : 'deny'
}

/** Judges examples by policies. */
export interface Judge {
  readonly verdict: (example: Example) => 'allow' | 'hold' | 'deny'
  readonly allows: (example: Example) => boolean
  /** The policies that apply, with what they oblige discharged, and the forbids that cannot be evaluated. */
  readonly acting: (example: Example) => readonly Pick<CedarPolicy, 'id' | 'effect'>[]
}

export function judgeOf(policies: readonly CedarPolicy[], evaluate: Evaluator): Judge {
  const evaluation = evaluate(policies)
  const byId = new Map(policies.map((policy) => [policy.id, policy]))
  const speaking = ({ permits, forbids, errors }: Evaluation) =>
    [...new Set([...permits, ...forbids, ...errors.map(({ policy }) => policy)])].flatMap((id) => byId.get(id) ?? [])
  const on = (example: Example) => {
    const found = evaluation(example.request)
    return { found, spoken: speaking(found) }
  }
  const others = spellings(policies, evaluation)
  /** As calls are decided: one that any server may read as another resource, which would be judged otherwise, is refused. */
  const verdict: Judge['verdict'] = (example) => {
    const { found, spoken } = on(example)
    const said = verdictOn(spoken, found, example)
    if (said === 'deny' || !others) return said
    const all = others(example.request, found)
    return all?.every((each) => verdictOn(speaking(each), each, example) === said) ? said : 'deny'
  }
  return {
    verdict,
    allows: (example) => verdict(example) === 'allow',
    acting(example) {
      const { found, spoken } = on(example)
      const failed = new Set(found.errors.map(({ policy }) => policy))
      return spoken.filter((policy) =>
        policy.effect === 'forbid' ? true : !failed.has(policy.id) && owed(example, policy).every((each) => each === 'met'),
      )
    },
  }
}

type Standing = 'met' | 'open' | 'missing'

const speech: ReadonlySet<string> = new Set(['id', 'advice'])

function owed(example: Example, { annotations }: CedarPolicy): readonly Standing[] {
  return Object.entries(annotations).flatMap(([name, value]) =>
    speech.has(name) ? [] : [standing(example, name, value, annotations['approval'])],
  )
}

function standing({ request: { context }, discharged }: Example, name: string, value: string, role = 'any'): Standing {
  const approval: unknown = context['approval']
  const quorum = isObject(approval) ? approval['quorum'] : undefined
  const met = (holds: boolean) => (holds ? 'met' : 'open')
  const approved = (least: number) => (typeof quorum === 'number' || typeof quorum === 'bigint') && quorum >= least
  switch (name) {
    case 'approval':
      return met(approved(1) && (value === 'any' || discharged.includes(`approval ${value}`)))
    case 'approval_quorum':
      return met(approved(Number(value)) && (role === 'any' || discharged.includes(`approval ${role} ${value}`)))
    case 'mfa':
      return met(context['mfa'] === true)
    case 'confirm':
      return met(context['confirmed'] === true)
    default:
      return discharged.includes(`${name} ${value}`) ? 'met' : 'missing'
  }
}

/** Examples with the regular expressions that their texts do match: to the solver, whether they do is a fact like another. */
export function attesting(policies: readonly CedarPolicy[]): (example: Example) => Example {
  const facts = policies.flatMap((policy) => matchedFacts(policy).flatMap(({ fact }) => (fact ? [fact] : [])))
  return (example) => attested(example, facts)
}

function attested(example: Example, facts: readonly MatchedFact[]): Example {
  const { request } = example
  if (!('matched' in request.context)) return example
  const { tool, session, input } = request.context
  // INVARIANT: an expression reads nothing of a call but these.
  const call = { tool: { name: tool }, resource: request.resource.id, session, input: input as Json } as unknown as MaskedCall
  const matched = new Set(facts.filter(({ holds }) => holds(call)).map(({ name }) => name))
  return { ...example, request: { ...request, context: { ...request.context, matched: [...matched] } } }
}
