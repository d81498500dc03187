import type { PolicyJson } from '@cedar-policy/cedar-wasm/nodejs'
import type { CedarPolicy } from '../policy/cedar-text.ts'
import { exactSyntax } from '../policy/exact-syntax.ts'
import type { StandIn } from './expression.ts'

/** A policy as Cedar's parser reads it, with its integers exact. This is all that the solver shares with the evaluator, besides the facts. */
export interface PolicySyntax {
  readonly id: string
  readonly effect: 'permit' | 'forbid'
  readonly annotations: { readonly [name: string]: string }
  readonly json: PolicyJson
  readonly standIn: StandIn
}

/** Reads a policy's syntax, once for all the questions that are asked about it. */
export function syntaxOf(policy: CedarPolicy): PolicySyntax {
  const { id, effect, annotations } = policy
  return { id, effect, annotations, ...exactSyntax(policy) }
}
