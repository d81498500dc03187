import type { MaskedCall, TenantId } from '../call.ts'
import { type Control, refusal } from '../control.ts'
import type { Finding } from '../decision.ts'
import { readCedar } from './cedar-text.ts'
import { compilePolicies, type Evaluate } from './evaluator.ts'
import { cedarRequest, UnfitError } from './facts.ts'
import { type MatchedFact, matchedFacts } from './matched.ts'
import type { PolicySet } from './policies.ts'
import { type Request, readRequest } from './request.ts'
import type { PolicyTool } from './schema.ts'
import { type Applying, judge } from './verdict.ts'

export interface PolicyOptions {
  readonly active: (tenant: TenantId) => Promise<readonly PolicySet[]>
  /** What the registry knows of a tool, for the types of its input. Without it, types follow the values. */
  readonly tool?: (tenant: TenantId, name: string) => Promise<PolicyTool | undefined>
}

interface Ready {
  readonly policies: ReadonlyMap<string, Applying['policy']>
  readonly evaluate: Evaluate
  readonly matches: readonly MatchedFact[]
}

/** Compiled sets kept at once: versions are immutable, so a digest never means anything else. */
const most = 256

/**
 * Judges calls by the tenant's active policy sets: any forbid denies, else some permit whose obligations are all
 * discharged allows, else permits that wait for a person hold, else deny.
 */
export function policy({ active, tool }: PolicyOptions): Control {
  const ready = new Map<string, Ready>()

  return { name: 'policy', stage: 'evaluate', evaluate }

  async function evaluate(call: MaskedCall): Promise<Finding> {
    const sets = await active(call.tenant)
    const digests = sets.map(({ digest }) => digest)
    if (sets.length === 0) {
      const message = 'No policy set is active, so nothing is permitted: activate one, such as `default-guardrails`.'
      return { ...refusal('no-permit', message), policy: { digests, determining: [] } }
    }
    const compiled = sets.map((set) => ({ set, ready: prepared(set) }))
    let request: Request
    try {
      const matches = compiled.flatMap(({ ready: { matches } }) => matches)
      const matched = matches.filter(({ holds }) => holds(call)).map(({ name }) => name)
      request = readRequest(cedarRequest(call, await tool?.(call.tenant, call.tool.name), matched))
    } catch (error) {
      if (!(error instanceof UnfitError)) throw error
      return {
        ...refusal('invalid-request', `The call does not fit the policies' schema: ${error.message}.`),
        policy: { digests, determining: [] },
      }
    }
    const found = compiled.map((each) => judged(each.set, each.ready, request))
    return judge(call, digests, {
      permits: found.flatMap(({ permits }) => permits),
      forbids: found.flatMap(({ forbids }) => forbids),
      broken: found.flatMap(({ broken }) => broken),
    })
  }

  function prepared({ digest, id, text }: PolicySet): Ready {
    const known = ready.get(digest)
    if (known) return known
    const read = readCedar(text)
    if (!read.ok) throw new TypeError(`The policy set \`${id}\` cannot be read: ${read.errors[0]?.message}`)
    const policies = new Map(read.policies.map(({ id: name, effect, annotations }) => [name, { effect, annotations }]))
    const facts = read.policies.flatMap((each) => matchedFacts(each).flatMap(({ fact }) => fact ?? []))
    const matches = [...new Map(facts.map((fact) => [fact.name, fact])).values()]
    const fresh: Ready = { policies, evaluate: compilePolicies(read.policies), matches }
    for (const oldest of ready.keys()) if (ready.size >= most) ready.delete(oldest)
    ready.set(digest, fresh)
    return fresh
  }
}

function judged(set: PolicySet, { policies, evaluate }: Ready, request: Request) {
  const { permits, forbids, errors } = evaluate(request)
  const applying = (id: string): Applying[] => {
    const found = policies.get(id)
    return found ? [{ name: `${set.id}/${id}`, policy: found }] : []
  }
  return {
    permits: permits.flatMap(applying),
    forbids: forbids.flatMap(applying),
    broken: errors.flatMap(({ policy: id }) => applying(id)),
  }
}
