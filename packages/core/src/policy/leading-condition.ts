import type { Clause, Expr, ExprNoExt } from '@cedar-policy/cedar-wasm/nodejs'
import type { Scope } from './scope.ts'
import { EntityRef } from './value.ts'

type Variable = 'principal' | 'action' | 'resource'

/**
 * What a policy's first `when` asks before all else of its principal, action or resource: `when { principal in Role::"a"
 * || principal in Role::"b" }`. Such a test never fails, so a policy may be passed over where it is false. Answers nothing
 * where it asks something else first.
 */
export function leadingCondition(conditions: readonly Clause[]): { readonly variable: Variable; readonly scope: Scope } | undefined {
  const [first] = conditions
  if (first?.kind !== 'when') return undefined
  let body = first.body as ExprNoExt
  while ('&&' in body) body = body['&&'].left as ExprNoExt
  const tests = alternatives(body).map(memberTest)
  const [one] = tests
  if (!one || tests.some((test) => test?.variable !== one.variable)) return undefined
  return { variable: one.variable, scope: { asks: 'in', entities: tests.flatMap((test) => test?.entities ?? []) } }
}

function alternatives(expr: ExprNoExt): readonly ExprNoExt[] {
  if (!('||' in expr)) return [expr]
  return [...alternatives(expr['||'].left as ExprNoExt), ...alternatives(expr['||'].right as ExprNoExt)]
}

/** `principal in Role::"a"`, or `principal in [Role::"a", Role::"b"]`. */
function memberTest(expr: ExprNoExt): { readonly variable: Variable; readonly entities: readonly EntityRef[] } | undefined {
  if (!('in' in expr)) return undefined
  const left = expr.in.left as ExprNoExt
  const right = expr.in.right as ExprNoExt
  if (!('Var' in left) || left.Var === 'context') return undefined
  const found = ('Set' in right ? right.Set : [right]).map(entityOf)
  const entities = found.flatMap((each) => each ?? [])
  return entities.length === found.length ? { variable: left.Var, entities } : undefined
}

function entityOf(expr: Expr): EntityRef | undefined {
  const value = 'Value' in expr ? expr.Value : undefined
  if (typeof value !== 'object' || value === null || !('__entity' in value)) return undefined
  const { type, id } = Object(value['__entity'])
  return typeof type === 'string' && typeof id === 'string' ? new EntityRef(type, id) : undefined
}
