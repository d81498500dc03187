import { holds, routes, type WirePlanAnswer } from '@agentgate/api'
import { type Asker, isObject, type PlanAnswer, type PlanStep, type PrincipalId } from '@agentgate/core'
import { gone, type Open, type Who } from '../door.ts'
import { Fault, notFound } from '../fault.ts'
import type { House } from '../house.ts'
import { withinBounds } from '../input-bounds.ts'
import { plain, prepared, unsaved } from '../policies/forms.ts'

/** What would become of calls, one after the other, before any of them is made. */
export function planRoutes(open: Open, house: House): void {
  open(routes.plans.verify, async ({ body, who, reply }) => {
    withinBounds(body.steps, '/steps')
    const asker = await askerOf(who, body.principal)
    const own = body.policy && unsaved(await prepared(house, who.asker.principal, { policy: body.policy }))
    const sets = own ? [own] : await house.policies.active(asker.principal.tenant)
    const steps = body.steps.map(({ action, resource, input = {} }, at): PlanStep => {
      const given = plain(input, `/steps/${at}/input`)
      return { action, ...(resource !== undefined && { resource }), input: isObject(given) ? given : {} }
    })
    const plan = { asker, steps, risk: body.risk, sets, own: own !== undefined, signal: gone(reply) }
    return wirePlan(await house.verifyPlan(plan), sets)
  })

  async function askerOf({ asker }: Who, id: string | undefined): Promise<Asker> {
    if (id === undefined || id === asker.principal.id) return asker
    if (!holds(asker.principal.roles, 'user:read'))
      throw new Fault(
        403,
        'not-permitted',
        'The plan of another principal needs the permission `user:read`: leave `principal` out for your own.',
      )
    const principal = await house.principals.find(asker.principal.tenant, id as PrincipalId)
    if (!principal) throw notFound('principal')
    return { principal, facts: {} }
  }
}

function wirePlan(answer: PlanAnswer, sets: readonly { readonly digest: string }[]): WirePlanAnswer {
  const { safe, inconclusive, evaluatedSteps, blockedStepIndex, blockedReason, counterexample, trace, bound } = answer
  return {
    safe,
    inconclusive,
    evaluated_steps: evaluatedSteps,
    ...(blockedStepIndex !== undefined && { blocked_step_index: blockedStepIndex }),
    ...(blockedReason !== undefined && { blocked_reason: blockedReason }),
    ...(counterexample && { counterexample: { ...counterexample, input: { ...counterexample.input } } }),
    trace: [...trace],
    bound,
    digests: sets.map(({ digest }) => digest),
  }
}
