import type { CedarRequest } from '../../packages/core/src/policy/facts.ts'
import { quote } from '../../packages/core/src/policy/cedar-text.ts'
import { parseIp } from '../../packages/core/src/policy/ip-address.ts'

export interface CasbinRow {
  readonly suite: string
  readonly policy: { readonly model: string; readonly policy: string; readonly policy_path?: string | null }
  readonly request: readonly string[]
  readonly expected: boolean
}

/** A Casbin case as Cedar: one permit a policy line, groups as entities. Or why there is no such thing. */
export function casbinAsCedar({
  suite,
  policy,
  request,
}: CasbinRow): { readonly text: string; readonly request: CedarRequest } | { readonly not: string } {
  const section = (name: string) => new RegExp(`\\[${name}\\]([^[]*)`, 'u').exec(policy.model)?.[1] ?? ''
  const named = (name: string, key: string) => new RegExp(`^\\s*${key}\\s*=(.*)$`, 'mu').exec(section(name))?.[1]?.trim() ?? ''
  const effect = named('policy_effect', 'e')
  if (effect !== 'some(where (p.eft == allow))') return { not: `effect \`${effect}\`` }
  if (policy.policy_path === null && /Adapter|String/u.test(suite)) return { not: 'policy is not in the row' }
  const list = (text: string) => text.split(',').map((each) => each.trim())
  const asked = list(named('request_definition', 'r'))
  const columns = list(named('policy_definition', 'p'))
  const matcher = named('matchers', 'm')
  const lines = policy.policy.split('\n').map(list)
  const rules = lines
    .filter(([kind]) => kind === 'p')
    .map((line) => Object.fromEntries(columns.map((column, index) => [column, line[index + 1] ?? ''])))
  const groups = lines.filter(([kind]) => kind?.startsWith('g'))
  if (groups.some((line) => line.includes('*'))) return { not: 'wildcard in a group' }
  if (asked.length !== request.length) return { not: 'request of another definition' }

  const texts: string[] = []
  for (const rule of rules.length > 0 ? rules : [Object.fromEntries(columns.map((column) => [column, '']))]) {
    const body = matcher.split('||').map((part) => part.split('&&').map((atom) => atomAsCedar(atom.trim(), rule)))
    const missing = body.flat().find((atom) => 'not' in atom)
    if (missing && 'not' in missing) return missing
    const written = body.map((part) => part.map((atom) => ('text' in atom ? atom.text : '')).join(' && ')).join(' || ')
    texts.push(`permit (principal, action, resource) when { ${written} };`)
  }
  const context = Object.fromEntries(asked.map((name, index) => [name, request[index] ?? '']))
  const domain = context['dom'] ?? ''
  const uid = (kind: string, id: string) => ({ type: kind, id })
  const parents = new Map<string, { uid: { type: string; id: string }; parents: { type: string; id: string }[] }>()
  for (const [kind = 'g', member = '', group = '', inDomain] of groups) {
    if (inDomain !== undefined && inDomain !== domain) continue
    const entry = parents.get(`${kind} ${member}`) ?? { uid: uid(kind, member), parents: [] }
    entry.parents.push(uid(kind, group))
    parents.set(`${kind} ${member}`, entry)
  }
  return {
    text: texts.join('\n'),
    request: {
      principal: uid('g', context['sub'] ?? ''),
      action: uid('Action', context['act'] ?? ''),
      resource: uid('g2', context['obj'] ?? ''),
      context,
      entities: [...parents.values()].map((each) => ({ ...each, attrs: {} })),
    },
  }
}

function atomAsCedar(atom: string, rule: { readonly [column: string]: string }): { readonly text: string } | { readonly not: string } {
  const value = (name: string | undefined) => rule[name ?? ''] ?? ''
  const same = /^r\.(\w+) == p\.(\w+)$/u.exec(atom)
  if (same) return { text: `context.${same[1]} == ${quote(value(same[2]))}` }
  const literal = /^r\.(\w+) == "(\w+)"$/u.exec(atom)
  if (literal) return { text: `context.${literal[1]} == "${literal[2]}"` }
  const group = /^(g2?)\(r\.(sub|obj), p\.(\w+)(?:, r\.dom)?\)$/u.exec(atom)
  if (group)
    return { text: `${group[2] === 'sub' ? 'principal' : 'resource'} in ${group[2] === 'sub' ? 'g' : 'g2'}::${quote(value(group[3]))}` }
  const [, name, field, column] = /^(\w+)\(r\.(\w+), p\.(\w+)\)$/u.exec(atom) ?? []
  const pattern = value(column)
  if (name === 'keyMatch' && /^[^*]*\*?$/u.test(pattern)) return { text: `context.${field} like ${quote(pattern)}` }
  if (name === 'regexMatch' && /^[()|A-Z]+$/u.test(pattern)) {
    return { text: `[${pattern.replace(/[()]/gu, '').split('|').map(quote).join(', ')}].contains(context.${field})` }
  }
  if (name === 'ipMatch' && parseIp(pattern)) return { text: `ip(context.${field}).isInRange(ip("${pattern}"))` }
  return { not: name === undefined ? `matcher \`${atom}\`` : `function \`${name}\`` }
}
