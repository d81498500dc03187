import { z } from 'zod'
import { policyBytes, policyForm } from './policies.ts'
import { route } from './route.ts'
import { members } from './shapes.ts'

/** How much depends on a plan: at most 5, 10, 20 or 30 of its steps are looked at. */
export const risk = z.enum(['low', 'medium', 'high', 'critical'])

/** A registered tool by name, or any action; a verb such as `delete` stands for its effect. */
const step = z.strictObject({
  action: z.string().min(1).max(200),
  resource: z.string().max(10_000).optional(),
  input: members.optional(),
})

const planned = z.object({
  action: z.string(),
  resource: z.string(),
  verdict: z.enum(['allow', 'hold', 'deny']),
  code: z.string().optional(),
  /** `off`: nothing was proved of it; else what the solver says. */
  solver: z.string(),
})

export const planAnswer = z.object({
  /**
   * Whether every step would be allowed, as long as each succeeds with output that is as trusted as its tool's registration says:
   * nobody knows what a step will read. Never of an inconclusive plan.
   */
  safe: z.boolean(),
  /** It has more steps than its risk lets be looked at, and none of those is blocked. */
  inconclusive: z.boolean(),
  evaluated_steps: z.number(),
  /** The first step that would not run: refused, or held for a person. */
  blocked_step_index: z.number().optional(),
  blocked_reason: z.string().optional(),
  /** The call that is refused, masked. */
  counterexample: z.object({ action: z.string(), resource: z.string(), input: members }).optional(),
  trace: z.array(planned),
  bound: z.number(),
  /** The policy sets that it was judged by. */
  digests: z.array(z.string()),
})
export type WirePlanAnswer = z.infer<typeof planAnswer>

export const plans = {
  /**
   * Decides the steps in order, as calls in one session of `principal`, on a state of their own that starts empty: rates, budgets
   * and taint count what the steps before would have done. Nothing is executed, recorded or counted. Of another principal than
   * whoever asks it needs `user:read`; 404 for one that is not known.
   */
  verify: route({
    method: 'POST',
    path: '/api/plans/verify',
    needs: 'policy:evaluate',
    body: z.strictObject({
      /** Whoever asks, unless given. Roles are the server's to know. */
      principal: z.string().max(200).optional(),
      steps: z.array(step).min(1).max(1_000),
      risk: risk.default('medium'),
      /** To judge by it in place of the active sets. */
      policy: policyForm.optional(),
    }),
    response: planAnswer,
    bodyLimit: policyBytes,
    exact: true,
  }),
}
