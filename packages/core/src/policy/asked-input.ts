import type { Expr } from '@cedar-policy/cedar-wasm/nodejs'
import { type CedarPolicy, policyJson } from './cedar-text.ts'
import { fieldMatched, matchedNames } from './matched.ts'

/** What a policy asks of `context.input`: which of its members, by path, and for which actions; `undefined`: for any. */
export interface AskedInput {
  readonly actions: readonly string[] | undefined
  readonly paths: readonly (readonly string[])[]
  /** The members that regular expressions are asked of (`matched.ts`). */
  readonly texts: readonly (readonly string[])[]
}

/** Nothing where the policy asks nothing of the input. */
export function askedInput({ text, tokens }: Pick<CedarPolicy, 'text' | 'tokens'>): AskedInput | undefined {
  // Most policies do not, and reading them takes time.
  if (!text.includes('input') && !text.includes('\\')) return undefined
  const { action, conditions } = policyJson(text)
  const paths = new Map<string, readonly string[]>()
  for (const { body } of conditions) for (const path of pathsIn(body)) paths.set(JSON.stringify(path), path)
  const fields = matchedNames({ tokens }).flatMap(({ name }) => (name === undefined ? [] : (fieldMatched(name) ?? [])))
  const texts = fields.flatMap((field) => (field.startsWith('input.') ? [field.split('.').slice(1)] : []))
  if (paths.size + texts.length === 0) return undefined
  const uids = 'entities' in action ? action.entities : 'entity' in action ? [action.entity] : undefined
  return { actions: uids?.map((uid) => ('__entity' in uid ? uid.__entity.id : uid.id)), paths: [...paths.values()], texts }
}

/** Every member of the input that an expression reads or asks for. */
function pathsIn(expression: Expr): readonly (readonly string[])[] {
  const found: (readonly string[])[] = []
  const open: unknown[] = [expression]
  while (open.length > 0) {
    const each = open.pop()
    if (typeof each !== 'object' || each === null) continue
    const path = Array.isArray(each) ? undefined : pathOf(each)
    if (path && path.length > 0) found.push(path)
    open.push(...Object.values(each))
  }
  return found
}

/** `['order', 'amount']` for `context.input.order.amount` and `context.input.order has amount`. */
function pathOf(expression: unknown): readonly string[] | undefined {
  if (typeof expression !== 'object' || expression === null) return undefined
  const { '.': get, has } = expression as { readonly '.'?: Member; readonly has?: Member }
  const member = get ?? has
  if (!member || typeof member.attr !== 'string') return undefined
  const { left, attr } = member
  if (attr === 'input' && (left as { readonly Var?: unknown } | undefined)?.Var === 'context') return []
  const above = pathOf(left)
  return above && [...above, attr]
}

interface Member {
  readonly left?: unknown
  readonly attr?: unknown
}
