import {
  type Diagnostic,
  fitPolicySet,
  freeze,
  isObject,
  type PolicySet,
  type PolicySource,
  type PolicyTool,
  preparePolicySet,
  type PublishOptions,
  type PrincipalId,
  registeredTools,
} from '@agentgate/core'

/**
 * Policies of an agent in this process, in any of their forms: Cedar text, quick rules
 * (`{ policy_json: { pre_rules: […] } }`) or conditioned rules (`{ policy_json: { policy_set_id, version, default_effect, rules } }`).
 */
export type AgentPolicies = string | { readonly text: string } | { readonly policy_json: { readonly [member: string]: unknown } }

/** The sets that judge an agent's calls. */
export interface AgentPolicySets {
  /** As the tools are now. Rejects with a `TypeError` when they do not fit. */
  readonly active: () => Promise<readonly PolicySet[]>
  /** Throws a `TypeError` when the tools make a policy wrong whatever is registered later: a misspelled argument of one. */
  readonly added: () => void
  /**
   * Throws a `TypeError` when the policies do not fit the tools as they are. A tool that is named and not registered is no
   * mistake: `unknown` is told of such names, of each once.
   */
  readonly ready: () => void
}

type Awaits = NonNullable<PublishOptions['awaits']>

/** Characters of policies that are checked anew at each tool; what is longer waits for the first call. */
const quick = 65_536

/**
 * The sets of an agent; without policies, the visible built-in set that permits exactly its tools. Tools come after the
 * policies that name them, so a mistake is told as soon as it is one: what no tool could mend, here; an argument that a
 * tool does not have, when the tool is `added`; what applies to no tool at all, when the first call is made. Each is a
 * `TypeError` with every mistake and its place; so is an obligation that nothing among `supplies` discharges.
 */
export function policySets(
  given: string | readonly AgentPolicies[] | undefined,
  tools: () => readonly PolicyTool[],
  unknown: (names: readonly string[]) => void,
  supplies: NonNullable<PublishOptions['supplies']> = {},
): AgentPolicySets {
  if (given === undefined) {
    let made: { readonly names: string; readonly set: PolicySet } | undefined
    const active = async () => {
      const names = tools().map(({ name }) => name)
      const joined = names.join(' ')
      if (made?.names !== joined) made = { names: joined, set: registeredTools(names) }
      return [made.set]
    }
    return { active, added: () => undefined, ready: () => undefined }
  }
  const sources = (typeof given === 'string' ? [given] : given).map(sourceOf)
  const size = sources.reduce((sum, source) => sum + (source.form === 'cedar' ? source.text : JSON.stringify(source.rules)).length, 0)
  const told = new Set<string>()
  const fixed = sources.map((source, index) => prepared(source, index, [], 'any'))
  throwing(fixed.flatMap(({ errors }) => errors))
  let made: { readonly tools: number; readonly sets: readonly PolicySet[]; readonly wrong?: TypeError } | undefined

  function ready(): readonly PolicySet[] {
    const known = tools()
    if (made?.tools !== known.length) made = { tools: known.length, ...fit(known) }
    if (made.wrong) throw made.wrong
    return made.sets
  }

  function fit(known: readonly PolicyTool[]): { readonly sets: readonly PolicySet[]; readonly wrong?: TypeError } {
    const found = sources.map((source, index) => {
      const set = fixed[index]?.set
      // Only conditioned rules become other Cedar when tools come: the others are as they were, and only have to fit.
      return set && source.form !== 'conditioned'
        ? { set, ...errorsOf(source, index, known, 'named') }
        : prepared(source, index, known, 'named')
    })
    const wrong = mistakes(found.flatMap(({ errors }) => errors))
    if (wrong) return { sets: [], wrong }
    const names = [...new Set(found.flatMap(({ awaited }) => awaited))].filter((name) => !told.has(name))
    if (names.length > 0) unknown(names)
    for (const name of names) told.add(name)
    return { sets: found.flatMap(({ set }) => set ?? []) }
  }

  function errorsOf(source: PolicySource, index: number, known: readonly PolicyTool[], awaits: Awaits) {
    const fitting = fitPolicySet(source, { tools: known, awaits, supplies })
    if (fitting.ok) return { errors: [], awaited: fitting.awaited }
    const errors = fitting.errors.filter((error) => awaits === 'named' || !waitsForInput(source, error))
    return { errors: placed(errors, index, sources.length), awaited: [] }
  }

  function prepared(source: PolicySource, index: number, known: readonly PolicyTool[], awaits: Awaits) {
    const read = preparePolicySet(source, { tools: known, awaits, supplies })
    if (!read.ok) return { set: undefined, ...errorsOf(source, index, known, awaits) }
    const id = sources.length === 1 ? 'agent' : `agent-${index + 1}`
    const set: PolicySet = { id, version: 1, publishedAt: 0, publishedBy: 'Agent::agent' as PrincipalId, ...read.set }
    return { set, errors: [], awaited: read.awaited }
  }

  return {
    active: async () => ready(),
    ready: () => void ready(),
    added: () => {
      if (size <= quick) throwing(sources.flatMap((source, index) => errorsOf(source, index, tools(), 'any').errors))
    },
  }
}

function sourceOf(given: AgentPolicies): PolicySource {
  if (typeof given === 'string') return { form: 'cedar', text: given }
  if ('text' in given) return { form: 'cedar', text: given.text }
  const rules = freeze(given.policy_json)
  return isObject(rules) && 'rules' in rules ? { form: 'conditioned', rules } : { form: 'quick', rules }
}

/** A conditioned rule on an argument that no tool has so far: the tool that has it may come later. */
function waitsForInput({ form }: PolicySource, { code, message }: Diagnostic): boolean {
  return form === 'conditioned' && code === 'rule' && message.startsWith('No registered tool has ')
}

/** Each mistake at its place: `2:8`, or the JSON Pointer of its rule; of several sets, after the place of its set. */
function placed(errors: readonly Diagnostic[], index: number, count: number): readonly string[] {
  const set = count === 1 ? '' : `policies[${index}] `
  return errors.map(({ line, column, path, message, help }) => {
    const place = path ?? `${line ?? '?'}:${column ?? '?'}`
    return `${set}${place} ${message}${help === undefined ? '' : `\n  ${help}`}`
  })
}

function mistakes(errors: readonly string[]): TypeError | undefined {
  return errors.length === 0 ? undefined : new TypeError(`The agent's policies are not valid:\n${errors.join('\n')}`)
}

function throwing(errors: readonly string[]): void {
  const wrong = mistakes(errors)
  if (wrong) throw wrong
}
