import type { MaskedCall } from '../call.ts'
import { refusal } from '../control.ts'
import type { Finding, Obligation, PolicyFacts } from '../decision.ts'
import { obligationsOf } from './annotations.ts'
import type { CedarPolicy } from './cedar-text.ts'
import { type Discharging, standing } from './discharge.ts'

/** A policy that applies, named by its set's id and its own: `default-guardrails/ordinary-calls`. */
export interface Applying {
  readonly name: string
  readonly policy: Pick<CedarPolicy, 'effect' | 'annotations'>
}

/** What all active sets say of a call. `broken`: the policies that could not be evaluated. */
export interface Applied {
  readonly permits: readonly Applying[]
  readonly forbids: readonly Applying[]
  readonly broken: readonly Applying[]
}

/**
 * The verdict on a call that these policies apply to. Monotone by construction: a permit counts only with its own
 * obligations discharged, so removing one never widens access, and neither does adding an obligation.
 */
export function judge(
  call: MaskedCall,
  digests: readonly string[],
  { permits, forbids, broken }: Applied,
  house: Discharging = {},
): Finding {
  const stands: Stands = (owed, role) => standing(owed, call, house, role)
  const by = (policies: readonly Applying[]): { policy: PolicyFacts } => ({
    policy: { digests, determining: policies.map(({ name }) => name) },
  })
  const brokenForbids = broken.filter((each) => each.policy.effect === 'forbid')
  if (brokenForbids.length > 0) {
    const message = `The forbid ${names(brokenForbids)} could not be evaluated, and an error never lifts a forbid.`
    return { ...refusal('policy-error', message), ...by(brokenForbids) }
  }
  const final = forbids.filter((each) => lifting(each, stands) === undefined)
  if (final.length > 0) return { ...refusal('policy-forbid', `${names(final)} forbids the call.${advice(final)}`), ...by(final) }

  const weighed = permits.map((each) => ({ each, owed: owing(each, stands) }))
  const standingPermits = weighed.filter(({ owed }) => owed.length === 0).map(({ each }) => each)
  const suppliable = weighed.filter(({ each, owed }) => owed.every((one) => stands(one, roleOf(each)) === 'open'))
  if (forbids.length > 0) {
    if (suppliable.length === 0)
      return { ...refusal('policy-forbid', `${names(forbids)} forbids the call.${advice(forbids)}`), ...by(forbids) }
    const owed = [...forbids.flatMap((each) => lifting(each, stands) ?? []), ...suppliable.flatMap((each) => each.owed)]
    const ways = forPeople(suppliable).map(({ each, owed }) => wayOf(each, owed) ?? { quorum: 1 })
    return held(`${names(forbids)} forbids the call until it has ${list(owed)}.${advice(forbids)}`, { owed, ways }, by(forbids))
  }
  if (standingPermits.length > 0) {
    const obligations = standingPermits.flatMap(({ name, policy: { annotations } }) => obligationsOf(name, annotations))
    return { verdict: 'allow', obligations, ...by(standingPermits) }
  }
  if (suppliable.length > 0) {
    const owed = suppliable.flatMap((each) => each.owed)
    const holding = suppliable.map(({ each }) => each)
    const ways = forPeople(suppliable).flatMap(({ each, owed }) => wayOf(each, owed) ?? [])
    return held(`${names(holding)} permits the call once it has ${list(owed)}.${advice(holding)}`, { owed, ways }, by(holding))
  }
  if (permits.length > 0) {
    const stuck = weighed.flatMap(({ owed }) => owed.filter((one) => stands(one, undefined) === 'stuck'))
    return {
      ...refusal('obligation-unmet', `${names(permits)} permits the call only with ${list(stuck)}, which nothing here provides.`),
      ...by(permits),
    }
  }
  const skipped = broken.length > 0 ? ` ${names(broken)} could not be evaluated.` : ''
  return { ...refusal('no-permit', `No active policy permits the call.${skipped}`), ...by([]) }
}

function held(
  message: string,
  { owed, ways }: { readonly owed: readonly Obligation[]; readonly ways: readonly Way[] },
  more: { policy: PolicyFacts },
): Finding {
  const told = ways.filter((way, at) => ways.findIndex(({ quorum, role }) => quorum === way.quorum && role === way.role) === at)
  return {
    verdict: 'hold',
    reason: { code: 'obligation-open', message },
    obligations: owed,
    ...(told.length > 0 && { ways: told }),
    ...more,
  }
}

type Stands = (owed: Obligation, role: string | undefined) => ReturnType<typeof standing>
type Way = NonNullable<Finding['ways']>[number]

function owing(applying: Applying, stands: Stands): readonly Obligation[] {
  const { name, policy } = applying
  return obligationsOf(name, policy.annotations).filter((each) => stands(each, roleOf(applying)) !== 'met')
}

function roleOf({ policy: { annotations } }: Applying): string | undefined {
  return annotations['approval']
}

/** The permits that people are asked for: those that lack nothing else, and all where there is none. */
function forPeople<P extends { readonly owed: readonly Obligation[] }>(permits: readonly P[]): readonly P[] {
  const ready = permits.filter(({ owed }) => owed.every(isOfPeople))
  return ready.length > 0 ? ready : permits
}

function isOfPeople({ name }: Obligation): boolean {
  return name === 'approval' || name === 'approval_quorum'
}

/** The answer of people that a permit waits for; nothing where it waits for none. */
function wayOf(applying: Applying, owed: readonly Obligation[]): Way | undefined {
  if (!owed.some(isOfPeople)) return undefined
  const role = roleOf(applying)
  return {
    quorum: Number(applying.policy.annotations['approval_quorum'] ?? 1),
    ...(role !== undefined && role !== 'any' && { role }),
  }
}

/** What would lift a forbid marked `@hold`: `undefined` when nothing would, or when it is there already and the forbid stands. */
function lifting({ name, policy: { annotations } }: Applying, stands: Stands): Obligation | undefined {
  const missing = annotations['hold']
  const owed = missing === undefined ? undefined : { name: missing, value: missing === 'mfa' ? 'required' : 'any', policy: name }
  return owed && stands(owed, undefined) === 'open' ? owed : undefined
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
