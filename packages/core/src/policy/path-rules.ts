import type { Clause, PolicyJson, ResourceConstraint } from '@cedar-policy/cedar-wasm/nodejs'
import { type CedarPolicy, unquote } from './cedar-text.ts'
import { withoutCase } from './path-readings.ts'

/** What the words of a policy say of the resource. Where they do not tell, more is said than is meant, never less. */
export interface PathRule {
  /** Says how a path begins, from the root: `/prod/*`, `*\/prod`, any regular expression. */
  readonly rooted: boolean
  /** Tells capitals from small letters. */
  readonly cased: boolean
}

/** How a policy judges by the resource; `undefined` where it does not. */
export function pathRule({ tokens }: Pick<CedarPolicy, 'tokens'>): PathRule | undefined {
  const asks = tokens.some(({ kind, text }, at) => {
    if (kind === 'string') return text.includes('resource')
    const free = tokens[at - 1]?.text === ',' && (tokens[at + 1]?.text === ')' || tokens[at + 1]?.text === ',')
    return kind === 'word' && text === 'resource' && !free
  })
  if (!asks) return undefined
  const literals = tokens.flatMap(({ kind, text }) => (kind === 'string' ? [unquote(text)] : []))
  return {
    rooted: literals.some((each) => /^\**\/|^resource matches /u.test(each)),
    cased: literals.some((each) => withoutCase(each) !== each),
  }
}

/** The policy for resources whose case is taken away: so is that of all literals that are compared with them. */
export function inAnyCase(json: PolicyJson): PolicyJson {
  const resource = folded(json.resource, false) as ResourceConstraint
  return {
    ...json,
    resource,
    conditions: json.conditions.map((each): Clause => ({ ...each, body: folded(each.body, false) as Clause['body'] })),
  }
}

const comparisons: ReadonlySet<string> = new Set(['==', '!=', '<', '<=', '>', '>=', 'in', 'like', 'contains', 'containsAll', 'containsAny'])

function folded(value: unknown, compared: boolean): unknown {
  if (Array.isArray(value)) return value.map((each: unknown) => folded(each, compared))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, each]: [string, unknown]) => {
      const literal = (name === 'Value' || name === 'Literal') && compared
      if (literal && typeof each === 'string') return [name, withoutCase(each)]
      if (isResource(value) && name === 'id') return [name, withoutCase(String(each))]
      return [name, folded(each, compared || (comparisons.has(name) && reads(each)))]
    }),
  )
}

function isResource(value: object): value is { readonly type: 'Resource'; readonly id: unknown } {
  return 'type' in value && value.type === 'Resource' && 'id' in value
}

/** Whether an expression reads `context.resource`. */
function reads(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  if ('attr' in value && value.attr === 'resource' && 'left' in value && isContext(value.left)) return true
  return Object.values(value).some(reads)
}

function isContext(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'Var' in value && value.Var === 'context'
}
