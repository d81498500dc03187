import type { ActionConstraint, Expr, ExprNoExt, PolicyJson, ResourceConstraint } from '@cedar-policy/cedar-wasm/nodejs'
import type { CedarPolicy } from './cedar-text.ts'
import { exactSyntax } from './exact-syntax.ts'
import { effects } from './schema.ts'

/**
 * Whether nothing that a permit says limits the tools or resources of the calls that it permits. What limits them is read
 * off the words: actions that are not all effects, or a resource, in the scope or a `when`; a tool or resource that is
 * compared with a literal. What limits in another way is not seen, so such a permit counts as unscoped: never the reverse.
 */
export function isUnscoped(policy: CedarPolicy): boolean {
  return reachOfPermit(policy) === 'all'
}

/** Those of some permits that are unscoped, by themselves or because the effects that they name are all there are, taken together. */
export function unscopedAmong(permits: readonly CedarPolicy[]): readonly CedarPolicy[] {
  const reaches = permits.map((permit) => ({ permit, reach: reachOfPermit(permit) }))
  const every = reachEveryEffect(permits)
  return reaches.flatMap(({ permit, reach }) => (reach === 'all' || (every && reach.size > 0) ? [permit] : []))
}

/** Whether the effects that permits name are all there are, taken together; an unscoped one names none. */
export function reachEveryEffect(permits: readonly CedarPolicy[]): boolean {
  const reaches = permits.map(reachOfPermit)
  return ofEffects(reaches.flatMap((reach) => (reach === 'all' ? [] : [...reach]))) === 'all'
}

/** Whether a permit is scoped by effects, and by nothing narrower. */
export function isByEffect(permit: CedarPolicy): boolean {
  const reach = reachOfPermit(permit)
  return reach !== 'all' && reach.size > 0
}

const known = new WeakMap<CedarPolicy, Reach>()

function reachOfPermit(permit: CedarPolicy): Reach {
  const reach = known.get(permit) ?? reachIn(exactSyntax(permit).json)
  known.set(permit, reach)
  return reach
}

function reachIn({ action, resource, conditions }: PolicyJson): Reach {
  const asked = conditions.flatMap(({ kind, body }) => (kind === 'when' ? [reachOf(body)] : []))
  return narrowest([ofActionScope(action), ofResourceScope(resource), ...asked])
}

/** The calls that something is true of, at most: all, or those of some effects and of some tools or resources by name. */
type Reach = 'all' | ReadonlySet<string>

/** Something that is named, and is not all there is. */
const named: Reach = new Set()

function narrowest(reaches: readonly Reach[]): Reach {
  return reaches.reduce((least, each) => (least === 'all' || (each !== 'all' && each.size < least.size) ? each : least), 'all')
}

function together(a: Reach, b: Reach): Reach {
  return a === 'all' || b === 'all' ? 'all' : ofEffects([...a, ...b])
}

function ofEffects(some: Iterable<string>): Reach {
  const reach = new Set(some)
  return effects.every((effect) => reach.has(effect)) ? 'all' : reach
}

interface Uid {
  readonly type: string
  readonly id: string
}

function ofActions(uids: readonly Uid[]): Reach {
  return ofEffects(uids.flatMap(({ id }) => effects.filter((effect) => effect === id)))
}

function ofResources(uids: readonly Uid[]): Reach {
  return uids.every(({ type }) => type === 'Resource') ? named : 'all'
}

type Named = Uid | { readonly __entity: Uid }

function plain(uid: Named): Uid {
  return '__entity' in uid ? uid.__entity : uid
}

function ofActionScope(scope: ActionConstraint): Reach {
  if ('entities' in scope) return ofActions(scope.entities.map(plain))
  return 'entity' in scope ? ofActions([plain(scope.entity)]) : 'all'
}

function ofResourceScope(scope: ResourceConstraint): Reach {
  const above = scope.op === 'is' ? scope.in : scope.op === 'All' ? undefined : scope
  return above && 'entity' in above ? ofResources([plain(above.entity)]) : 'all'
}

function reachOf(expression: Expr): Reach {
  const expr = expression as ExprNoExt
  if ('&&' in expr) return narrowest([reachOf(expr['&&'].left), reachOf(expr['&&'].right)])
  if ('||' in expr) return together(reachOf(expr['||'].left), reachOf(expr['||'].right))
  if ('==' in expr) {
    const { left, right } = expr['==']
    return narrowest([ofMembership(left, right), ofComparison(left, right), ofComparison(right, left)])
  }
  if ('in' in expr) return ofMembership(expr.in.left, expr.in.right)
  if ('is' in expr) return expr.is.in ? ofMembership(expr.is.left, expr.is.in) : 'all'
  if ('like' in expr) {
    const { left, pattern } = expr.like
    const texts = textsOf(pattern)
    return isToolOrResource(left) && names(texts) && !(isFact(left, 'resource') && beginsAsTools(texts)) ? named : 'all'
  }
  if ('contains' in expr) {
    const { left, right } = expr.contains
    const items = 'Set' in left ? (left as Extract<ExprNoExt, { Set: unknown }>).Set : undefined
    if (items?.every(isLiteral) && isToolOrResource(right)) return named
    return isMatched(left) && beginsLiterally(right) ? named : 'all'
  }
  return 'all'
}

/**
 * Whether a pattern names something: a letter or digit and one character more that it begins with, after what every resource
 * may begin with (`/`, `tool:`), or three of them together elsewhere. `/*`, `tool:*`, `a*` and `*e*` name nothing: there are few
 * enough letters to list them all.
 */
function names(texts: readonly string[]): boolean {
  const [first = '', ...others] = texts
  const begins = first.replace(/^(?:tool:)?\/*/u, '')
  return /^[\p{L}\p{N}]./su.test(begins) || others.some((text) => /[\p{L}\p{N}]{3}/u.test(text))
}

/** Whether a pattern begins as all resources do that are tools by name (`to*`), and names nothing after that. */
function beginsAsTools([first = '', ...others]: readonly string[]): boolean {
  return others.length > 0 && 'tool:'.startsWith(first) && !others.some((text) => /[\p{L}\p{N}]{3}/u.test(text))
}

/** The literal texts of a `like` pattern between its wildcards; the first is empty where it begins with one. */
function textsOf(pattern: readonly ('Wildcard' | { readonly Literal: string })[]): readonly string[] {
  const texts = ['']
  for (const part of pattern) {
    if (part === 'Wildcard') texts.push('')
    else texts.push(`${texts.pop() ?? ''}${part.Literal}`)
  }
  return texts
}

/** `action in [Action::"read"]`, `resource in Resource::"/a"`, or the same with `==`. */
function ofMembership(left: Expr, right: Expr): Reach {
  const variable = 'Var' in left ? left.Var : undefined
  const uids = ('Set' in right ? (right as Extract<ExprNoExt, { Set: unknown }>).Set : [right]).map(uidOf)
  const known = uids.flatMap((uid) => uid ?? [])
  if (known.length < uids.length) return 'all'
  return variable === 'action' ? ofActions(known) : variable === 'resource' ? ofResources(known) : 'all'
}

function ofComparison(one: Expr, other: Expr): Reach {
  return isToolOrResource(one) && isLiteral(other) ? named : 'all'
}

function uidOf(expr: Expr): Uid | undefined {
  const { __entity: uid } = Object(valueOf(expr))
  const { type, id } = Object(uid)
  return typeof type === 'string' && typeof id === 'string' ? { type, id } : undefined
}

function valueOf(expr: Expr): unknown {
  return 'Value' in expr ? expr.Value : undefined
}

function isLiteral(expr: Expr): boolean {
  const value = valueOf(expr)
  return typeof value === 'string' && value !== ''
}

function isToolOrResource(expr: Expr): boolean {
  return isFact(expr, 'tool') || isFact(expr, 'resource')
}

function isMatched(expr: Expr): boolean {
  return isFact(expr, 'matched')
}

function isFact(expr: Expr, name: string): boolean {
  const member = '.' in expr ? (expr as Extract<ExprNoExt, { '.': unknown }>)['.'] : undefined
  return member !== undefined && member.attr === name && 'Var' in member.left && member.left.Var === 'context'
}

/** A regular expression over the tool or the resource, without alternatives, that what it matches must begin as, and that names something. */
function beginsLiterally(expr: Expr): boolean {
  const value = valueOf(expr)
  const [, start] = typeof value === 'string' ? (/^resource matches \^([\p{L}\p{N}/_:-]*)/u.exec(value) ?? []) : []
  return (
    typeof value === 'string' &&
    (start === undefined || !'tool:'.startsWith(start)) &&
    /^(?:tool|resource) matches \^(?:tool:|(?!tool:))\/*[\p{L}\p{N}][\p{L}\p{N}/_:-](?![?*{])[^|]*$/u.test(value)
  )
}
