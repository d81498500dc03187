import { z } from 'zod'
import { argumentKind, boundary, effect } from './calls.ts'
import { route } from './route.ts'
import { members, page, sha256Hex } from './shapes.ts'

const toolName = z
  .string()
  .min(1)
  .max(128)
  .regex(/^[A-Za-z0-9_][A-Za-z0-9_.:-]*$/, 'letters, digits, `_ . : -`')

/** What a tool says of itself. `input` is JSON Schema 2020-12 of an object; unknown keys of a call are refused. */
export const toolBody = z.strictObject({
  description: z.string().max(10_000).optional(),
  input: members,
  effect,
  action: z.string().min(1).max(200).optional(),
  /** The top-level string argument that names the resource. */
  resource: z.string().min(1).max(200).optional(),
  arguments: z.record(z.string().max(200), argumentKind).optional(),
  boundary: boundary.optional(),
  /** Micro-dollars a call. */
  cost: z.number().int().min(0).optional(),
  approval: z.boolean().optional(),
  /** Taints the session that reads its output; by default `untrusted`, and `none` for a model (`model.call`). */
  outputLabel: z.enum(['none', 'user', 'untrusted']).optional(),
  /** Its session begins anew once it has succeeded. Whoever may activate policies confirms it, stepped up: until then it is in quarantine. */
  declassifies: z.boolean().optional(),
})
export type ToolBody = z.infer<typeof toolBody>

export const tool = z.object({
  name: toolName,
  ...toolBody.shape,
  action: z.string(),
  boundary,
  arguments: z.record(z.string(), argumentKind),
  digest: sha256Hex,
  /** Its registration changed: calls are refused until the change is confirmed. */
  quarantined: z.boolean(),
})
export type Tool = z.infer<typeof tool>

const named = z.object({ name: toolName })

export const tools = {
  list: route({ method: 'GET', path: '/api/tools', needs: 'policy:read', response: page(tool) }),
  /**
   * A changed registration is quarantined unless `confirm` carries the digest it is to have. 409 `tool-schema-conflict` with
   * `conflicts` when published policies or invariants would no longer validate, or active rules on input
   * fields would not cover the tool, unless `confirm` carries that digest: that takes `policy:activate`, and a step-up where an
   * active version is concerned. 409 `action-conflict`, which nobody can confirm, when an action would stand for two effects.
   */
  put: route({
    method: 'PUT',
    path: '/api/tools/:name',
    needs: 'tool:register',
    params: named,
    query: z.object({ confirm: sha256Hex.optional() }),
    body: toolBody,
    response: tool,
  }),
  /**
   * Takes what activating a policy takes: who removes a tool could register it anew, as something else. 409 `tool-in-use` with
   * `conflicts` when published policies or invariants would no longer validate without it, unless `confirm` carries its digest.
   */
  remove: route({
    method: 'DELETE',
    path: '/api/tools/:name',
    needs: 'policy:activate',
    params: named,
    query: z.object({ confirm: sha256Hex.optional() }),
    response: z.object({ ok: z.literal(true) }),
  }),
}
