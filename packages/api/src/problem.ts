import { z } from 'zod'
import { finding, reason } from './calls.ts'
import { diagnostic, exampleCall, invariantAnswer } from './policies.ts'

/** RFC 9457 problem+json. `type` is the code, kebab-case and stable; `instance` is the request's id. */
export const problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.number(),
  detail: z.string(),
  instance: z.string(),
  /** Of 422: what is wrong, by JSON pointer. Never the value. */
  errors: z
    .array(
      z.object({
        path: z.string(),
        message: z.string(),
        line: z.number().optional(),
        column: z.number().optional(),
        /** Of policies: the offending text, shortened, and what to do. */
        text: z.string().optional(),
        help: z.string().optional(),
      }),
    )
    .optional(),
  /** Of `step-up-required`: example calls that would be allowed and are not now. */
  newly_allowed: z.array(exampleCall).optional(),
  /** Of `step-up-required`: the forbids that would go and the unscoped permits that would come. */
  widened_by: z.array(z.string()).optional(),
  /** Of `invariant-violated`: those that are, each with a call that shows it. Of `invariant-unreadable`: those, with why. */
  invariants: z.array(invariantAnswer).optional(),
  /** Of `tool-schema-conflict` and `tool-in-use`: the policies and invariants that would no longer validate, or not cover the tool. */
  conflicts: z
    .array(
      z.object({ set: z.string(), version: z.number(), active: z.boolean(), policies: z.array(z.string()), errors: z.array(diagnostic) }),
    )
    .optional(),
  /** Of `signature-required`: what the issuer is to sign, base64. */
  statement: z.string().optional(),
  /** Of 429: milliseconds; `Retry-After` is the same in whole seconds. */
  retry_after_ms: z.number().optional(),
  /** Of refused and held calls. */
  verdict: z.enum(['allow', 'hold', 'deny']).optional(),
  reason: reason.optional(),
  findings: z.array(finding).optional(),
  trace_id: z.string().optional(),
  certificate_id: z.string().optional(),
  approval_id: z.string().optional(),
  session_id: z.string().optional(),
  /** Of a chat whose tool waits: what the model received, and said so far. */
  sent: z.string().optional(),
  answer: z.string().optional(),
})
export type ProblemBody = z.infer<typeof problem>

export const problemType = 'application/problem+json'

/** An answer that is a refusal. `code` is the body's `type`. */
export class Problem extends Error {
  override readonly name = 'Problem'
  readonly code: string
  readonly status: number
  readonly body: ProblemBody

  constructor(body: ProblemBody) {
    super(body.detail)
    this.code = body.type
    this.status = body.status
    this.body = body
  }
}
