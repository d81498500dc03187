import type { CedarPolicy } from './cedar-text.ts'
import type { Token } from './cedar-tokens.ts'
import { isByEffect, reachEveryEffect, unscopedAmong } from './unscoped.ts'

/** What two lists of policies differ in. A policy is known by its id, and changed when its text is another. */
export interface PolicyChanges {
  readonly added: readonly CedarPolicy[]
  readonly removed: readonly CedarPolicy[]
  readonly changed: readonly { readonly before: CedarPolicy; readonly after: CedarPolicy }[]
}

export function policyChanges(before: readonly CedarPolicy[], after: readonly CedarPolicy[]): PolicyChanges {
  const [old, fresh] = [byId(before), byId(after)]
  return {
    added: after.filter(({ id }) => !old.has(id)),
    removed: before.filter(({ id }) => !fresh.has(id)),
    changed: before.flatMap((each) => {
      const other = fresh.get(each.id)
      return other && wordsOf(other) !== wordsOf(each) ? [{ before: each, after: other }] : []
    }),
  }
}

function byId(policies: readonly CedarPolicy[]): ReadonlyMap<string, CedarPolicy> {
  return new Map(policies.map((each) => [each.id, each]))
}

/**
 * What may widen access whatever the conditions say: a forbid that would be there no longer as it was, a permit of anything
 * (`unscoped.ts`), a permit that asks for less than it did.
 */
export interface Widening {
  readonly forbidsRemoved: readonly string[]
  readonly unscopedPermits: readonly string[]
  /** By the id of the permit: `@approval("approver")`. */
  readonly obligationsDropped: readonly { readonly id: string; readonly obligations: readonly string[] }[]
}

/** Compares by what policies say, not by their names: a forbid under another name still forbids. */
export function widening(before: readonly CedarPolicy[], after: readonly CedarPolicy[]): Widening {
  const [had, has] = [new Set(before.map(ruleOf)), new Set(after.map(ruleOf))]
  const permits = (some: readonly CedarPolicy[]) => some.filter(({ effect }) => effect === 'permit')
  const fresh = permits(after).filter((each) => !had.has(ruleOf(each)))
  // Effect by effect, one change after the other, comes to the same as all at once.
  const completes = fresh.some(isByEffect) && reachEveryEffect(permits(after)) && !reachEveryEffect(permits(before))
  const completing = completes ? fresh.filter(isByEffect) : []
  return {
    forbidsRemoved: before.filter((each) => each.effect === 'forbid' && !has.has(ruleOf(each))).map(({ id }) => id),
    unscopedPermits: [...new Set([...unscopedAmong(fresh), ...completing])].map(({ id }) => id),
    obligationsDropped: dropped(permits(before), fresh),
  }
}

/** The permits that owe less than one of before with the same words, or with the same id, did; whatever its words are. */
function dropped(before: readonly CedarPolicy[], fresh: readonly CedarPolicy[]): Widening['obligationsDropped'] {
  const same = Map.groupBy(before, bodyOf)
  const named = byId(before)
  return fresh.flatMap((permit) => {
    const owed = new Set(dutiesOf(permit).map(written))
    const missing = (older: CedarPolicy) =>
      dutiesOf(older)
        .map(written)
        .filter((each) => !owed.has(each))
    const worded = (same.get(bodyOf(permit)) ?? []).map(missing)
    const { [0]: renamed = [] } = [named.get(permit.id)].flatMap((older) => (older ? [missing(older)] : []))
    const obligations = worded.some((each) => each.length === 0) ? [] : [...new Set([...worded.flat(), ...renamed])]
    return obligations.length > 0 ? [{ id: permit.id, obligations }] : []
  })
}

function written([name, value]: readonly [string, string]): string {
  return `@${name}(${JSON.stringify(value)})`
}

/** A policy without what is only said to people: its id and its advice. */
export function ruleOf(policy: CedarPolicy): string {
  return JSON.stringify([dutiesOf(policy), bodyOf(policy)])
}

/** From its effect on. */
function bodyOf({ tokens }: CedarPolicy): string {
  const start = tokens.findIndex(({ text }, index) => (text === 'permit' || text === 'forbid') && tokens[index - 1]?.text !== '@')
  return JSON.stringify(tokens.slice(start).map(({ text }) => text))
}

/** Its annotations that are no words to people, sorted. */
function dutiesOf({ annotations }: CedarPolicy): readonly (readonly [string, string])[] {
  return Object.entries(annotations)
    .filter(([name]) => name !== 'id' && name !== 'advice')
    .sort()
}

function wordsOf({ tokens }: { readonly tokens: readonly Token[] }): string {
  return JSON.stringify(tokens.map(({ text }) => text))
}
