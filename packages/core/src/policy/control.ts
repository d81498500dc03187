import { type MaskedCall, type TenantId, withFacts } from '../call.ts'
import { type Control, refusal } from '../control.ts'
import type { Finding } from '../decision.ts'
import { type CedarPolicy, policiesIn, readCedar } from './cedar-text.ts'
import type { Discharging } from './discharge.ts'
import { type AskedInput, askedInput } from './asked-input.ts'
import { compileInAnyCase, compileInTurns, compilePolicies, type Evaluate } from './evaluator.ts'
import { everyReading, type Reading } from './every-reading.ts'
import { cedarRequest, UnfitError, unseen } from './facts.ts'
import { unseenIn } from './hidden-field.ts'
import { boundWork, isNoText, type MatchedFact, matchedFacts } from './matched.ts'
import { type PathRule, pathRule } from './path-rules.ts'
import type { PolicySet } from './policies.ts'
import { type Request, readRequest } from './request.ts'
import type { PolicyTool } from './schema.ts'
import { inTurns } from './turns.ts'
import { type Applied, type Applying, judge } from './verdict.ts'

export interface PolicyOptions extends Discharging {
  readonly active: (tenant: TenantId) => Promise<readonly PolicySet[]>
  /** What the registry knows of a tool, for the types of its input. Without it, types follow the values. */
  readonly tool?: (tenant: TenantId, name: string) => Promise<PolicyTool | undefined>
  /** Shared by controls that judge by the same sets; each has its own unless given. */
  readonly cache?: PolicyCache
}

/** Compiled sets by digest. */
export type PolicyCache = Map<string, Ready>

/** A set, compiled. */
export interface Ready {
  readonly policies: ReadonlyMap<string, Applying['policy']>
  readonly evaluate: Evaluate
  /** Evaluates requests whose resource has its case taken away. */
  readonly evaluateInAnyCase: () => Promise<Evaluate>
  readonly matches: readonly MatchedFact[]
  /** How policies judge by the resource, by their ids. */
  readonly paths: ReadonlyMap<string, PathRule>
  readonly asked: readonly AskedInput[]
}

/** Compiled sets kept at once: versions are immutable, so a digest never means anything else. */
const most = 256

/** Characters of a set from which it is compiled a little at a time. */
const large = 65_536

/** The control, which can be told of a set before any call is judged by it. */
export interface PolicyControl extends Control {
  /** Compiles a published set, so that the first call that it judges need not wait. */
  readonly prepare: (set: PolicySet) => Promise<void>
}

/**
 * Judges calls by the tenant's active policy sets: any forbid denies, else some permit whose obligations are all
 * discharged allows, else permits that wait for a person hold, else deny.
 */
export function policy({ active, tool, cache: ready = new Map(), ...house }: PolicyOptions): PolicyControl {
  const underway = new Map<string, Promise<Ready>>()

  return { name: 'policy', stage: 'evaluate', evaluate, prepare: async (set) => void (await prepared(set)) }

  async function evaluate(call: MaskedCall): Promise<Finding> {
    const sets = await active(call.tenant)
    const digests = sets.map(({ digest }) => digest)
    if (sets.length === 0) {
      const message = 'No policy set is active, so nothing is permitted: activate one, such as `default-guardrails`.'
      return { ...refusal('no-permit', message), policy: { digests, determining: [] } }
    }
    const standing = await Promise.all(sets.map(async (set) => ({ set, ready: await prepared(set) })))
    const fits = await tool?.(call.tenant, call.tool.name)
    const rules = pathRules(standing)
    let spent = 0
    const verdict = (asked: MaskedCall, applied: Applied) => judge(asked, digests, applied, house)
    const decided = (asked: MaskedCall) => everyReading(asked, { apply, verdict, ...(rules && { rules }) })
    const { [unseen]: _, ...context } = call.context
    if (!fits || !asksUnseen(call, fits, standing)) return decided({ ...call, context })
    const facts = { [unseen]: true }
    return { ...(await decided(withFacts(call, facts))), facts }

    async function apply(asked: MaskedCall, { resource, anyCase }: Reading): Promise<Applied | Finding> {
      let request: Request
      try {
        const matches = standing.flatMap(({ ready: { matches } }) => matches)
        spent = boundWork(asked, matches, resource, spent)
        request = readRequest(cedarRequest(asked, fits, await matchedIn(asked, { resource, anyCase }, matches), resource))
      } catch (error) {
        if (!(error instanceof UnfitError)) throw error
        return {
          ...refusal('invalid-request', `The call does not fit the policies' schema: ${error.message}.`),
          policy: { digests, determining: [] },
        }
      }
      const found: Applied[] = []
      for (const { set, ready } of standing) {
        found.push(judged(set, ready, anyCase ? await ready.evaluateInAnyCase() : ready.evaluate, request))
      }
      return {
        permits: found.flatMap(({ permits }) => permits),
        forbids: found.flatMap(({ forbids }) => forbids),
        broken: found.flatMap(({ broken }) => broken),
      }
    }
  }

  async function prepared(set: PolicySet): Promise<Ready> {
    const { digest, text } = set
    const known = ready.get(digest)
    if (known) return known
    if (text.length < large) return kept(digest, compiled(set))
    const working = underway.get(digest) ?? compiledInTurns(set).finally(() => underway.delete(digest))
    underway.set(digest, working)
    return kept(digest, await working)
  }

  function kept(digest: string, fresh: Ready): Ready {
    for (const oldest of ready.keys()) if (ready.size >= most) ready.delete(oldest)
    ready.set(digest, fresh)
    return fresh
  }
}

/** Whether policies that may apply to the call ask for something in its input that its schema hides from them, or that is no text to match. */
function asksUnseen(call: MaskedCall, tool: PolicyTool, standing: readonly { readonly ready: Ready }[]): boolean {
  const hidden = unseenIn(call.input, tool.inputSchema)
  const named = new Set([call.tool.name, tool.name, call.action, call.tool.effect])
  const within = (path: readonly string[]) => hidden.some((each) => each.every((name, at) => path[at] === name))
  return standing.some(({ ready: { asked } }) =>
    asked.some(
      ({ actions, paths, texts }) =>
        (actions === undefined || actions.some((id) => named.has(id))) &&
        (paths.some(within) || texts.some((path) => isNoText(call.input, path))),
    ),
  )
}

/** The facts that hold of a call, one after the other: whoever else waits is let by in between. */
async function matchedIn(call: MaskedCall, { resource, anyCase }: Reading, facts: readonly MatchedFact[]): Promise<readonly string[]> {
  const found = await inTurns(facts.values().map(({ name, holds }) => (holds(call, resource, anyCase) ? [name] : [])))
  return found.flat()
}

/** What the policies of sets say of resources, if any does. */
function pathRules(standing: readonly { readonly set: PolicySet; readonly ready: Ready }[]) {
  const rules = standing.flatMap(({ ready: { paths } }) => [...paths.values()])
  if (rules.length === 0) return undefined
  const rooted = (name: string) =>
    standing.some(({ set, ready }) => name.startsWith(`${set.id}/`) && ready.paths.get(name.slice(set.id.length + 1))?.rooted === true)
  return { cased: rules.some(({ cased }) => cased), rooted }
}

function compiled({ id, text }: PolicySet): Ready {
  const read = readCedar(text)
  if (!read.ok) throw new TypeError(`The policy set \`${id}\` cannot be read: ${read.errors[0]?.message}`)
  return readyOf(read.policies, compilePolicies(read.policies))
}

/** INVARIANT: a published text was read before; a policy in it that is none would still throw when it is compiled. */
async function compiledInTurns({ text }: PolicySet): Promise<Ready> {
  const policies = await inTurns(policiesIn(text))
  const matched = await inTurns(policies.values().map(matchedFacts))
  return readyOf(policies, await compileInTurns(policies), matched, await inTurns(policies.values().map(askedInput)))
}

function readyOf(
  read: readonly CedarPolicy[],
  evaluate: Evaluate,
  matched: readonly ReturnType<typeof matchedFacts>[] = read.map(matchedFacts),
  inputs: readonly ReturnType<typeof askedInput>[] = read.map(askedInput),
): Ready {
  const policies = new Map(read.map(({ id, effect, annotations }) => [id, { effect, annotations }]))
  const facts = matched.flatMap((each) => each.flatMap(({ fact }) => fact ?? []))
  const paths = new Map(
    read.flatMap((each) => {
      const rule = pathRule(each)
      return rule ? [[each.id, rule] as const] : []
    }),
  )
  let inAnyCase: Promise<Evaluate> | undefined
  return {
    policies,
    evaluate,
    evaluateInAnyCase: () =>
      (inAnyCase ??= evaluateInAnyCase(
        evaluate,
        read.filter(({ id }) => paths.get(id)?.cased),
      )),
    asked: inputs.flatMap((each) => each ?? []),
    matches: [...new Map(facts.map((fact) => [fact.name, fact])).values()],
    paths,
  }
}

/** Policies without capitals say the same of requests without any; the others are compiled once more. */
async function evaluateInAnyCase(evaluate: Evaluate, cased: readonly CedarPolicy[]): Promise<Evaluate> {
  if (cased.length === 0) return evaluate
  const ids = new Set(cased.map(({ id }) => id))
  const again = await compileInAnyCase(cased)
  return (request) => {
    const [one, other] = [evaluate(request), again(request)]
    return {
      permits: [...one.permits.filter((id) => !ids.has(id)), ...other.permits],
      forbids: [...one.forbids.filter((id) => !ids.has(id)), ...other.forbids],
      errors: [...one.errors.filter(({ policy: id }) => !ids.has(id)), ...other.errors],
    }
  }
}

function judged(set: PolicySet, { policies }: Ready, evaluate: Evaluate, request: Request): Applied {
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
