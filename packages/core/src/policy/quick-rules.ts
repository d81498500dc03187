import { isObject, type Json } from '../json.ts'
import { cidrProblem } from './ip-address.ts'
import { quote } from './cedar-text.ts'
import type { Diagnostic } from './diagnostic.ts'

/** Rules as Cedar text. `paths`: by a policy's id, the JSON Pointer of the rule that it came from. */
export type Compiled =
  | { readonly ok: true; readonly text: string; readonly paths: ReadonlyMap<string, string> }
  | { readonly ok: false; readonly errors: readonly Diagnostic[] }

type Fields = { readonly [name: string]: string }

/** The short form's rules, and the string fields that each must have. */
const rules: { readonly [type: string]: { readonly fields: readonly string[]; readonly cedar: (fields: Fields) => string } } = {
  permit: { fields: ['action', 'resource'], cedar: (fields) => both('permit', fields) },
  deny: { fields: ['action', 'resource'], cedar: (fields) => both('forbid', fields) },
  action_allow: { fields: ['action'], cedar: (fields) => both('permit', fields) },
  action_deny: { fields: ['action'], cedar: (fields) => both('forbid', fields) },
  role_allow: { fields: ['role'], cedar: ({ role = '' }) => written('permit', { principal: `principal in Role::${quote(role)}` }) },
  role_deny: { fields: ['role'], cedar: ({ role = '' }) => written('forbid', { principal: `principal in Role::${quote(role)}` }) },
  ip_allow: {
    fields: ['cidr'],
    cedar: ({ cidr = '' }) =>
      written('permit', { when: [`context.source_ip != ip("::") && context.source_ip.isInRange(ip(${quote(cidr)}))`] }),
  },
  ip_deny: {
    fields: ['cidr'],
    cedar: ({ cidr = '' }) =>
      written('forbid', { when: [`context.source_ip == ip("::") || context.source_ip.isInRange(ip(${quote(cidr)}))`] }),
  },
  endpoint_allow: { fields: ['prefix'], cedar: ({ prefix = '' }) => written('permit', { when: [under(prefix)] }) },
}

/**
 * Quick rules as Cedar text, one policy a rule, named by its place: `pre_rules/0`. Unknown keys and types are errors.
 *
 * `{"pre_rules":[{"type":"permit","action":"*","resource":"/api/*"},{"type":"ip_deny","cidr":"10.0.0.0/8"}]}`
 */
export function compileQuickRules(source: Json): Compiled {
  const errors: Diagnostic[] = []
  if (!isObject(source)) return { ok: false, errors: [fault('', 'Quick rules are an object with `pre_rules`.')] }
  for (const key of Object.keys(source)) {
    if (key !== 'pre_rules' && key !== 'post_rules')
      errors.push(fault(`/${key}`, `\`${key}\` is no part of quick rules: they have \`pre_rules\` and \`post_rules\`.`))
  }
  const pre = listed(source, 'pre_rules', errors)
  const post = listed(source, 'post_rules', errors)
  const text = pre.map((rule, index) => `@id("pre_rules/${index}")\n${compiled(rule, `/pre_rules/${index}`, errors)}`)
  post.forEach((rule, index) => {
    compiled(rule, `/post_rules/${index}`, errors)
    errors.push(fault(`/post_rules/${index}`, 'Rules that judge the output are not enforced, so they are not accepted: use `pre_rules`.'))
  })
  return errors.length > 0
    ? { ok: false, errors }
    : { ok: true, text: text.join('\n'), paths: new Map(pre.map((_, index) => [`pre_rules/${index}`, `/pre_rules/${index}`])) }
}

function listed(source: { readonly [key: string]: Json }, key: string, errors: Diagnostic[]): readonly Json[] {
  const list = source[key] ?? []
  if (Array.isArray(list)) return list
  errors.push(fault(`/${key}`, `\`${key}\` is not a list of rules.`))
  return []
}

function compiled(rule: Json, path: string, errors: Diagnostic[]): string {
  const before = errors.length
  if (!isObject(rule)) errors.push(fault(path, 'A rule is an object with a `type`.'))
  const { type = '', ...rest } = isObject(rule) ? rule : {}
  const known = typeof type === 'string' && Object.hasOwn(rules, type) ? rules[type] : undefined
  if (!known) {
    if (errors.length === before)
      errors.push(
        fault(`${path}/type`, `\`${String(type).slice(0, 60)}\` is no type of rule: use one of ${Object.keys(rules).join(', ')}.`),
      )
    return ''
  }
  for (const key of Object.keys(rest)) {
    if (!known.fields.includes(key))
      errors.push(fault(`${path}/${key}`, `\`${key}\` is no part of a \`${String(type)}\` rule: it has ${known.fields.join(', ')}.`))
  }
  const fields = Object.fromEntries(known.fields.map((name) => [name, field(rest[name], name, `${path}/${name}`, errors)]))
  return errors.length > before ? '' : known.cedar(fields)
}

function field(value: Json | undefined, name: string, path: string, errors: Diagnostic[]): string {
  if (typeof value !== 'string' || value === '' || value.length > 1000) {
    errors.push(fault(path, `\`${name}\` is missing, or no text of 1 to 1,000 characters.`))
    return ''
  }
  const problem = name === 'cidr' ? cidrProblem(value) : undefined
  if (problem) errors.push(fault(path, problem))
  return value
}

/** An action by name is a tool, the action it declares, or an effect; with `*` it is a pattern over tool names. */
function both(effect: 'permit' | 'forbid', { action = '*', resource = '*' }: Fields): string {
  const glob = action.includes('*')
  return written(effect, {
    ...(!glob && { action: `action in Action::${quote(action)}` }),
    ...(!resource.includes('*') && { resource: `resource == Resource::${quote(resource)}` }),
    when: [
      ...(glob && !/^\*+$/u.test(action) ? [`context.tool like ${quote(action)}`] : []),
      ...(resource.includes('*') && !/^\*+$/u.test(resource) ? [`context.resource like ${quote(resource)}`] : []),
    ],
  })
}

/** The path itself or anything under it. */
function under(prefix: string): string {
  const path = prefix.replaceAll('*', '\\*')
  const literal = (text: string) => quote(text).replaceAll('\\\\*', '\\*')
  return prefix.endsWith('/')
    ? `context.resource like ${literal(`${path}*`)}`
    : `context.resource == ${quote(prefix)} || context.resource like ${literal(`${path}/*`)}`
}

function written(
  effect: 'permit' | 'forbid',
  {
    principal = 'principal',
    action = 'action',
    resource = 'resource',
    when = [],
  }: { principal?: string; action?: string; resource?: string; when?: readonly string[] },
): string {
  return `${effect} (${principal}, ${action}, ${resource})${when.length > 0 ? ` when { ${when.join(' && ')} }` : ''};`
}

function fault(path: string, message: string): Diagnostic {
  return { code: 'rule', message, path }
}
