import type { CedarPolicy } from './cedar-text.ts'
import { askCedar } from './cedar-wasm.ts'
import type { Evaluation } from './evaluation.ts'
import type { CedarRequest } from './facts.ts'

/**
 * Evaluates with Cedar's official build: what the compiled evaluator is tested and measured against. It names the permits
 * that apply only when no forbid does. Throws when Cedar refuses the request. A `name` serves its newest oracle only.
 */
export function cedarOracle(policies: readonly CedarPolicy[], name = 'oracle'): (request: CedarRequest) => Evaluation {
  const staticPolicies = Object.fromEntries(policies.map(({ id, text }) => [id, text]))
  const effects = new Map(policies.map(({ id, effect }) => [id, effect]))
  const read = askCedar((cedar) => cedar.preparsePolicySet(name, { staticPolicies }))
  if (read?.type !== 'success') throw new TypeError(read?.errors[0]?.message ?? 'Cedar gave up')
  return ({ context, entities, ...question }) => {
    const call = { ...question, context: { ...context }, entities: [...entities], preparsedPolicySetId: name }
    const answer = askCedar((cedar) => cedar.statefulIsAuthorized(call))
    if (answer?.type !== 'success') throw new TypeError(answer?.errors[0]?.message ?? 'Cedar gave up')
    const { reason, errors } = answer.response.diagnostics
    return {
      permits: reason.filter((id) => effects.get(id) === 'permit'),
      forbids: reason.filter((id) => effects.get(id) === 'forbid'),
      errors: errors.map(({ policyId, error }) => ({ policy: policyId, message: error.message })),
    }
  }
}
