import type { PolicyJson } from '@cedar-policy/cedar-wasm/nodejs'
import type { CedarPolicy } from './cedar-text.ts'
import type { Evaluation } from './evaluation.ts'
import { exactSyntax } from './exact-syntax.ts'
import { compileExpression, type Run } from './expression.ts'
import { EvaluationFailure, fail } from './failure.ts'
import type { Request } from './request.ts'
import { leadingCondition } from './leading-condition.ts'
import { inAnyCase } from './path-rules.ts'
import { readScope, within } from './scope.ts'
import { type Scopes, scopeIndex } from './scope-index.ts'
import { inTurns } from './turns.ts'

interface Compiled {
  readonly id: string
  readonly effect: 'permit' | 'forbid'
  readonly scopes: Scopes
  /** The scopes, narrowed by what the conditions ask first: for the index only. */
  readonly filed: Scopes
  /** `unless` is turned round. */
  readonly conditions: readonly { readonly run: Run; readonly wanted: boolean }[]
}

/** Evaluates one set of policies on a request. Synchronous, without state between calls. */
export type Evaluate = (request: Request) => Evaluation

/** Compiles policies that have been read, once a version. Cedar's semantics, decision, reasons and errors alike. */
export function compilePolicies(policies: readonly CedarPolicy[]): Evaluate {
  return evaluating(policies.map((policy) => compilePolicy(policy)))
}

/** The same for requests whose resource has its case taken away, as that of what it is compared with is. */
export async function compileInAnyCase(policies: readonly CedarPolicy[]): Promise<Evaluate> {
  return evaluating(await inTurns(policies.values().map((policy) => compilePolicy(policy, inAnyCase))))
}

/** The same at once. */
export function compilePoliciesInAnyCase(policies: readonly CedarPolicy[]): Evaluate {
  return evaluating(policies.map((policy) => compilePolicy(policy, inAnyCase)))
}

/** The same in turns: others are let by in between. */
export async function compileInTurns(policies: readonly CedarPolicy[]): Promise<Evaluate> {
  return evaluating(await inTurns(policies.values().map((policy) => compilePolicy(policy))))
}

function evaluating(compiled: readonly Compiled[]): Evaluate {
  const candidates = scopeIndex(compiled.map(({ filed }) => filed))

  return (request) => {
    const permits: string[] = []
    const forbids: string[] = []
    const errors: { policy: string; message: string }[] = []
    for (const place of candidates(request)) {
      const policy = compiled[place]
      if (!policy) continue
      try {
        if (applies(policy, request)) (policy.effect === 'permit' ? permits : forbids).push(policy.id)
      } catch (error) {
        if (!(error instanceof EvaluationFailure)) throw error
        errors.push({ policy: policy.id, message: error.message })
      }
    }
    return { permits, forbids, errors }
  }
}

function compilePolicy(policy: CedarPolicy, asked = (json: PolicyJson) => json): Compiled {
  const { id, effect } = policy
  const exact = exactSyntax(policy)
  const json = asked(exact.json)
  const scopes = { principal: readScope(json.principal), action: readScope(json.action), resource: readScope(json.resource) }
  const leading = leadingCondition(json.conditions)
  return {
    id,
    effect,
    scopes,
    filed: leading && scopes[leading.variable].asks === 'nothing' ? { ...scopes, [leading.variable]: leading.scope } : scopes,
    conditions: json.conditions.map(({ kind, body }) => ({ run: compileExpression(body, exact.standIn), wanted: kind === 'when' })),
  }
}

function applies({ scopes, conditions }: Compiled, request: Request): boolean {
  if (!within(scopes.principal, request.principal, request)) return false
  if (!within(scopes.action, request.action, request)) return false
  if (!within(scopes.resource, request.resource, request)) return false
  for (const { run, wanted } of conditions) {
    const held = run(request)
    if (typeof held !== 'boolean') return fail('type-error')
    if (held !== wanted) return false
  }
  return true
}
