import type { PolicyJson } from '@cedar-policy/cedar-wasm/nodejs'
import { type CedarPolicy, policyJson } from './cedar-text.ts'
import { withStandIns } from './exact-integers.ts'
import type { StandIn } from './expression.ts'

/** Cedar's JSON form of a policy; what its integers are, `standIn` says. */
export interface ExactSyntax {
  readonly json: PolicyJson
  readonly standIn: StandIn
}

const known = new WeakMap<CedarPolicy, ExactSyntax>()

/** Read once for all who ask about the same policy: reading costs more than most of what is asked. */
export function exactSyntax(policy: CedarPolicy): ExactSyntax {
  const found = known.get(policy) ?? read(policy)
  known.set(policy, found)
  return found
}

function read({ text, start, tokens }: CedarPolicy): ExactSyntax {
  const exact = withStandIns(text, start, tokens)
  return { json: policyJson(exact.text), standIn: exact.standIn }
}
