import type { Place } from './place.ts'
import type { PolicySyntax } from './syntax.ts'
import type { Term } from './term.ts'

/** When policies allow a call, and when they hold it for something that can be supplied. What is neither is denied. */
export interface Verdicts {
  readonly allow: Term
  readonly hold: Term
  /** When each permit applies with its own obligations discharged, and when each forbid applies or cannot be evaluated. */
  readonly stands: ReadonlyMap<PolicySyntax, Term>
}

/** Annotations that oblige nobody. */
const speech: ReadonlySet<string> = new Set(['id', 'advice', 'hold', 'invariant'])

/**
 * The verdict of policies on the calls of a place: a forbid that cannot be evaluated denies, as the gate adds; a permit
 * counts when all its obligations are discharged; what a forbid marked `@hold` or an open obligation lacks can be
 * supplied. What is discharged elsewhere (a rate, a budget, an approver's role) may be or not: either is a call.
 */
export function verdicts(place: Place, policies: readonly PolicySyntax[]): Verdicts {
  const { t } = place.world.encoding
  const forbids = policies.filter(({ effect }) => effect === 'forbid')
  const permits = policies.filter(({ effect }) => effect === 'permit')
  const broken = t.or(...forbids.map((each) => place.meaning(each).errs))
  const forbidden = t.or(...forbids.map((each) => place.meaning(each).applies))
  const blocking = forbids.map((each) => [each, t.or(place.meaning(each).applies, place.meaning(each).errs)] as const)
  const final = t.or(...forbids.map((each) => t.and(place.meaning(each).applies, t.not(liftable(place, each)))))
  const weighed = permits.map((each) => ({ each, applies: place.meaning(each).applies, owed: obligations(place, each) }))
  const discharged = weighed.map(({ each, applies, owed }) => [each, t.and(applies, ...owed.map(({ met }) => met))] as const)
  const standing = t.or(...discharged.map(([, term]) => term))
  const suppliable = t.or(...weighed.map(({ applies, owed }) => t.and(applies, ...owed.map(({ met, open }) => t.or(met, open)))))
  return {
    allow: t.and(t.not(broken), t.not(forbidden), standing),
    hold: t.and(t.not(broken), t.not(final), suppliable, t.or(forbidden, t.not(standing))),
    stands: new Map([...discharged, ...blocking]),
  }
}

interface Owed {
  readonly met: Term
  /** Somebody can supply it. */
  readonly open: Term
}

function obligations(place: Place, { annotations }: PolicySyntax): readonly Owed[] {
  return Object.entries(annotations).flatMap(([name, value]) =>
    speech.has(name) ? [] : [obligation(place, name, value, annotations['approval'])],
  )
}

/** `role`: whose approvals a quorum counts, where its policy names a role. */
function obligation({ world: { encoding, context } }: Place, name: string, value: string, role = 'any'): Owed {
  const { t } = encoding
  const either = (met: Term): Owed => ({ met, open: t.not(met) })
  switch (name) {
    case 'approval':
      return either(t.and(approved('1'), value === 'any' ? t.bool(true) : encoding.outside(`approval ${value}`)))
    case 'approval_quorum':
      return either(t.and(approved(value), role === 'any' ? t.bool(true) : encoding.outside(`approval ${role} ${value}`)))
    case 'mfa':
      return either(truth('mfa'))
    case 'confirm':
      return either(truth('confirmed'))
    default:
      return { met: encoding.outside(`${name} ${value}`), open: t.bool(false) }
  }

  function truth(fact: string): Term {
    const found = context.fields.get(fact)?.value()
    return found?.kind === 'Boolean' ? found.term : encoding.outside(fact)
  }

  /** By so many people at least: those of one role are among all. */
  function approved(least: string): Term {
    const approval = context.fields.get('approval')
    const fact = approval?.value()
    const quorum = fact?.kind === 'Record' ? fact.fields.get('quorum')?.value() : undefined
    if (!approval || quorum?.kind !== 'Long' || !/^\d+$/u.test(least)) return t.bool(false)
    return t.and(approval.present, t.atMost(t.int(BigInt(least)), quorum.term))
  }
}

function liftable(place: Place, { annotations }: PolicySyntax): Term {
  const { t } = place.world.encoding
  const missing = annotations['hold']
  return missing === undefined ? t.bool(false) : obligation(place, missing, 'any').open
}
