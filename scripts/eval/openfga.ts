import { quote } from '../../packages/core/src/policy/cedar-text.ts'
import type { CedarRequest } from '../../packages/core/src/policy/facts.ts'

interface Tuple {
  readonly user: string
  readonly relation: string
  readonly object: string
  readonly condition?: { readonly name: string; readonly context?: { readonly [name: string]: unknown } }
}

export interface OpenFgaRow {
  readonly suite: string
  readonly policy: string
  readonly entities: readonly Tuple[]
  readonly request: Tuple
  readonly context: { readonly [name: string]: unknown } | null
  readonly contextualTuples: readonly Tuple[] | null
  readonly expected: boolean | string
}

/** A conditional relation that is asked for directly, as Cedar: one permit a tuple. What is reached through others is not attribute-based. */
export function openFgaAsCedar(row: OpenFgaRow): { readonly text: string; readonly request: CedarRequest } | { readonly not: string } {
  const { user, relation, object } = row.request
  const [type = ''] = object.split(':')
  const body = new RegExp(`type ${type}\\b([^]*?)(?=\\ntype |\\ncondition |$)`, 'u').exec(row.policy)?.[1] ?? ''
  const definition = new RegExp(`define ${relation}:(.*)`, 'u').exec(body)?.[1]?.trim() ?? ''
  if (!/^\[[\w ,]+\]$/u.test(definition)) return { not: `relation reached through others: \`${definition}\`` }
  const tuples = [...row.entities, ...(row.contextualTuples ?? [])].filter((each) => each.object === object && each.relation === relation)
  if (tuples.some((each) => /[#*]/u.test(each.user))) return { not: 'tuple of a set of users' }
  const texts: string[] = []
  const types: Record<string, string> = {}
  for (const { user: who, condition } of tuples) {
    const found = condition && new RegExp(`condition ${condition.name}\\(([^)]*)\\) \\{([^}]*)\\}`, 'u').exec(row.policy)
    if (condition && !found) return { not: 'condition of an older model' }
    for (const [, name = '', kind = ''] of found?.[1]?.matchAll(/(\w+): (\w+)/gu) ?? []) types[name] = kind
    const test = found ? comparison(found[2] ?? '', types, condition?.context ?? {}) : 'true'
    if (test === undefined) return { not: `condition \`${found?.[2]?.trim()}\`` }
    texts.push(`permit (principal == user::${quote(who)}, action, resource) when { ${test} };`)
  }
  const context: Record<string, CedarRequest['context'][string]> = {}
  for (const [name, value] of Object.entries(row.context ?? {})) {
    const read = cedarValue(value, types[name])
    if (read === undefined) return { not: `context of type \`${types[name]}\`` }
    context[name] = read
  }
  const uid = (kind: string, id: string) => ({ type: kind, id })
  return {
    text: texts.join('\n'),
    request: { principal: uid('user', user), action: uid('Action', relation), resource: uid(type, object), context, entities: [] },
  }
}

function comparison(
  expression: string,
  types: { readonly [name: string]: string },
  given: { readonly [name: string]: unknown },
): string | undefined {
  const parts = expression.split('||').map((part) => {
    const [, name = '', operator = '', value = ''] = /^\s*(\w+) (<|>|==) (.+?)\s*$/u.exec(part) ?? []
    const known = Object.hasOwn(given, name) ? JSON.stringify(given[name]) : `context.${name}`
    if (types[name] === 'int' && /^\d+$/u.test(value)) return `${known} ${operator} ${value}`
    if (types[name] === 'string' && value.startsWith('"')) return `${known} ${operator} ${value}`
    if (types[name] === 'double') return `${known}.${operator === '>' ? 'greaterThan' : 'lessThan'}(decimal("${value}"))`
    const time = /^timestamp\("(.+)"\)$/u.exec(value)?.[1]
    return types[name] === 'timestamp' && time ? `${known} ${operator} datetime("${time}")` : undefined
  })
  if (parts.length === 0 || parts.includes(undefined)) return undefined
  // A parameter that is missing is an error there, even where the others would do.
  const read = Object.keys(types).flatMap((name) => (Object.hasOwn(given, name) ? [] : [`context.${name} == context.${name}`]))
  return [...read, `(${parts.join(' || ')})`].join(' && ')
}

function cedarValue(value: unknown, type: string | undefined): CedarRequest['context'][string] | undefined {
  if (type === 'double') {
    const written = typeof value === 'number' && Number.isInteger(value) ? `${value}.0` : String(value)
    return typeof value === 'number' && /^-?\d{1,15}\.\d{1,4}$/u.test(written) ? { __extn: { fn: 'decimal', arg: written } } : undefined
  }
  if (type === 'timestamp') return { __extn: { fn: 'datetime', arg: String(value) } }
  return typeof value === 'string' || typeof value === 'boolean' || Number.isSafeInteger(value)
    ? (value as string | boolean | number)
    : undefined
}
