import type { MaskedCall, TenantId } from '../call.ts'
import { type Control, refusal } from '../control.ts'
import type { Finding, Obligation, PolicyFacts } from '../decision.ts'
import { obligationsOf } from './annotations.ts'
import { type CedarPolicy, readCedar } from './cedar-text.ts'
import { standing } from './discharge.ts'
import type { Evaluation } from './evaluation.ts'
import { type CedarRequest, cedarRequest, UnfitError } from './facts.ts'
import { cedarOracle } from './oracle.ts'
import type { PolicySet } from './policies.ts'
import type { PolicyTool } from './schema.ts'

export interface PolicyOptions {
  readonly active: (tenant: TenantId) => Promise<readonly PolicySet[]>
  /** What the registry knows of a tool, for the types of its input. Without it, types follow the values. */
  readonly tool?: (tenant: TenantId, name: string) => Promise<PolicyTool | undefined>
}

interface Ready {
  readonly policies: ReadonlyMap<string, CedarPolicy>
  readonly evaluate: (request: CedarRequest) => Evaluation
}

/** An applying policy: the set's id and its own. */
interface Applying {
  readonly name: string
  readonly policy: CedarPolicy
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
    let request: CedarRequest
    try {
      request = cedarRequest(call, await tool?.(call.tenant, call.tool.name))
    } catch (error) {
      if (!(error instanceof UnfitError)) throw error
      return {
        ...refusal('invalid-request', `The call does not fit the policies' schema: ${error.message}.`),
        policy: { digests, determining: [] },
      }
    }
    const found = sets.map((set) => judged(set, prepared(set), request))
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
    const fresh: Ready = { policies: new Map(read.policies.map((each) => [each.id, each])), evaluate: cedarOracle(read.policies) }
    for (const oldest of ready.keys()) if (ready.size >= most) ready.delete(oldest)
    ready.set(digest, fresh)
    return fresh
  }
}

function judged(set: PolicySet, { policies, evaluate }: Ready, request: CedarRequest) {
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

function judge(
  call: MaskedCall,
  digests: readonly string[],
  { permits, forbids, broken }: { permits: readonly Applying[]; forbids: readonly Applying[]; broken: readonly Applying[] },
): Finding {
  const by = (policies: readonly Applying[]): { policy: PolicyFacts } => ({
    policy: { digests, determining: policies.map(({ name }) => name) },
  })
  const brokenForbids = broken.filter((each) => each.policy.effect === 'forbid')
  if (brokenForbids.length > 0) {
    const message = `The forbid ${names(brokenForbids)} could not be evaluated, and an error never lifts a forbid.`
    return { ...refusal('policy-error', message), ...by(brokenForbids) }
  }
  const final = forbids.filter((each) => lifting(each, call) === undefined)
  if (final.length > 0) return { ...refusal('policy-forbid', `${names(final)} forbids the call.${advice(final)}`), ...by(final) }

  const weighed = permits.map((each) => ({ each, owed: owing(each, call) }))
  const standingPermits = weighed.filter(({ owed }) => owed.length === 0).map(({ each }) => each)
  if (forbids.length > 0) {
    const owed = forbids.flatMap((each) => lifting(each, call) ?? [])
    return held(`${names(forbids)} forbids the call until it has ${list(owed)}.${advice(forbids)}`, owed, by(forbids))
  }
  if (standingPermits.length > 0) {
    const obligations = standingPermits.flatMap(({ name, policy: { annotations } }) => obligationsOf(name, annotations))
    return { verdict: 'allow', obligations, ...by(standingPermits) }
  }
  const suppliable = weighed.filter(({ owed }) => owed.every((each) => standing(each, call) === 'open'))
  if (suppliable.length > 0) {
    const owed = suppliable.flatMap((each) => each.owed)
    const holding = suppliable.map(({ each }) => each)
    return held(`${names(holding)} permits the call once it has ${list(owed)}.${advice(holding)}`, owed, by(holding))
  }
  if (permits.length > 0) {
    const stuck = weighed.flatMap(({ owed }) => owed.filter((each) => standing(each, call) === 'stuck'))
    return {
      ...refusal('obligation-unmet', `${names(permits)} permits the call only with ${list(stuck)}, which nothing here provides.`),
      ...by(permits),
    }
  }
  const skipped = broken.length > 0 ? ` ${names(broken)} could not be evaluated.` : ''
  return { ...refusal('no-permit', `No active policy permits the call.${skipped}`), ...by([]) }
}

function held(message: string, obligations: readonly Obligation[], more: { policy: PolicyFacts }): Finding {
  return { verdict: 'hold', reason: { code: 'obligation-open', message }, obligations, ...more }
}

function owing({ name, policy: { annotations } }: Applying, call: MaskedCall): readonly Obligation[] {
  return obligationsOf(name, annotations).filter((each) => standing(each, call) !== 'met')
}

/** What would lift a forbid marked `@hold`: `undefined` when nothing would, or when it is there already and the forbid stands. */
function lifting({ name, policy: { annotations } }: Applying, call: MaskedCall): Obligation | undefined {
  const missing = annotations['hold']
  const owed = missing === undefined ? undefined : { name: missing, value: missing === 'mfa' ? 'required' : 'any', policy: name }
  return owed && standing(owed, call) === 'open' ? owed : undefined
}

function names(policies: readonly Applying[]): string {
  const shown = policies.slice(0, 5).map(({ name }) => `\`${name}\``)
  return policies.length > 5 ? `${shown.join(', ')} and ${policies.length - 5} more` : shown.join(', ')
}

function list(obligations: readonly Obligation[]): string {
  return [...new Set(obligations.map(({ name }) => `\`${name}\``))].join(' and ')
}

function advice(policies: readonly Applying[]): string {
  const said = policies.flatMap(({ policy: { annotations } }) => annotations['advice'] ?? [])
  return said.length > 0 ? ` ${said.slice(0, 3).join(' ')}` : ''
}
