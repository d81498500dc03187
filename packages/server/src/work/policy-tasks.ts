import type { ChangedCalls, Consequences, ExampleCall, InvariantAnswer, PolicyChanges, Replayed, SolverAnswer } from '@agentgate/api'
import {
  type Analysis,
  analysis,
  type Answer,
  type CedarPolicy,
  type Changed,
  cedarSchema,
  createDetector,
  type Diagnostic,
  type Example,
  type Finding,
  fitPolicySet,
  type Invariant,
  type MaskedCall,
  mayMisfit,
  type PolicyCache,
  type PolicySet,
  type PolicySource,
  type PolicyText,
  type PolicyTool,
  patternKinds,
  personalLiterals,
  policy,
  policiesIn,
  policyChanges,
  preparePolicySet,
  readInvariants,
  type Solver,
  uncovered,
  widening,
  type Evaded,
  evaded,
} from '@agentgate/core'
import { discharging, supplies } from '../policies/discharging.ts'

/** Policies to ask about, by the name of their set. */
export type NamedSet = Pick<PolicySet, 'id' | 'text' | 'source' | 'invariants'>

/** A recorded call to be judged again. */
export interface Recalled {
  readonly at: number
  readonly call: MaskedCall
}

/** What can be asked of policies. All of it is plain data, so it crosses threads. */
export interface Tasks {
  /** Reads a set in whatever form, with its invariants: all of it, or everything that is wrong. */
  readonly prepare: {
    readonly asked: { readonly source: PolicySource; readonly invariants?: string; readonly tools: readonly PolicyTool[] }
    readonly found:
      | { readonly set: PolicyText; readonly policies: number; readonly warnings: readonly Diagnostic[] }
      | { readonly errors: readonly (Diagnostic & { readonly in: 'policy' | 'invariants' })[] }
  }
  /** What two versions differ in, policy by policy. */
  readonly compare: {
    readonly asked: { readonly before: NamedSet; readonly after: NamedSet }
    readonly found: PolicyChanges
  }
  /** What judging by `after` instead of `before` would do; `set` is the one that changes. `solve`: which calls, too. */
  readonly weigh: {
    readonly asked: {
      readonly set: string
      readonly before: readonly NamedSet[]
      readonly after: readonly NamedSet[]
      readonly tools: readonly PolicyTool[]
      readonly solve: { readonly difference: 'all' | 'newly-allowed' | 'none'; readonly invariants: boolean }
    }
    readonly found: Weighed
  }
  readonly analyze: {
    readonly asked: {
      readonly set: NamedSet
      /** What it is judged together with, itself included, for its invariants. */
      readonly among: readonly NamedSet[]
      readonly against?: NamedSet
      readonly questions: readonly ('invariants' | 'difference' | 'findings' | 'at_most')[]
      readonly tools: readonly PolicyTool[]
    }
    readonly found: Analyzed
  }
  readonly evaluate: {
    readonly asked: { readonly sets: readonly PolicySet[]; readonly call: MaskedCall; readonly tool?: PolicyTool }
    readonly found: Finding
  }
  readonly replay: {
    readonly asked: {
      readonly before: readonly PolicySet[]
      readonly after: readonly PolicySet[]
      readonly calls: readonly Recalled[]
      readonly tools: readonly PolicyTool[]
    }
    readonly found: Replayed
  }
  /**
   * The policies and invariants that fit the tools as they are, and not as they would be; of `covering` sets also the rules on
   * input fields that would not reach every tool any more.
   */
  readonly conflicts: {
    readonly asked: {
      readonly sets: readonly (NamedSet & { readonly covering: boolean })[]
      readonly before: readonly PolicyTool[]
      readonly after: readonly PolicyTool[]
    }
    readonly found: readonly {
      readonly set: string
      readonly errors: readonly (Diagnostic & { readonly in: 'policy' | 'invariants' })[]
    }[]
  }
}

export type Weighed = Omit<Consequences, 'id' | 'from' | 'to' | 'step_up' | 'widened_by' | 'refused' | 'denies_all'> & {
  /** Permits that would ask for less than they did. */
  readonly obligations_dropped: readonly { readonly id: string; readonly obligations: readonly string[] }[]
  /** Ids (`set/invariant`) of those that would be stated no longer, or otherwise than they were. */
  readonly invariants_removed: readonly string[]
  /** What permits ask of calls that would pass by a new one without. */
  readonly evaded: readonly Evaded[]
  /** Whether the change only ever takes access away. */
  readonly narrows: boolean
  /** Ids (`set/invariant`) of those that were violated already before, word for word. */
  readonly already: readonly string[]
  /** Those that cannot be read, where the change may allow more: whether they would hold cannot be told. */
  readonly unreadable: readonly InvariantAnswer[]
  /** What the rules of the set that changes forbid with the tools as they are, and its policies do not. */
  readonly uncovered: readonly Diagnostic[]
}

export interface Analyzed {
  readonly invariants?: readonly InvariantAnswer[]
  readonly difference?: { readonly newly_allowed: ChangedCalls; readonly newly_denied: ChangedCalls }
  readonly findings?: {
    readonly found: readonly {
      readonly policy: string
      readonly kind: 'vacuous' | 'contradictory' | 'shadowed'
      readonly by: readonly string[]
    }[]
    readonly unknown: readonly (SolverAnswer & { readonly policy: string })[]
  }
  readonly at_most?: SolverAnswer
}

/** Does a task. `solver` is asked for only by those that need one. Throws only when it cannot tell. */
export async function doTask<K extends keyof Tasks>(
  kind: K,
  asked: Tasks[K]['asked'],
  solver: () => Promise<Solver>,
): Promise<Tasks[K]['found']> {
  const doing: { readonly [Kind in keyof Tasks]: (given: Tasks[Kind]['asked']) => Promise<Tasks[Kind]['found']> } = {
    prepare,
    compare,
    weigh: (given) => weigh(given, solver),
    analyze: (given) => analyze(given, solver),
    evaluate,
    replay,
    conflicts,
  }
  return doing[kind](asked)
}

/** Milliseconds for one question to the solver, and for all that a task asks it: what is left then is unknown, and the rest is told. */
const limit = 3_000
const allOf = 25_000
/** Milliseconds for what an activation newly allows, which is told of it and does not decide whether it may be. */
const told = 8_000
/** How much of a difference is listed. */
const mostListed = 500

/** Policies name networks, machines, sites and days, so those are no personal data in them. */
const spoken: ReadonlySet<string> = new Set(['IP_ADDRESS', 'MAC', 'URL', 'DATE', 'AGE', 'ZIP'])
const detector = createDetector({ kinds: patternKinds.filter((kind) => !spoken.has(kind)) })
/** The kind of personal data that a literal holds, as it is or as a regular expression for that one text. */
const personal = (literal: string) => (detector(literal)[0] ?? detector(onlyText(literal))[0])?.kind

/** The one text that a regular expression is for: its escapes, groups and classes of one character read; nothing where it is for many. */
function onlyText(expression: string): string {
  const plain = expression
    .replace(/\\x(?:\{([\da-f]{1,6})\}|([\da-f]{2}))/giu, (whole, long: string | undefined, short: string) => {
      const point = Number.parseInt(long ?? short, 16)
      return point > 0x10ffff ? whole : String.fromCodePoint(point)
    })
    .replace(/\[\\?([^\]\\^])\]/gu, '$1')
    .replace(/\(\?(?:[a-zA-Z-]*:|P?<\w+>)|[()]/gu, '')
    .replace(/\{1\}/gu, '')
  return plain.includes('[') ? '' : plain.replace(/\\(.)/gu, '$1')
}

async function prepare({ source, invariants, tools }: Tasks['prepare']['asked']): Promise<Tasks['prepare']['found']> {
  const prepared = preparePolicySet(source, { tools, personal, supplies })
  const wrong = prepared.ok ? [] : prepared.errors.map((error) => ({ ...error, in: 'policy' as const }))
  const stated = invariants?.trim() ? readInvariants(invariants, cedarSchema(tools).schema) : undefined
  const alsoWrong = !stated || stated.ok ? [] : stated.errors.map((error) => ({ ...error, in: 'invariants' as const }))
  if (stated?.ok && invariants !== undefined) {
    const texts = stated.invariants.map(({ policy }) => policy)
    alsoWrong.push(...personalLiterals(invariants, texts, personal).map((error) => ({ ...error, in: 'invariants' as const })))
  }
  if (!prepared.ok || alsoWrong.length > 0) return { errors: [...wrong, ...alsoWrong] }
  const { set, policies } = prepared
  return {
    set: { ...set, ...(stated && invariants !== undefined && { invariants }) },
    policies,
    warnings: prepared.warnings,
  }
}

async function compare({ before, after }: Tasks['compare']['asked']): Promise<PolicyChanges> {
  const { added, removed, changed } = policyChanges(policiesOf(before.text), policiesOf(after.text))
  const ref = ({ id, effect, text }: CedarPolicy) => ({ id, effect, text })
  return {
    added: added.map(ref),
    removed: removed.map(ref),
    changed: changed.map((each) => ({ id: each.after.id, before: ref(each.before), after: ref(each.after) })),
  }
}

async function weigh({ set, before, after, tools, solve }: Tasks['weigh']['asked'], solver: () => Promise<Solver>): Promise<Weighed> {
  const [old, fresh] = [before, after].map((sets) => sets.filter(({ id }) => id === set).flatMap(({ text }) => policiesOf(text)))
  const { added, removed, changed } = policyChanges(old ?? [], fresh ?? [])
  const [had, has] = [together(before), together(after)]
  const { forbidsRemoved, unscopedPermits, obligationsDropped } = widening(had, has)
  const { stated, unfit } = statedBy(after, tools)
  const were = statedBy(before, tools).stated
  const asked = solve.invariants ? stated : []
  const only = narrows(had, has)
  const wanted = solve.difference === 'all' || (solve.difference === 'newly-allowed' && !only) || asked.length > 0
  const within = (ms: number) => solver().then((each) => analysis({ solver: each, tools, limit, until: performance.now() + ms }))
  const asking = wanted ? await within(allOf) : undefined
  const unasked: ChangedCalls = { answer: 'unknown', why: 'it was not asked', examples: [] }
  const answers = asking ? await answersTo(asking, has, asked) : []
  const broken = asked.filter((_, index) => answers[index]?.answer === 'violated')
  const older = were.filter((each) => broken.some((one) => says(one) === says(each)))
  const held = asking && older.length > 0 ? await answersTo(asking, had, older) : []
  const excused = new Set(older.filter((_, index) => held[index]?.answer === 'violated').map(says))
  const still = new Set(stated.map(says))
  const difference = asking && solve.difference === 'all' ? await asking.difference(had, has) : undefined
  const newlyAllowed =
    solve.difference === 'none' || only
      ? difference?.newlyAllowed
      : (difference?.newlyAllowed ?? (await (await within(told)).newlyAllowed(had, has)))
  return {
    added: added.slice(0, mostListed).map(shown),
    removed: removed.slice(0, mostListed).map(shown),
    changed: changed.slice(0, mostListed).map((each) => ({ id: each.after.id, before: shown(each.before), after: shown(each.after) })),
    forbids_removed: forbidsRemoved.slice(0, mostListed),
    unscoped_permits: unscopedPermits.slice(0, mostListed),
    obligations_dropped: obligationsDropped.slice(0, mostListed),
    invariants_removed: were.filter((each) => !still.has(says(each))).map(({ set, invariant }) => `${set}/${invariant.id}`),
    evaded: evaded(had, has, tools).slice(0, mostListed),
    narrows: only,
    newly_allowed: newlyAllowed ? changedOf(newlyAllowed) : only ? { answer: 'holds', examples: [] } : unasked,
    newly_denied: difference ? changedOf(difference.newlyDenied) : unasked,
    invariants: solve.invariants ? [...answers, ...unfit] : [],
    already: broken.filter((each) => excused.has(says(each))).map(({ set, invariant }) => `${set}/${invariant.id}`),
    unreadable: only ? [] : unfit,
    uncovered: after.flatMap((each) => (each.id === set ? uncovered(each, tools) : [])),
  }
}

/** Whether a change only ever takes access away: no permit is new, no forbid is gone. */
function narrows(had: readonly CedarPolicy[], has: readonly CedarPolicy[]): boolean {
  const [before, after] = [new Set(had.map(({ text }) => text)), new Set(has.map(({ text }) => text))]
  return (
    has.every(({ effect, text }) => effect === 'forbid' || before.has(text)) &&
    had.every(({ effect, text }) => effect === 'permit' || after.has(text))
  )
}

async function analyze(
  { set, among, against, questions, tools }: Tasks['analyze']['asked'],
  solver: () => Promise<Solver>,
): Promise<Analyzed> {
  const policies = policiesOf(set.text)
  const other = against ? policiesOf(against.text) : []
  const all = together(among)
  const asks = (question: (typeof questions)[number]) => questions.includes(question)
  const { stated, unfit } = statedBy([set], tools)
  const asking = analysis({ solver: await solver(), tools, limit, until: performance.now() + allOf })
  const difference = asks('difference') ? await asking.difference(other, policies) : undefined
  const own = new Map(policies.map(({ id }) => [`${set.id}/${id}`, id]))
  const nameOf = (id: string) => own.get(id) ?? id
  const findings = asks('findings') ? await asking.findings(all, ({ id }) => own.has(id)) : undefined
  return {
    ...(asks('invariants') && { invariants: [...(await answersTo(asking, all, stated)), ...unfit] }),
    ...(difference && {
      difference: { newly_allowed: changedOf(difference.newlyAllowed), newly_denied: changedOf(difference.newlyDenied) },
    }),
    ...(findings && {
      findings: {
        found: findings.found.map(({ policy, kind, by }) => ({ policy: nameOf(policy), kind, by: by.map(nameOf) })),
        unknown: findings.unknown.map((each) => ({ ...answerOf(each), policy: nameOf(each.policy) })),
      },
    }),
    ...(asks('at_most') && { at_most: answerOf(await asking.atMost(policies, other)) }),
  }
}

const asking = { now: 0, earlier: [], signal: new AbortController().signal }

/** Drafts and versions that were asked about lately. */
const cache: PolicyCache = new Map()

async function evaluate({ sets, call, tool }: Tasks['evaluate']['asked']): Promise<Finding> {
  return policy({ ...discharging, cache, active: async () => sets, ...(tool && { tool: async () => tool }) }).evaluate(call, asking)
}

async function replay({ before, after, calls, tools }: Tasks['replay']['asked']): Promise<Replayed> {
  const byName = new Map(tools.map((tool) => [tool.name, tool]))
  const judge = (sets: readonly PolicySet[]) =>
    policy({ ...discharging, cache, active: async () => sets, tool: async (_, name) => byName.get(name) })
  const [old, fresh] = [judge(before), judge(after)]
  const changed: Replayed['changed'] = []
  const [tools_, agents] = [new Map<string, Tally>(), new Map<string, Tally>()]
  let unfit = 0
  let otherwise = 0
  for (const { at, call } of calls) {
    const [was, is] = [await old.evaluate(call, asking), await fresh.evaluate(call, asking)]
    if (!byName.has(call.tool.name) || is.reason?.code === 'invalid-request') {
      unfit++
      continue
    }
    const [from, to] = [verdictOf(was), verdictOf(is)]
    const widened = to === 'allow' && from !== 'allow'
    const narrowed = from === 'allow' && to !== 'allow'
    for (const tally of [tallyOf(tools_, call.tool.name), tallyOf(agents, call.principal.id)]) {
      tally.calls++
      if (widened) tally.newly_allowed++
      if (narrowed) tally.newly_denied++
    }
    if (from === to) continue
    if (!widened && !narrowed) otherwise++
    changed.push({
      id: call.id,
      at: new Date(at).toISOString(),
      tool: call.tool.name,
      action: call.action,
      resource: call.resource,
      principal: call.principal.id,
      before: from,
      after: to,
      determining: [...(is.policy?.determining ?? [])],
    })
  }
  const all = [...tools_.values()]
  return {
    calls: calls.length,
    newly_allowed: all.reduce((sum, each) => sum + each.newly_allowed, 0),
    newly_denied: all.reduce((sum, each) => sum + each.newly_denied, 0),
    otherwise,
    by_tool: all,
    by_agent: [...agents.values()],
    changed: changed.slice(0, 200),
    unfit,
  }
}

type Tally = Replayed['by_tool'][number]

function tallyOf(tallies: Map<string, Tally>, name: string): Tally {
  const known = tallies.get(name) ?? { name, calls: 0, newly_allowed: 0, newly_denied: 0 }
  tallies.set(name, known)
  return known
}

function verdictOf({ verdict }: Finding): 'allow' | 'hold' | 'deny' {
  return verdict === 'pass' ? 'deny' : verdict
}

async function conflicts({ sets, before, after }: Tasks['conflicts']['asked']): Promise<Tasks['conflicts']['found']> {
  const errorsWith = (
    { text, source, invariants, covering }: Tasks['conflicts']['asked']['sets'][number],
    tools: readonly PolicyTool[],
    fits: boolean,
  ): Tasks['conflicts']['found'][number]['errors'] => {
    const open = covering ? uncovered({ text, ...(source && { source }) }, tools) : []
    const typed = fits ? undefined : fitPolicySet({ form: 'published', text }, { tools })
    const stated = invariants === undefined ? undefined : readInvariants(invariants, cedarSchema(tools).schema)
    return [
      ...[...(!typed || typed.ok ? [] : typed.errors), ...open].map((error) => ({ ...error, in: 'policy' as const })),
      ...(!stated || stated.ok ? [] : stated.errors.map((error) => ({ ...error, in: 'invariants' as const }))),
    ]
  }
  return sets.flatMap((set) => {
    const fits = !mayMisfit(set.text, before, after)
    const errors = errorsWith(set, after, fits)
    if (errors.length === 0) return []
    const old = new Set(errorsWith(set, before, fits).map(identify))
    const fresh = errors.filter((error) => !old.has(identify(error)))
    return fresh.length > 0 ? [{ set: set.id, errors: fresh }] : []
  })
}

/** The same complaint about the same place, whatever its words. */
function identify({ in: which, line, column, code, policy, path }: Diagnostic & { readonly in: string }): string {
  return [which, line, column, code, policy, path].join(' ')
}

interface Stated {
  readonly set: string
  readonly invariant: Invariant
}

/** An invariant's set and words, its name among them. */
function says({ set, invariant: { policy } }: Stated): string {
  return JSON.stringify([set, policy.tokens.map(({ text }) => text)])
}

/** The invariants of these sets; those that no longer fit the tools are unknown, with why: they are never left out. */
function statedBy(
  sets: readonly NamedSet[],
  tools: readonly PolicyTool[],
): { readonly stated: readonly Stated[]; readonly unfit: readonly InvariantAnswer[] } {
  const stated: Stated[] = []
  const unfit: InvariantAnswer[] = []
  const { schema } = cedarSchema(tools)
  for (const { id: set, invariants } of sets) {
    if (invariants === undefined) continue
    const read = readInvariants(invariants, schema)
    stated.push(...(read.ok ? read.invariants : read.fitting).map((invariant) => ({ set, invariant })))
    if (read.ok) continue
    for (const { id, says, why } of read.unfit)
      unfit.push({ set, id, says, answer: 'unknown', why: `it no longer fits the registered tools: ${why}` })
  }
  return { stated, unfit }
}

async function answersTo(asking: Analysis, policies: readonly CedarPolicy[], stated: readonly Stated[]): Promise<InvariantAnswer[]> {
  const answers = await asking.invariants(
    policies,
    stated.map(({ invariant }) => invariant),
  )
  return answers.map((answer, index) => ({
    ...answerOf(answer),
    id: answer.invariant.id,
    says: answer.invariant.says,
    set: stated[index]?.set ?? '',
  }))
}

/** The policies of several sets, each named by its set too. */
function together(sets: readonly NamedSet[]): readonly CedarPolicy[] {
  return sets.flatMap(({ id, text }) => policiesOf(text).map((each) => ({ ...each, id: `${id}/${each.id}` })))
}

/** The policies of a set that was read when it was published, or before it was asked about. */
function policiesOf(text: string): readonly CedarPolicy[] {
  return [...policiesIn(text)]
}

function shown({ id, effect, text }: CedarPolicy) {
  return { id, effect, text: text.length > 4_000 ? `${text.slice(0, 3_999)}…` : text }
}

function answerOf({ answer, counterexample, unsupported, why }: Answer): SolverAnswer {
  return {
    answer,
    ...(counterexample && { counterexample: exampleOf(counterexample) }),
    ...(unsupported && { unsupported: [...unsupported] }),
    ...(why !== undefined && { why }),
  }
}

function changedOf(changed: Changed): ChangedCalls {
  return { ...answerOf(changed), examples: changed.examples.map(exampleOf) }
}

function exampleOf({ request: { principal, action, resource, context, entities }, discharged }: Example): ExampleCall {
  const own = entities.find(({ uid }) => 'id' in uid && uid.id === principal.id && uid.type === principal.type)
  const roles = (own?.parents ?? []).flatMap((parent) => ('type' in parent && parent.type === 'Role' ? [parent.id] : []))
  const facts = plainFacts(context) as ExampleCall['context']
  return {
    principal: { id: `${principal.type}::${principal.id}`, roles },
    action: action.id,
    resource: resource.id,
    context: facts,
    discharged: [...discharged],
  }
}

/** Facts as a call has them, and as an evaluation takes them: extension values as texts, times as milliseconds, decimals as numbers. */
function plainFacts(value: unknown): unknown {
  if (typeof value === 'bigint') return `${value}`
  if (Array.isArray(value)) return value.map(plainFacts)
  if (typeof value !== 'object' || value === null) return value
  if ('__extn' in value) {
    const { fn, arg } = Object(value.__extn) as { fn?: unknown; arg?: unknown }
    return fn === 'datetime' ? Date.parse(String(arg)) : fn === 'decimal' ? Number(arg) : arg
  }
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, plainFacts(member)]))
}
