import { isObject, type Json, type JsonObject } from '../json.ts'
import { quote } from './cedar-text.ts'
import { cedarCondition, type Field, isNegative, type Operator, operators } from './condition.ts'
import type { Diagnostic } from './diagnostic.ts'
import { fieldNames, fieldOf, inputField } from './field.ts'
import { mayHide } from './hidden-field.ts'
import type { Compiled } from './quick-rules.ts'
import type { PolicyTool } from './schema.ts'

interface Condition {
  readonly name: string
  readonly operator: Operator
  readonly value: Json | undefined
  readonly path: string
}

/**
 * Conditioned rules as Cedar text: one policy a rule, or one for each tool where the rule asks about `input`. Conditions
 * are AND-ed. A missing field equals nothing: negative operators hold on it, the others do not.
 *
 * A rule on `input` concerns the tools whose schema has every field that it asks a positive question about, or, with
 * negative questions only, some field that it names. Where a schema may hide such a field (`hidden-field.ts`), `allow` permits
 * nothing, and `deny` forbids whatever the other conditions leave. `default_effect: "allow"` becomes a permit of the `scope`'s tools and
 * resources; without a `scope`, of everything, which counts as unscoped (`unscoped.ts`) when the set is activated.
 */
export function compileConditionedRules(source: Json, tools: readonly PolicyTool[]): Compiled {
  const errors: Diagnostic[] = []
  const set = members(source, ['policy_set_id', 'version', 'description', 'default_effect', 'scope', 'rules'], '', errors)
  if (typeof set['policy_set_id'] !== 'string' || set['policy_set_id'] === '')
    errors.push(fault('/policy_set_id', '`policy_set_id` is missing, or no text.'))
  const rules = Array.isArray(set['rules']) ? set['rules'] : []
  if (!Array.isArray(set['rules'])) errors.push(fault('/rules', '`rules` is missing, or no list.'))
  const texts = rules.map((rule: Json, index) => ({
    priority: priorityOf(rule),
    index,
    texts: ruleTexts(rule, `/rules/${index}`, tools, errors),
  }))
  texts.sort((a, b) => b.priority - a.priority || a.index - b.index)
  const fallback = defaultText(set, errors)
  const paths = new Map(texts.flatMap((each) => each.texts.map(({ id }) => [id, `/rules/${each.index}`] as const)))
  return errors.length > 0
    ? { ok: false, errors }
    : { ok: true, text: [...texts.flatMap((each) => each.texts.map(({ text }) => text)), ...fallback].join('\n'), paths }
}

function ruleTexts(rule: Json, path: string, tools: readonly PolicyTool[], errors: Diagnostic[]): readonly { id: string; text: string }[] {
  const before = errors.length
  const {
    rule_id: id,
    effect,
    description,
    priority,
    conditions,
  } = members(rule, ['rule_id', 'effect', 'description', 'priority', 'conditions'], path, errors)
  if (typeof id !== 'string' || !/^[\w.-]{1,64}$/u.test(id) || id === 'default') {
    errors.push(fault(`${path}/rule_id`, '`rule_id` is missing, `default`, or no name of 1 to 64 letters, digits, `_`, `-` and `.`.'))
  }
  if (effect !== 'allow' && effect !== 'deny') errors.push(fault(`${path}/effect`, '`effect` is neither `allow` nor `deny`.'))
  if (description !== undefined && (typeof description !== 'string' || description === '' || description.length > 1000)) {
    errors.push(fault(`${path}/description`, '`description` is no text of 1 to 1,000 characters.'))
  }
  if (priority !== undefined && typeof priority !== 'number') errors.push(fault(`${path}/priority`, '`priority` is no number.'))
  if (!Array.isArray(conditions))
    errors.push(fault(`${path}/conditions`, '`conditions` is missing, or no list: an empty list is always true.'))
  const asked = (Array.isArray(conditions) ? conditions : []).flatMap((each: Json, index) =>
    condition(each, `${path}/conditions/${index}`, errors),
  )
  const head = `@advice(${quote(String(description))})\n`
  const write = (name: string, action: string, fieldFor: (name: string) => Field | 'hidden' | undefined) => {
    const fields = asked.map((each) => ({ each, field: fieldFor(each.name) }))
    const hidden = fields.flatMap(({ each, field }) => (field === 'hidden' ? [each.name] : []))
    if (hidden.length > 0 && effect === 'allow') return []
    const tests = fields.flatMap(({ each, field }) => (field === 'hidden' ? [] : conditionText(each, field, errors)))
    if (tests.includes('false')) return []
    const body = tests.length > 0 ? ` when { ${tests.map((test) => `(${test})`).join(' && ')} }` : ''
    const effectOf = effect === 'allow' ? 'permit' : 'forbid'
    const advice = hidden.length > 0 ? adviceOn(hidden, description) : description === undefined ? '' : head
    return [{ id: name, text: `@id(${quote(name)})\n${advice}${effectOf} (principal, ${action}, resource)${body};` }]
  }
  if (errors.length > before) return []
  const onInput = asked.some(({ name }) => name.startsWith('input.'))
  const concerned = onInput ? concernedTools(asked, tools, errors, effect === 'deny') : []
  const named = (tool: PolicyTool) => (concerned.length === 1 ? String(id) : `${String(id)}/${tool.name}`)
  const fieldsOf = (tool: PolicyTool) => (name: string) =>
    fieldOf(name) ?? inputField(name, tool) ?? (isHidden(name, tool) ? 'hidden' : undefined)
  const found = onInput
    ? concerned.flatMap((tool) => write(named(tool), `action == Action::${quote(tool.name)}`, fieldsOf(tool)))
    : write(String(id), 'action', fieldOf)
  if (found.length === 0 && errors.length === before)
    errors.push(fault(path, 'The rule asks for something to be missing that is always there, so it could never apply.'))
  return found
}

function concernedTools(
  asked: readonly Condition[],
  tools: readonly PolicyTool[],
  errors: Diagnostic[],
  hidden: boolean,
): readonly PolicyTool[] {
  const onInput = asked.filter(({ name }) => name.startsWith('input.'))
  const positive = onInput.filter(({ operator }) => !isNegative(operator))
  const has = (name: string, tool: PolicyTool) => inputField(name, tool) !== undefined || (hidden && isHidden(name, tool))
  for (const { name, path } of onInput) {
    if (!tools.some((tool) => has(name, tool)))
      errors.push(fault(`${path}/field`, `No registered tool has the argument \`${name.slice('input.'.length)}\`.`))
  }
  const found = tools.filter((tool) =>
    positive.length > 0 ? positive.every(({ name }) => has(name, tool)) : onInput.some(({ name }) => has(name, tool)),
  )
  if (found.length === 0) errors.push(fault(positive[0]?.path ?? '', 'No registered tool has all the arguments that this rule asks about.'))
  return found
}

function isHidden(name: string, tool: PolicyTool): boolean {
  return inputField(name, tool) === undefined && mayHide(tool, name.split('.').slice(1))
}

function adviceOn(hidden: readonly string[], description: Json | undefined): string {
  const why = `The tool's schema gives \`${hidden.join('`, `')}\` no one type that a rule could ask about, so its calls are refused: name the type there.`
  return `@advice(${quote(typeof description === 'string' ? `${description} ${why}` : why)})\n`
}

function conditionText({ operator, value, path }: Condition, field: Field | undefined, errors: Diagnostic[]): readonly string[] {
  // A tool without the argument: only a negative question gets here, and it holds.
  if (!field) return []
  const compiled = cedarCondition(field, operator, value)
  if ('text' in compiled) return [compiled.text]
  errors.push(fault(path, compiled.problem))
  return []
}

function condition(each: Json, path: string, errors: Diagnostic[]): readonly Condition[] {
  const before = errors.length
  const { field, operator, value } = members(each, ['field', 'operator', 'value'], path, errors)
  const named = typeof field === 'string' ? field : ''
  if (!fieldOf(named) && !/^input\.[^.]+(\.[^.]+){0,15}$/u.test(named)) {
    errors.push(fault(`${path}/field`, `\`${named.slice(0, 60)}\` is no field of a call: use one of ${fieldNames.join(', ')}.`))
  }
  const known = operators.find((one) => one === operator)
  if (!known) {
    errors.push(fault(`${path}/operator`, `\`${String(operator).slice(0, 60)}\` is no operator: use one of ${operators.join(', ')}.`))
    return []
  }
  return errors.length > before ? [] : [{ name: named, operator: known, value, path }]
}

/** What the set allows beyond its rules: what is within the scope that it declares, and everything when it declares none. */
function defaultText(set: JsonObject, errors: Diagnostic[]): readonly string[] {
  if (set['default_effect'] !== 'allow') {
    if (set['default_effect'] !== 'deny') errors.push(fault('/default_effect', '`default_effect` is neither `allow` nor `deny`.'))
    if (set['scope'] !== undefined)
      errors.push(fault('/scope', '`scope` limits what `default_effect: "allow"` allows, and this set denies by default.'))
    return []
  }
  if (set['scope'] === undefined) return ['@id("default")\npermit (principal, action, resource);']
  const scope = members(set['scope'], ['tools', 'resources'], '/scope', errors)
  const [named, resources] = [listed(scope, 'tools', errors), listed(scope, 'resources', errors)]
  if (named.length + resources.length === 0) errors.push(fault('/scope', '`scope` names neither `tools` nor `resources`.'))
  const action = named.length > 0 ? `action in [${named.map((name) => `Action::${quote(name)}`).join(', ')}]` : 'action'
  const when = resources.length > 0 ? ` when { ${resources.map((pattern) => `context.resource like ${quote(pattern)}`).join(' || ')} }` : ''
  return [`@id("default")\npermit (principal, ${action}, resource)${when};`]
}

function listed(scope: JsonObject, key: string, errors: Diagnostic[]): readonly string[] {
  const list = scope[key] ?? []
  const texts = Array.isArray(list) ? list.filter((item: Json): item is string => typeof item === 'string' && item !== '') : []
  if (!Array.isArray(list) || texts.length < list.length) errors.push(fault(`/scope/${key}`, `\`${key}\` is no list of names.`))
  return texts
}

function members(value: Json | undefined, names: readonly string[], path: string, errors: Diagnostic[]): JsonObject {
  if (!isObject(value)) {
    errors.push(fault(path, 'An object is expected here.'))
    return {}
  }
  for (const key of Object.keys(value)) {
    if (!names.includes(key)) errors.push(fault(`${path}/${key}`, `\`${key}\` is not known here: there may be ${names.join(', ')}.`))
  }
  return value
}

function priorityOf(rule: Json): number {
  const priority = isObject(rule) ? rule['priority'] : undefined
  return typeof priority === 'number' ? priority : 0
}

function fault(path: string, message: string): Diagnostic {
  return { code: 'rule', message, path }
}
