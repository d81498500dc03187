import { type Answer, ask, type Asker, isOver } from './answer.ts'
import type { Judge } from './confirm.ts'
import type { Example } from './example.ts'
import type { Inquiry } from './inquiry.ts'
import { overlap } from './overlap.ts'
import type { Place } from './place.ts'
import type { PolicySyntax } from './syntax.ts'
import type { Term } from './term.ts'
import { verdicts } from './verdict.ts'

/** Policies as the solver reads them, and as the evaluator judges by them. */
export interface Judging {
  readonly syntax: readonly PolicySyntax[]
  readonly judge: Judge
}

/** A call of which `claim` is true, that `by` allows and `not` does not; what is left out is not asked. */
export interface Sought {
  readonly claim: (place: Place) => Term
  /** The claim is false of calls outside the scope of this one, so only policies that may meet it matter. */
  readonly within?: PolicySyntax
  readonly by?: Judging
  readonly not?: Judging
  /** Whether the evaluator finds the claim true. */
  readonly claimed: (example: Example) => boolean
  readonly attested: (example: Example) => Example
  /** The same of policies that say the same. */
  readonly ruleOf: (policy: PolicySyntax) => string
}

/** How many policies, one of which must act, are asked about together. */
const together = 100
/** How often policies are added to a question before it is asked with all that there are. */
const rounds = 40

/**
 * Looks for a call among very many policies, a few of them at a time.
 *
 * A call that is allowed is allowed by some permit, so permits are asked about in turn. What is allowed by one list and not by
 * the other is either allowed by a permit that the other has not, where none of the other's stands, or it is denied by a forbid
 * that the one has not. All else (forbids of the one, permits of the other) must not act. To leave these out makes more calls
 * answer, never fewer: so they are left out until the evaluator finds them in the way of the call that was found.
 */
export async function narrowed(asker: Asker, about: Inquiry, sought: Sought): Promise<Answer> {
  const { claim, within, by, not, claimed, attested, ruleOf } = sought
  const terms = new Map<Place, Map<PolicySyntax, Term>>()
  const places = about.places.filter((place) => claim(place).literal !== false)
  const idle = new Set<PolicySyntax>()
  const [permits, forbids] = [acting(by, 'permit', not), acting(not, 'forbid', by)]
  const hindering = once(() => [...acting(by, 'forbid'), ...acting(not, 'permit')])
  const every = by && forbids.length > 0 ? acting(by, 'permit') : []
  const cases: Case[] = [
    ...(by ? several(permits).map((allows): Case => ({ allows })) : [{}]),
    ...several(forbids).flatMap((denies) => (by ? several(every).map((allows): Case => ({ allows, denies })) : [{ denies }])),
  ]
  const gaps = new Set<string>()
  let open: Answer | undefined
  for (let each = cases.shift(); each; each = cases.shift()) {
    if (isOver(asker)) {
      open ??= { answer: 'unknown', why: 'the solver had no time' }
      break
    }
    const found = await asked(each)
    const parts = found.answer === 'unknown' && !isOver(asker) ? halves(each) : []
    if (parts.length > 0) {
      cases.unshift(...parts)
      continue
    }
    for (const gap of found.unsupported ?? []) gaps.add(gap)
    if (found.answer === 'violated') return found
    if (found.answer === 'unknown') open ??= found
  }
  return { ...(open ?? { answer: 'holds' }), ...(gaps.size > 0 && { unsupported: [...gaps] }) }

  async function asked(one: Case): Promise<Answer> {
    const { allows, denies } = one
    const [stands, blocks] = [some(allows), some(denies)]
    for (let round = 0; ; round++) {
      if (round === rounds) for (const each of hindering()) idle.add(each)
      const left = [...idle].filter(({ effect }) => effect === 'forbid' || !denies)
      const query = about.query((place) => {
        const { t } = place.world.encoding
        const either = [stands(place), blocks(place)]
        if (either.some(({ literal }) => literal === false)) return t.bool(false)
        const root = claim(place)
        return root.literal === false ? root : t.and(root, ...either, ...left.map((each) => t.not(acts(place, each))))
      })
      let found: readonly PolicySyntax[] = []
      const answer = await ask(
        isMany(one) ? { ...asker, limit: Math.min(asker.limit ?? 5_000, short) } : asker,
        query,
        (example) => {
          if (!claimed(example)) return false
          if ((!by || by.judge.allows(example)) && !not?.judge.allows(example)) return true
          if (found.length === 0) found = inTheWay(example, denies !== undefined)
          return false
        },
        attested,
      )
      if (answer.answer !== 'unknown' || found.length === 0 || round > rounds) return answer
      for (const each of found) idle.add(each)
    }
  }

  /** That one of these acts, place by place. */
  function some(policies: readonly PolicySyntax[] | undefined): (place: Place) => Term {
    const known = new Map<Place, Term>()
    return (place) => {
      const { t } = place.world.encoding
      const found = known.get(place) ?? (policies ? t.or(...policies.map((each) => acts(place, each))) : t.bool(true))
      known.set(place, found)
      return found
    }
  }

  function inTheWay(example: Example, denied: boolean): readonly PolicySyntax[] {
    const blocks = by?.judge.acting(example).filter(({ effect }) => effect === 'forbid') ?? []
    const lets = denied ? [] : (not?.judge.acting(example).filter(({ effect }) => effect === 'permit') ?? [])
    const named = new Set([...blocks, ...lets].map(({ id, effect }) => `${effect} ${id}`))
    return hindering().filter((each) => !idle.has(each) && named.has(`${each.effect} ${each.id}`))
  }

  /** The policies that may act on a call of the claim, and that the other list has not. */
  function acting(judging: Judging | undefined, effect: 'permit' | 'forbid', but?: Judging): readonly PolicySyntax[] {
    const others = new Set(but?.syntax.map(ruleOf))
    return (judging?.syntax ?? []).filter(
      (each) =>
        each.effect === effect &&
        !(but && others.has(ruleOf(each))) &&
        (!within || overlap(each, within)) &&
        places.some((place) => acts(place, each).literal !== false),
    )
  }

  /** When a permit applies with its obligations discharged, and when a forbid applies or cannot be evaluated. */
  function acts(place: Place, policy: PolicySyntax): Term {
    if (isElsewhere(place, policy)) return place.world.encoding.t.bool(false)
    const here = terms.get(place) ?? new Map<PolicySyntax, Term>()
    terms.set(place, here)
    const known = here.get(policy) ?? verdicts(place, [policy]).stands.get(policy) ?? place.world.encoding.t.bool(false)
    here.set(policy, known)
    return known
  }
}

/** Whether a policy asks for another action than the one of a place, which takes no encoding to tell. */
function isElsewhere({ world: { action, encoding } }: Place, { json: { action: scope } }: PolicySyntax): boolean {
  if (scope.op !== '==' || !('entity' in scope)) return false
  const { type, id } = '__entity' in scope.entity ? scope.entity.__entity : scope.entity
  const { literal } = action.id
  return type !== action.type || (literal !== undefined && literal !== encoding.t.string(id).literal)
}

/** Of `allows` one stands, of `denies` one acts; where it is left out, nothing is asked of that. */
interface Case {
  readonly allows?: readonly PolicySyntax[]
  readonly denies?: readonly PolicySyntax[]
}

/** Milliseconds for many policies together: what they keep the solver from telling, fewer of them may not. */
const short = 1_000

function isMany({ allows = [], denies = [] }: Case): boolean {
  return Math.max(allows.length, denies.length) > 8
}

/** The same question in two, where it is about many policies. */
function halves({ allows, denies }: Case): readonly Case[] {
  const half = (policies: readonly PolicySyntax[]) => {
    const middle = Math.ceil(policies.length / 2)
    return [policies.slice(0, middle), policies.slice(middle)]
  }
  if (allows && allows.length > 8) return half(allows).map((some) => ({ allows: some, ...(denies && { denies }) }))
  return denies && denies.length > 8 ? half(denies).map((some) => ({ ...(allows && { allows }), denies: some })) : []
}

function several(policies: readonly PolicySyntax[]): readonly (readonly PolicySyntax[])[] {
  return Array.from({ length: Math.ceil(policies.length / together) }, (_, at) => policies.slice(at * together, (at + 1) * together))
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined
  return () => (made ??= { value: make() }).value
}
