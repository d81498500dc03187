import {
  type Diagnostic,
  freeze,
  isObject,
  type Json,
  type PolicySet,
  type PolicySource,
  type PolicyTool,
  preparePolicySet,
  type PrincipalId,
  registeredTools,
} from '@agentgate/core'

/**
 * Policies of an agent in this process, in any of their forms: Cedar text, quick rules
 * (`{ policy_json: { pre_rules: […] } }`) or conditioned rules (`{ policy_json: { policy_set_id, version, default_effect, rules } }`).
 */
export type AgentPolicies = string | { readonly text: string } | { readonly policy_json: { readonly [member: string]: unknown } }

/**
 * The sets that judge an agent's calls; without policies, the visible built-in set that permits exactly its tools. Throws a
 * `TypeError` with every mistake and its place. Conditioned rules on a tool's input are compiled once the tool is
 * registered: until their fields are known, every call is refused.
 */
export function policySets(
  given: string | readonly AgentPolicies[] | undefined,
  tools: () => readonly PolicyTool[],
): () => Promise<readonly PolicySet[]> {
  let made: { readonly size: number; readonly sets: readonly PolicySet[] } | undefined
  const whenToolsChange = (make: (known: readonly PolicyTool[]) => readonly PolicySet[]) => async () => {
    const known = tools()
    if (made?.size !== known.length) made = { size: known.length, sets: make(known) }
    return made.sets
  }
  if (given === undefined) return whenToolsChange((known) => [registeredTools(known.map(({ name }) => name))])

  const all = typeof given === 'string' ? [given] : given
  const sources = all.map(sourceOf)
  const sets = sources.map((source, index) => setOf(source, index, all.length, []))
  for (const { errors, waits } of sets) if (errors.length > 0 && !waits) throw wrong(errors)
  const ready = sets.flatMap(({ set }) => set ?? [])
  if (ready.length === sets.length) return async () => ready
  return whenToolsChange((known) =>
    sources.map((source, index) => {
      const { set, errors } = setOf(source, index, all.length, known)
      if (!set) throw wrong(errors)
      return set
    }),
  )
}

function sourceOf(given: AgentPolicies): PolicySource {
  if (typeof given === 'string') return { form: 'cedar', text: given }
  if ('text' in given) return { form: 'cedar', text: given.text }
  const rules = freeze(given.policy_json)
  return isObject(rules) && 'rules' in rules ? { form: 'conditioned', rules } : { form: 'quick', rules }
}

/** `waits`: all that is wrong is that no tool has the field that a rule asks about. */
function setOf(source: PolicySource, index: number, count: number, tools: readonly PolicyTool[]) {
  const prepared = preparePolicySet(source, { tools })
  if (!prepared.ok) {
    const waits =
      source.form === 'conditioned' &&
      prepared.errors.every(({ path = '' }) => /\/conditions\/\d+(\/field)?$/u.test(path) && asksInput(source, path))
    return { set: undefined, errors: prepared.errors, waits }
  }
  const id = count === 1 ? 'agent' : `agent-${index + 1}`
  const set: PolicySet = { id, version: 1, publishedAt: 0, publishedBy: 'Agent::agent' as PrincipalId, ...prepared.set }
  return { set, errors: [], waits: false }
}

function asksInput({ rules }: { readonly rules: Json }, path: string): boolean {
  const [, all, rule = '', , condition = ''] = path.split('/')
  const found = [all ?? '', rule, 'conditions', condition, 'field'].reduce<unknown>((value, name) => Object(value)[name], rules)
  return typeof found === 'string' && found.startsWith('input.')
}

function wrong(errors: readonly Diagnostic[]): TypeError {
  const said = errors.map(({ line, column, path, message }) => `${path ?? `${line ?? '?'}:${column ?? '?'}`} ${message}`).join('\n')
  return new TypeError(`The agent's policies are not valid:\n${said}`)
}
