import { z } from 'zod'
import { route } from './route.ts'
import { members, page, paging, sha256Hex, time } from './shapes.ts'

/** Most bytes of a request that brings policies: a set of 4 MiB, and room for what JSON writes around it. */
export const policyBytes = (4 << 20) + (512 << 10)

/** Cedar. What is longer than 4 MiB is refused with 413. */
const cedar = z.string().max(5 << 20)
const why = z.string().max(2_000).default('')
const versionNumber = z.number().int().min(1)

/** How a set stands. `published`: never active so far; `inactive`: was active before; `deleted`: only its history is left. */
export const policyState = z.enum(['draft', 'published', 'active', 'inactive', 'deleted'])
export type PolicyState = z.infer<typeof policyState>

const written = z.object({ form: z.enum(['quick', 'conditioned']), json: z.string() })

/** A published version. It never changes; `digest` is the SHA-256 of `text`. */
export const policyVersion = z.object({
  id: z.string(),
  version: z.number(),
  digest: sha256Hex,
  active: z.boolean(),
  /** Cedar. */
  text: z.string(),
  /** Cedar with `@invariant` annotations: what must hold of every call. Never decides. */
  invariants: z.string().optional(),
  source: written.optional(),
  published_at: time,
  published_by: z.string(),
})
export type PolicyVersion = z.infer<typeof policyVersion>

/** A version in a list: everything but its text. */
export const policyVersionSummary = z.object({
  id: z.string(),
  version: z.number(),
  digest: sha256Hex,
  active: z.boolean(),
  form: z.enum(['cedar', 'quick', 'conditioned']),
  has_invariants: z.boolean(),
  published_at: time,
  published_by: z.string(),
})
export type PolicyVersionSummary = z.infer<typeof policyVersionSummary>

/** What is being written. Each save has the next `revision`; publishing makes a version of it and leaves none. */
export const policyDraft = z.object({
  id: z.string(),
  revision: z.number(),
  text: z.string(),
  invariants: z.string().optional(),
  source: written.optional(),
  digest: sha256Hex,
  edited_at: time,
  edited_by: z.string(),
})
export type PolicyDraft = z.infer<typeof policyDraft>

/** `digest` and `published_at` are those of the newest version; null while there is only a draft. */
export const policySet = z.object({
  id: z.string(),
  state: policyState,
  /** Its active version cannot change, and it cannot be deleted, until it is unlocked. */
  locked: z.boolean(),
  versions: z.number(),
  active_version: z.number().nullable(),
  digest: sha256Hex.nullable(),
  published_at: time.nullable(),
  draft: z.object({ revision: z.number(), edited_at: time, edited_by: z.string() }).nullable(),
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
  /** Which of the two texts. */
  in: z.enum(['policy', 'invariants']).optional(),
})
export type Diagnostic = z.infer<typeof diagnostic>

/** One of the ways in: Cedar text, quick rules, or conditioned rules. All become Cedar text. */
export const policyForm = z.union([
  z.strictObject({ text: cedar }),
  z.strictObject({ quick: members }),
  z.strictObject({ conditioned: members }),
])
export type PolicyForm = z.infer<typeof policyForm>

const reserved = new Set(['starters', 'validate', 'evaluate', 'load'])
const policyId = z
  .string()
  .min(1)
  .max(100)
  .regex(/^[a-z0-9][a-z0-9._-]*$/, 'lower-case letters, digits, dots, dashes')
const newPolicyId = policyId.refine((id) => !reserved.has(id), 'is a name of the API itself: choose another')
const named = z.object({ id: policyId })
const newlyNamed = z.object({ id: newPolicyId })

/** A call that shows something: as the solver found it and the evaluator decided it. Integers beyond 2^53 are strings. */
export const exampleCall = z.object({
  principal: z.object({ id: z.string(), roles: z.array(z.string()) }),
  action: z.string(),
  resource: z.string(),
  context: members,
  /** Obligations that the example takes as discharged: `rate 100/1m`. */
  discharged: z.array(z.string()),
})
export type ExampleCall = z.infer<typeof exampleCall>

/** What became of a question about all calls. `unknown` is neither yes nor no, and says why and by which constructs. */
export const solverAnswer = z.object({
  answer: z.enum(['holds', 'violated', 'unknown']),
  counterexample: exampleCall.optional(),
  unsupported: z.array(z.string()).optional(),
  why: z.string().optional(),
})
export type SolverAnswer = z.infer<typeof solverAnswer>

export const invariantAnswer = z.object({ ...solverAnswer.shape, id: z.string(), says: z.string(), set: z.string() })
export type InvariantAnswer = z.infer<typeof invariantAnswer>

/** Calls that are decided otherwise: `violated` with examples, at most one a tool; `holds`: there are none. */
export const changedCalls = z.object({ ...solverAnswer.shape, examples: z.array(exampleCall) })
export type ChangedCalls = z.infer<typeof changedCalls>

const policyRef = z.object({
  id: z.string(),
  effect: z.enum(['permit', 'forbid']),
  text: z.string(),
})

/** What two texts differ in, policy by policy. */
export const policyChanges = z.object({
  added: z.array(policyRef),
  removed: z.array(policyRef),
  changed: z.array(z.object({ id: z.string(), before: policyRef, after: policyRef })),
})
export type PolicyChanges = z.infer<typeof policyChanges>

/** A version after it was activated, or was so before, and what that newly allows: `unknown` where it could not be told in time. */
export const movedVersion = z.object({
  ...policyVersion.shape,
  newly_allowed: changedCalls.optional(),
  /** Invariants of which nobody can tell whether they hold. */
  undecided: z.array(invariantAnswer).optional(),
})
export type MovedVersion = z.infer<typeof movedVersion>

/** What a change of the active version would do, said before it is done. */
export const consequences = z.object({
  id: z.string(),
  from: z.number().nullable(),
  to: z.number().nullable(),
  ...policyChanges.shape,
  /** Ids of forbids that would decide no longer, as they were. */
  forbids_removed: z.array(z.string()),
  /** Ids of permits that say neither which actions nor which resources, and are new. */
  unscoped_permits: z.array(z.string()),
  /** No policy set would be active: everything is denied. */
  denies_all: z.boolean(),
  newly_allowed: changedCalls,
  newly_denied: changedCalls,
  invariants: z.array(invariantAnswer),
  /** Whether a fresh step-up is asked for, and why. */
  step_up: z.boolean(),
  widened_by: z.array(z.string()),
  /** The code it would be refused with: `policy-locked`, `invariant-violated`, …; null when it may be done. */
  refused: z.object({ code: z.string(), message: z.string() }).nullable(),
})
export type Consequences = z.infer<typeof consequences>

/** Which policies: a version of a set, its draft, or texts that nobody saved. The newest version when nothing else is said. */
const subject = {
  version: versionNumber.optional(),
  draft: z.boolean().optional(),
}

/** The call to judge. Nothing runs and nothing is recorded. */
export const evaluateBody = z.strictObject({
  /** The set to judge by: its newest version, or the one given; absent, the active sets. */
  policy_set_id: policyId.optional(),
  ...subject,
  text: cedar.optional(),
  quick: members.optional(),
  conditioned: members.optional(),
  principal: z.strictObject({
    id: z.string().max(200),
    roles: z.array(z.string().max(100)).max(50).default([]),
    mfa: z.boolean().default(false),
  }),
  action: z.string().max(200),
  resource: z.string().max(10_000),
  context: members.default({}),
  /** Who is in whom, besides what the call says itself: principals and roles by `Type::id`. A cycle is refused. */
  entities: z
    .array(z.strictObject({ id: z.string().max(300), parents: z.array(z.string().max(300)).max(100).default([]) }))
    .max(1_000)
    .default([]),
})

const verdictWord = z.enum(['allow', 'hold', 'deny'])

/** One recorded call that would be decided otherwise. */
export const replayedCall = z.object({
  id: z.string(),
  at: time,
  tool: z.string(),
  action: z.string(),
  resource: z.string(),
  principal: z.string(),
  before: verdictWord,
  after: verdictWord,
  determining: z.array(z.string()),
})
export type ReplayedCall = z.infer<typeof replayedCall>

const tally = z.object({ name: z.string(), calls: z.number(), newly_allowed: z.number(), newly_denied: z.number() })

/** `newly_allowed` and `newly_denied` count all of the calls looked at; `changed` lists the newest 200 of them. */
export const replayed = z.object({
  calls: z.number(),
  newly_allowed: z.number(),
  newly_denied: z.number(),
  /** Verdicts that changed between hold and deny, or became hold. */
  otherwise: z.number(),
  by_tool: z.array(tally),
  by_agent: z.array(tally),
  changed: z.array(replayedCall),
  /** Calls that could not be judged again: their tool is gone, or their facts do not fit. */
  unfit: z.number(),
})
export type Replayed = z.infer<typeof replayed>

/** A policy of the set that does nothing among the active sets. Policies of others are named `set/policy` in `by`. */
export const policyFinding = z.object({
  policy: z.string(),
  /** `vacuous`: never applies. `contradictory`: a permit that a forbid always overrides. `shadowed`: nothing changes without it. */
  kind: z.enum(['vacuous', 'contradictory', 'shadowed']),
  by: z.array(z.string()),
})
export type PolicyFinding = z.infer<typeof policyFinding>

export const analyzed = z.object({
  invariants: z.array(invariantAnswer).optional(),
  difference: z.object({ newly_allowed: changedCalls, newly_denied: changedCalls }).optional(),
  findings: z
    .object({ found: z.array(policyFinding), unknown: z.array(z.object({ ...solverAnswer.shape, policy: z.string() })) })
    .optional(),
  at_most: solverAnswer.optional(),
  ms: z.number(),
})
export type Analyzed = z.infer<typeof analyzed>

/** A bundled set, to begin one's own with. */
export const starterSet = z.object({ id: z.string(), text: z.string(), invariants: z.string() })
export type StarterSet = z.infer<typeof starterSet>

const toPublish = z.strictObject({ id: newPolicyId, policy: policyForm, invariants: cedar.optional() })

export const policies = {
  /** Deleted sets are listed too, with `?deleted=true`. */
  list: route({
    method: 'GET',
    path: '/api/policies',
    needs: 'policy:read',
    query: z.object({ deleted: z.stringbool().optional() }),
    response: page(policySet),
  }),
  starters: route({ method: 'GET', path: '/api/policies/starters', needs: 'policy:read', response: page(starterSet) }),
  /** Publishes: the first version of a set, or its next. 422 with line and column when it does not parse or fit the schema. */
  create: route({
    method: 'POST',
    path: '/api/policies',
    needs: 'policy:write',
    body: z.strictObject({ ...toPublish.shape, why: why.optional() }),
    response: policyVersion,
    status: 201,
    bodyLimit: policyBytes,
    exact: true,
  }),
  /** Reads several sets as one: all are saved as drafts, or published, or none is. Nothing is activated. */
  load: route({
    method: 'POST',
    path: '/api/policies/load',
    needs: 'policy:write',
    body: z.strictObject({ sets: z.array(toPublish).min(1).max(50), publish: z.boolean().default(false), why }),
    response: page(policySet),
    bodyLimit: policyBytes,
    exact: true,
  }),
  validate: route({
    method: 'POST',
    path: '/api/policies/validate',
    needs: 'policy:read',
    body: z.strictObject({ policy: policyForm, invariants: cedar.optional() }),
    response: z.object({
      valid: z.boolean(),
      diagnostics: z.array(diagnostic),
      /** What is most likely not meant, and no hindrance to publishing. */
      warnings: z.array(diagnostic).optional(),
      /** The Cedar that it becomes. */
      text: z.string().optional(),
      policies: z.number().optional(),
    }),
    bodyLimit: policyBytes,
    exact: true,
  }),
  evaluate: route({
    method: 'POST',
    path: '/api/policies/evaluate',
    needs: 'policy:evaluate',
    body: evaluateBody,
    response: z.object({
      verdict: verdictWord,
      reason: z.object({ code: z.string(), message: z.string() }).optional(),
      determining: z.array(z.string()),
      obligations: z.array(z.object({ name: z.string(), value: z.string(), policy: z.string() })),
      digests: z.array(z.string()),
    }),
    bodyLimit: policyBytes,
    exact: true,
  }),
  /** The version asked for; else the active one; else the newest. 404 for a set that has a draft only. */
  get: route({
    method: 'GET',
    path: '/api/policies/:id',
    needs: 'policy:read',
    params: named,
    query: z.object({ version: z.coerce.number().int().min(1).optional() }),
    response: policyVersion,
  }),
  /** How the set stands. */
  standing: route({ method: 'GET', path: '/api/policies/:id/standing', needs: 'policy:read', params: named, response: policySet }),
  versions: route({
    method: 'GET',
    path: '/api/policies/:id/versions',
    needs: 'policy:read',
    params: named,
    query: z.object(paging),
    response: page(policyVersionSummary),
  }),
  /** What happened to the set, newest first: who, why, from, to. At most 200. */
  events: route({
    method: 'GET',
    path: '/api/policies/:id/events',
    needs: 'policy:read',
    params: named,
    response: page(z.object({ type: z.string(), at: time, by: z.string(), why: z.string(), facts: members })),
  }),
  /** What two versions differ in by text; `analyze` says by which calls. `to` absent: the draft if there is one, else the newest. */
  diff: route({
    method: 'GET',
    path: '/api/policies/:id/diff',
    needs: 'policy:read',
    params: named,
    query: z.object({ from: z.coerce.number().int().min(1), to: z.coerce.number().int().min(1).optional() }),
    response: z.object({ id: z.string(), from: z.number(), to: z.number().nullable(), ...policyChanges.shape }),
  }),
  draft: route({ method: 'GET', path: '/api/policies/:id/draft', needs: 'policy:read', params: named, response: policyDraft }),
  /** Saves a draft, of a new set too. 409 `draft-changed` when `revision` is given and is not the one that is saved (0: none). */
  putDraft: route({
    method: 'PUT',
    path: '/api/policies/:id/draft',
    needs: 'policy:write',
    params: newlyNamed,
    body: z.strictObject({ policy: policyForm, invariants: cedar.optional(), revision: z.number().int().min(0).optional(), why }),
    response: policyDraft,
    bodyLimit: policyBytes,
    exact: true,
  }),
  /** Makes a version of the draft. 409 `no-draft`, `draft-changed`. */
  publish: route({
    method: 'POST',
    path: '/api/policies/:id/publish',
    needs: 'policy:write',
    params: named,
    body: z.strictObject({ revision: z.number().int().min(1).optional(), why }),
    response: policyVersion,
    status: 201,
  }),
  /**
   * What activating that version (or, with null, deactivating) would do. Changes nothing. 429 `analysis-busy` while another
   * preview of the same caller is underway.
   */
  preview: route({
    method: 'POST',
    path: '/api/policies/:id/preview',
    needs: 'policy:read',
    params: named,
    /** The newest version unless given. */
    body: z.strictObject({ version: versionNumber.nullable().optional() }),
    response: consequences,
  }),
  /**
   * 403 `step-up-required` with `newly_allowed` and `widened_by`, when a forbid or an invariant goes, an unscoped permit comes, a
   * permit asks for less than it did, or nobody can tell whether an invariant holds; 409 `policy-locked`,
   * `policy-deleted`, `policy-outdated` (rules on input fields reach tools by now that it does not cover), `invariant-violated` and
   * `invariant-unreadable` (it no longer fits the tools) with `invariants`.
   */
  activate: route({
    method: 'POST',
    path: '/api/policies/:id/activate',
    needs: 'policy:activate',
    params: named,
    /** The newest version unless given. */
    body: z.strictObject({ version: versionNumber.optional(), why }),
    response: movedVersion,
  }),
  /** 409 `not-active`, `policy-locked`. Asks for a step-up like `activate`. */
  deactivate: route({
    method: 'POST',
    path: '/api/policies/:id/deactivate',
    needs: 'policy:activate',
    params: named,
    body: z.strictObject({ why }),
    response: movedVersion,
  }),
  /** Activates the version that was active before this one, or the one given. 409 `nothing-before`, and as `activate`. */
  rollback: route({
    method: 'POST',
    path: '/api/policies/:id/rollback',
    needs: 'policy:activate',
    params: named,
    body: z.strictObject({ version: versionNumber.optional(), why }),
    response: movedVersion,
  }),
  lock: route({
    method: 'POST',
    path: '/api/policies/:id/lock',
    needs: 'policy:lock',
    params: named,
    body: z.strictObject({ why }),
    response: policySet,
  }),
  /** Needs a step-up: 403 `step-up-required`. */
  unlock: route({
    method: 'POST',
    path: '/api/policies/:id/unlock',
    needs: 'policy:lock',
    params: named,
    body: z.strictObject({ why }),
    response: policySet,
  }),
  /** Judges recorded calls again by this version or draft in place of the set's active version. Nothing runs or changes. */
  replay: route({
    method: 'POST',
    path: '/api/policies/:id/replay',
    needs: 'policy:read',
    params: named,
    body: z.strictObject({ ...subject, limit: z.number().int().min(1).max(2_000).default(500) }),
    response: replayed,
  }),
  /**
   * Asks the solver. `against`: the version to compare with; by default the active one. The whole is bounded in time: 503
   * `time-over`. 429 `analysis-busy` while another analysis of the same caller is underway.
   */
  analyze: route({
    method: 'POST',
    path: '/api/policies/:id/analyze',
    needs: 'policy:read',
    params: named,
    body: z.strictObject({
      ...subject,
      questions: z
        .array(z.enum(['invariants', 'difference', 'findings', 'at_most']))
        .min(1)
        .default(['invariants', 'findings']),
      /** With `difference` and `at_most`: another version of this set, or another set at its newest version. */
      against: z.strictObject({ id: policyId.optional(), version: versionNumber.optional() }).optional(),
    }),
    response: analyzed,
  }),
  /** Leaves a tombstone: its versions stay readable, its name stays taken. 409 `policy-active`, `policy-locked`. */
  remove: route({
    method: 'DELETE',
    path: '/api/policies/:id',
    needs: 'policy:activate',
    params: named,
    query: z.object({ why: z.string().max(2_000).optional() }),
    response: policySet,
  }),
}
