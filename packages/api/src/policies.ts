import { z } from 'zod'
import { route } from './route.ts'
import { members, page, sha256Hex, time } from './shapes.ts'

export const policyVersion = z.object({
  id: z.string(),
  version: z.number(),
  digest: sha256Hex,
  active: z.boolean(),
  /** Cedar. */
  text: z.string(),
  source: z.object({ form: z.enum(['quick', 'conditioned']), json: z.string() }).optional(),
  published_at: time,
  published_by: z.string(),
})
export type PolicyVersion = z.infer<typeof policyVersion>

export const policySet = z.object({
  id: z.string(),
  versions: z.number(),
  active_version: z.number().nullable(),
  digest: sha256Hex,
  published_at: time,
})
export type PolicySetSummary = z.infer<typeof policySet>

/** What is wrong, and where: line and column count from 1. */
export const diagnostic = z.object({
  code: z.string(),
  message: z.string(),
  help: z.string().optional(),
  line: z.number().optional(),
  column: z.number().optional(),
  /** The offending text, shortened. */
  text: z.string().optional(),
  policy: z.string().optional(),
  /** JSON Pointer into the rules that the text was made from. */
  path: z.string().optional(),
})
export type Diagnostic = z.infer<typeof diagnostic>

/** One of the ways in: Cedar text or quick rules. */
export const policyForm = z.union([z.strictObject({ text: z.string().max(4 << 20) }), z.strictObject({ quick: members })])

const policyId = z
  .string()
  .min(1)
  .max(100)
  .regex(/^[a-z0-9][a-z0-9._-]*$/, 'lower-case letters, digits, dots, dashes')
const named = z.object({ id: policyId })

/** The call to judge. Nothing runs and nothing is recorded. */
export const evaluateBody = z.strictObject({
  /** The set to judge by: its newest version, or the one given; absent, the active sets. */
  policy_set_id: policyId.optional(),
  version: z.number().int().min(1).optional(),
  text: z
    .string()
    .max(4 << 20)
    .optional(),
  principal: z.strictObject({
    id: z.string().max(200),
    roles: z.array(z.string().max(100)).max(50).default([]),
    mfa: z.boolean().default(false),
  }),
  action: z.string().max(200),
  resource: z.string().max(10_000),
  context: members.default({}),
})

export const policies = {
  list: route({ method: 'GET', path: '/api/policies', needs: 'policy:read', response: page(policySet) }),
  /** Publishes: the first version of a set, or its next. 422 with line and column when it does not parse or fit the schema. */
  create: route({
    method: 'POST',
    path: '/api/policies',
    needs: 'policy:write',
    body: z.strictObject({ id: policyId, policy: policyForm }),
    response: policyVersion,
    status: 201,
  }),
  validate: route({
    method: 'POST',
    path: '/api/policies/validate',
    needs: 'policy:read',
    body: z.strictObject({ policy: policyForm }),
    response: z.object({ valid: z.boolean(), diagnostics: z.array(diagnostic), text: z.string().optional() }),
  }),
  evaluate: route({
    method: 'POST',
    path: '/api/policies/evaluate',
    needs: 'policy:evaluate',
    body: evaluateBody,
    response: z.object({
      verdict: z.enum(['allow', 'hold', 'deny']),
      reason: z.object({ code: z.string(), message: z.string() }).optional(),
      determining: z.array(z.string()),
      obligations: z.array(z.object({ name: z.string(), value: z.string(), policy: z.string() })),
      digests: z.array(z.string()),
    }),
  }),
  get: route({ method: 'GET', path: '/api/policies/:id', needs: 'policy:read', params: named, response: policyVersion }),
  versions: route({
    method: 'GET',
    path: '/api/policies/:id/versions',
    needs: 'policy:read',
    params: named,
    response: page(policyVersion),
  }),
  activate: route({
    method: 'POST',
    path: '/api/policies/:id/activate',
    needs: 'policy:activate',
    params: named,
    /** The newest version unless given. */
    body: z.strictObject({ version: z.number().int().min(1).optional(), why: z.string().max(2_000).default('') }),
    response: policyVersion,
  }),
  deactivate: route({
    method: 'POST',
    path: '/api/policies/:id/deactivate',
    needs: 'policy:activate',
    params: named,
    body: z.strictObject({ why: z.string().max(2_000).default('') }),
    response: policyVersion,
  }),
}
