import { pathRule } from '../policy/path-rules.ts'
import type { CedarPolicy } from '../policy/cedar-text.ts'
import { ruleOf } from '../policy/changes.ts'
import { cedarSchema, type PolicyTool } from '../policy/schema.ts'
import { type Answer, ask, type Asker } from './answer.ts'
import { attesting, compiledEvaluator, type Evaluator, judgeOf } from './confirm.ts'
import type { Example } from './example.ts'
import { inquiry } from './inquiry.ts'
import type { Invariant } from './invariant.ts'
import { type Judging, narrowed } from './narrowed.ts'
import { overlap } from './overlap.ts'
import type { Place } from './place.ts'
import { type PolicySyntax, syntaxOf } from './syntax.ts'
import type { Term } from './term.ts'
import { type Verdicts, verdicts } from './verdict.ts'

export interface AnalysisOptions extends Asker {
  /** Confirms each call that the solver finds: what decides calls, when it is not said. */
  readonly evaluate?: Evaluator
  /** The tenant's registered tools: their calls, and those of tools that nobody has registered yet, are all calls. */
  readonly tools: readonly PolicyTool[]
  /** Above how many policies a question is asked about a few of them at a time; 200 when it is not said. */
  readonly large?: number
}

/** Calls that one version decides otherwise than the other; `complete` when nothing else was left to ask. */
export interface Changed extends Answer {
  /** At most one call a tool. */
  readonly examples: readonly Example[]
}

export interface PolicyFinding {
  readonly policy: string
  /**
   * `vacuous`: it never applies. `contradictory`: a permit that a forbid overrides wherever it applies. `shadowed`: the
   * verdict is the same without it.
   */
  readonly kind: 'vacuous' | 'contradictory' | 'shadowed'
  /** Policies that alone are enough to make it so. */
  readonly by: readonly string[]
}

/** Questions about all calls that the registered tools allow, whoever makes them. */
export interface Analysis {
  /** Whether each invariant holds of these policies, taken together. */
  readonly invariants: (
    policies: readonly CedarPolicy[],
    invariants: readonly Invariant[],
  ) => Promise<readonly (Answer & { readonly invariant: Invariant })[]>
  /** The calls that `after` allows and `before` does not, and the other way round. */
  readonly difference: (
    before: readonly CedarPolicy[],
    after: readonly CedarPolicy[],
  ) => Promise<{ readonly newlyAllowed: Changed; readonly newlyDenied: Changed }>
  /** The first half of `difference`. */
  readonly newlyAllowed: (before: readonly CedarPolicy[], after: readonly CedarPolicy[]) => Promise<Changed>
  /** Whether every call that `narrow` allows is allowed by `wide`. */
  readonly atMost: (narrow: readonly CedarPolicy[], wide: readonly CedarPolicy[]) => Promise<Answer>
  /** Policies that do nothing among all of these, and those of which that could not be told: all are asked about, or only some. */
  readonly findings: (
    policies: readonly CedarPolicy[],
    asked?: (policy: CedarPolicy) => boolean,
  ) => Promise<{
    readonly found: readonly PolicyFinding[]
    readonly unknown: readonly (Answer & { readonly policy: string })[]
  }>
}

/** Of a large set, how many policies that may apply together are asked about for a finding. */
const crowd = 200

const refusedSpellings = 'a resource that some server may read as another may be refused all the same, and that was not asked'

/** How many calls a difference is shown by. */
const mostExamples = 5

export function analysis({ evaluate = compiledEvaluator, tools, large = 200, ...asker }: AnalysisOptions): Analysis {
  const { schema } = cedarSchema(tools)
  const syntaxes = new WeakMap<CedarPolicy, PolicySyntax>()
  const texts = new Map<string, PolicySyntax>()
  const rules = new WeakMap<PolicySyntax, string>()
  const syntax = (policy: CedarPolicy): PolicySyntax => {
    const { id, text } = policy
    const same = texts.get(text) ?? syntaxOf(policy)
    const known = syntaxes.get(policy) ?? { ...same, id }
    texts.set(text, same)
    syntaxes.set(policy, known)
    if (!rules.has(known)) rules.set(known, ruleOf(policy))
    return known
  }
  const read = (policies: readonly CedarPolicy[]) => policies.map(syntax)
  const judging = (policies: readonly CedarPolicy[]): Judging => ({ syntax: read(policies), judge: judgeOf(policies, evaluate) })
  const saying = (policy: PolicySyntax) => rules.get(policy) ?? policy.id

  return {
    async invariants(policies, invariants) {
      const about = inquiry(schema)
      const set = judging(policies)
      const answers: (Answer & { readonly invariant: Invariant })[] = []
      for (const invariant of invariants) {
        const statement = syntax(invariant.policy)
        const matching = evaluate([invariant.policy])
        const forbids = invariant.policy.effect === 'forbid'
        const claimed = ({ request }: Example) => {
          const { permits, forbids: blocks } = matching(request)
          return permits.length + blocks.length > 0
        }
        const claim = (place: Place) => place.meaning(statement).applies
        const sought = { claim, claimed, attested: attesting([...policies, invariant.policy]), ruleOf: saying }
        const asked = forbids ? { ...sought, by: set } : { ...sought, not: set }
        const found =
          policies.length > large
            ? await narrowed(asker, about, { ...asked, within: statement })
            : await ask(
                asker,
                about.query((place) => {
                  const { t } = place.world.encoding
                  const { allow } = verdicts(place, set.syntax)
                  return t.and(claim(place), forbids ? allow : t.not(allow))
                }),
                (example) => claimed(example) && set.judge.allows(example) === forbids,
                sought.attested,
              )
        // What must be allowed is asked of resources as they are spelt, and a spelling may be refused.
        const spelt = !forbids && found.answer === 'holds' && policies.some((policy) => pathRule(policy) !== undefined)
        answers.push({ ...(spelt ? { answer: 'unknown' as const, why: refusedSpellings } : found), invariant })
      }
      return answers
    },

    async difference(before, after) {
      const newlyAllowed = await changed(after, before)
      return { newlyAllowed, newlyDenied: await changed(before, after) }
    },

    newlyAllowed: (before, after) => changed(after, before),

    async atMost(narrow, wide) {
      return beyond(judging(narrow), judging(wide), inquiry(schema), attesting([...narrow, ...wide]))
    },

    async findings(policies, asked = () => true) {
      const about = inquiry(schema)
      const set = read(policies)
      const near = policies.length > large ? neighbours(about, set) : () => set
      const byId = new Map(policies.map((policy) => [policy.id, policy]))
      const found: PolicyFinding[] = []
      const unknown: (Answer & { readonly policy: string })[] = []
      for (const policy of policies.filter(asked)) {
        const some = near(syntax(policy))
        if (some !== set && some.length > crowd) {
          unknown.push({ answer: 'unknown', why: `more than ${crowd} policies may apply where it does`, policy: policy.id })
          continue
        }
        const beside = some === set ? policies : some.flatMap(({ id }) => byId.get(id) ?? [])
        const attested = attesting(beside)
        const never = async (claim: (place: Place) => Term, answers: (example: Example) => boolean) =>
          ask(asker, about.query(claim), answers, attested)
        const finding = await findingOn(policy, beside, some, never)
        if (finding === undefined) continue
        if ('kind' in finding) found.push(finding)
        else unknown.push({ ...finding, policy: policy.id })
      }
      return { found, unknown }
    },
  }

  /** Of each policy those that may act on some call that it acts on, itself among them. */
  function neighbours({ places }: ReturnType<typeof inquiry>, set: readonly PolicySyntax[]) {
    const where = new Map<PolicySyntax, readonly Place[]>()
    const actsAt = (one: PolicySyntax): readonly Place[] => {
      const known =
        where.get(one) ??
        places.filter((place) => {
          const { applies, errs } = place.meaning(one)
          return applies.literal !== false || errs.literal !== false
        })
      where.set(one, known)
      return known
    }
    return (one: PolicySyntax): readonly PolicySyntax[] => {
      const here = new Set(actsAt(one))
      const found: PolicySyntax[] = []
      for (const each of set) {
        if (each === one || (overlap(each, one) && actsAt(each).some((place) => here.has(place)))) found.push(each)
        if (found.length > crowd) break
      }
      return found
    }
  }

  /** Asks for a call that `more` allows and `less` does not, at the tools that were not `seen`. */
  function beyond(
    more: Judging,
    less: Judging,
    about: ReturnType<typeof inquiry>,
    attested: (example: Example) => Example,
    seen: ReadonlySet<string> = new Set(),
  ): Promise<Answer> {
    const claim = ({ world: { action, encoding } }: Place) =>
      encoding.t.and(...[...seen].map((name) => encoding.t.not(encoding.t.eq(action.id, encoding.t.string(name)))))
    const claimed = ({ request: { action } }: Example) => !seen.has(action.id)
    if (more.syntax.length + less.syntax.length > large) {
      return narrowed(asker, about, { claim, claimed, by: more, not: less, attested, ruleOf: saying })
    }
    const query = about.query((place) => {
      const { t } = place.world.encoding
      return t.and(claim(place), verdicts(place, more.syntax).allow, t.not(verdicts(place, less.syntax).allow))
    })
    return ask(asker, query, (example) => claimed(example) && more.judge.allows(example) && !less.judge.allows(example), attested)
  }

  async function changed(more: readonly CedarPolicy[], less: readonly CedarPolicy[]): Promise<Changed> {
    const about = inquiry(schema)
    const [wide, narrow, attested] = [judging(more), judging(less), attesting([...more, ...less])]
    const seen = new Set<string>()
    const examples: Example[] = []
    const first = await beyond(wide, narrow, about, attested)
    for (let next = first; next.counterexample; next = await beyond(wide, narrow, about, attested, seen)) {
      examples.push(next.counterexample)
      seen.add(next.counterexample.request.action.id)
      if (examples.length >= mostExamples) break
    }
    return { ...first, examples }
  }

  type Never = (claim: (place: Place) => Term, answers: (example: Example) => boolean) => Promise<Answer>

  async function findingOn(
    policy: CedarPolicy,
    policies: readonly CedarPolicy[],
    set: readonly PolicySyntax[],
    never: Never,
  ): Promise<PolicyFinding | Answer | undefined> {
    const own = syntax(policy)
    const forbids = set.filter(({ effect }) => effect === 'forbid')
    const acts = (place: Place, one: PolicySyntax): Term => {
      const { applies, errs } = place.meaning(one)
      return one.effect === 'forbid' ? place.world.encoding.t.or(applies, errs) : applies
    }
    /** It acts, and the other does not. */
    const spared = (place: Place, other: PolicySyntax): Term => {
      const { t } = place.world.encoding
      return t.and(acts(place, own), t.not(acts(place, other)))
    }
    /** Beside the other, it changes the verdict. */
    const adds = (place: Place, other: PolicySyntax): Term => differ(place, verdicts(place, [own, other]), verdicts(place, [other]))
    const evaluation = evaluate(policies)
    const alone = evaluate([policy])
    const does = (example: Example) => {
      const { permits, forbids: blocks, errors } = alone(example.request)
      return permits.length + blocks.length > 0 || (policy.effect === 'forbid' && errors.length > 0)
    }
    const enough = async (
      others: readonly PolicySyntax[],
      claim: (place: Place, other: PolicySyntax) => Term,
    ): Promise<readonly string[]> => {
      const by: string[] = []
      for (const other of others) {
        const { answer } = await never(
          (place) => claim(place, other),
          () => false,
        )
        if (answer === 'holds') by.push(other.id)
      }
      return by
    }

    const applying = await never((place) => acts(place, own), does)
    if (applying.answer === 'holds') return { policy: policy.id, kind: 'vacuous', by: [] }
    if (applying.answer === 'unknown') return applying
    if (policy.effect === 'permit' && forbids.length > 0) {
      const effective = await never(
        (place) => place.world.encoding.t.and(acts(place, own), ...forbids.map((each) => place.world.encoding.t.not(acts(place, each)))),
        (example) => {
          const { forbids: blocks, errors } = evaluation(example.request)
          return does(example) && blocks.length === 0 && !errors.some(({ policy: id }) => forbids.some((each) => each.id === id))
        },
      )
      if (effective.answer === 'holds') return { policy: policy.id, kind: 'contradictory', by: await enough(forbids, spared) }
      if (effective.answer === 'unknown') return effective
    }
    const others = policies.filter((each) => each !== policy)
    const rest = set.filter((each) => each !== own)
    const [whole, without] = [judgeOf(policies, evaluate), judgeOf(others, evaluate)]
    const matters = await never(
      (place) => differ(place, verdicts(place, set), verdicts(place, rest)),
      (example) => whole.verdict(example) !== without.verdict(example),
    )
    if (matters.answer === 'unknown') return matters
    if (matters.answer === 'violated') return undefined
    return {
      policy: policy.id,
      kind: 'shadowed',
      by: await enough(
        rest.filter(({ effect }) => effect === policy.effect),
        policy.effect === 'forbid' ? spared : adds,
      ),
    }
  }
}

function differ({ world: { encoding } }: Place, a: Verdicts, b: Verdicts): Term {
  const { t } = encoding
  return t.or(t.not(t.eq(a.allow, b.allow)), t.not(t.eq(a.hold, b.hold)))
}
