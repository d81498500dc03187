import type { EntityUidJson, Expr, PrincipalConstraint, ResourceConstraint } from '@cedar-policy/cedar-wasm/nodejs'
import { isObject, type Json } from '../json.ts'
import type { PolicySyntax } from './syntax.ts'

/**
 * Whether some call may be one that both act on, by what their scopes ask of principal and resource, and by how the resource
 * must begin. Says yes where it cannot tell; the actions are told apart elsewhere, by the schema.
 */
export function overlap(a: PolicySyntax, b: PolicySyntax): boolean {
  return meet(a.json.principal, b.json.principal) && meet(a.json.resource, b.json.resource) && begin(startsOf(a), startsOf(b))
}

function meet(a: PrincipalConstraint | ResourceConstraint, b: PrincipalConstraint | ResourceConstraint): boolean {
  const [one, other] = [asked(a), asked(b)]
  if (one.type !== undefined && other.type !== undefined && one.type !== other.type) return false
  return one.self === undefined || other.self === undefined || one.self === other.self
}

function asked(scope: PrincipalConstraint | ResourceConstraint): { readonly type?: string; readonly self?: string } {
  if (scope.op === '==' && 'entity' in scope) {
    const { type, id } = named(scope.entity)
    return { type, self: id }
  }
  return scope.op === 'is' ? { type: scope.entity_type } : {}
}

function begin(some: readonly string[], others: readonly string[]): boolean {
  return some.every((one) => others.every((other) => one.startsWith(other) || other.startsWith(one)))
}

const known = new WeakMap<PolicySyntax, readonly string[]>()

/** Texts that the resource of every call begins with which the policy acts on. */
function startsOf(policy: PolicySyntax): readonly string[] {
  const found = known.get(policy) ?? [...scopeStarts(policy.json.resource), ...conditionStarts(policy)]
  known.set(policy, found)
  return found
}

function scopeStarts(scope: ResourceConstraint): readonly string[] {
  const uid = (scope.op === '==' || scope.op === 'in') && 'entity' in scope ? scope.entity : undefined
  const above = scope.op === 'is' && scope.in && 'entity' in scope.in ? scope.in.entity : undefined
  // Only paths are above others, and what is under a path goes on where it ends.
  return [uid, above].flatMap((each) => (each ? [named(each).id] : []))
}

/** A forbid acts where it cannot be evaluated too: so of its conditions only those count before which nothing can fail. */
function conditionStarts({ effect, json: { conditions } }: PolicySyntax): readonly string[] {
  const found: string[] = []
  for (const { kind, body } of conditions) {
    for (const each of kind === 'when' ? conjuncts(body) : [undefined]) {
      const start = each === undefined ? undefined : startIn(each)
      if (start !== undefined) found.push(start)
      else if (effect === 'forbid') return found
    }
  }
  return found
}

function conjuncts(body: Expr): readonly Json[] {
  const found: Json[] = []
  const open: Json[] = [body as unknown as Json]
  for (let each = open.pop(); each !== undefined; each = open.pop()) {
    const both = isObject(each) ? each['&&'] : undefined
    if (isObject(both) && both['left'] !== undefined && both['right'] !== undefined) open.push(both['right'], both['left'])
    else found.push(each)
  }
  return found
}

/** What `context.resource like "/prod/*"` and `context.resource == "/prod"` say of how it begins. */
function startIn(one: Json): string | undefined {
  if (!isObject(one)) return undefined
  const { like, '==': equal } = one
  if (isObject(like) && isResource(like['left'])) {
    const pattern = like['pattern']
    const parts: readonly Json[] = Array.isArray(pattern) ? pattern : []
    const end = parts.findIndex((part) => !isObject(part))
    return parts
      .slice(0, end < 0 ? parts.length : end)
      .map((part) => (isObject(part) ? String(part['Literal']) : ''))
      .join('')
  }
  if (!isObject(equal) || !isResource(equal['left'])) return undefined
  const value = isObject(equal['right']) ? equal['right']['Value'] : undefined
  return typeof value === 'string' ? value : undefined
}

function isResource(expression: Json | undefined): boolean {
  const of = isObject(expression) ? expression['.'] : undefined
  return isObject(of) && of['attr'] === 'resource' && isObject(of['left']) && of['left']['Var'] === 'context'
}

function named(uid: EntityUidJson): { readonly type: string; readonly id: string } {
  return '__entity' in uid ? uid.__entity : uid
}
