import { z } from 'zod'
import { auditEvent } from './evidence.ts'
import { route } from './route.ts'
import { byId, id, members, page, paging, time } from './shapes.ts'

const text = z.string().max(1_000_000)
const span = { kind: z.string(), start: z.number(), end: z.number(), score: z.number() }

/** Offsets count UTF-16 units. */
export const detection = z.object({ ...span, recognizer: z.string() })
export type Detection = z.infer<typeof detection>
export const mapping = z.object({ token: z.string(), ...span })

/** Who may see values again: nobody; whoever the session belongs to; they, and those who may restore and reveal everything. */
export const profile = z.enum(['strict_tokenized', 'trusted_restore', 'authorized_viewers'])
export type Profile = z.infer<typeof profile>
const counts = z.record(z.string(), z.number())

export const piiSession = z.object({
  session_id: id,
  principal: z.string(),
  tenant: z.string(),
  agent: z.string().optional(),
  channel: z.string().optional(),
  conversation: z.string().optional(),
  /** `unspecified` where a call opened it. */
  purpose: z.string(),
  profile,
  created_at: time,
  expires_at: time,
  /** Whether it is known whom the data is about. Who it is, is nowhere to be read. */
  subject: z.boolean(),
  /** The tenant's key that its keys are under. */
  key: z.string(),
  /** How many values of each kind. */
  kinds: counts,
})
export type PiiSession = z.infer<typeof piiSession>

const purpose = z.string().trim().min(1).max(500)
/** Chosen by people; stands in evidence, so it holds no personal data. */
const label = z.string().min(1).max(100)

/** A certificate of erasure, in the ledger and here. */
export const erasure = z.object({
  erasure_id: id,
  /** Index in the ledger. */
  entry: z.number(),
  at: time,
  of: z.enum(['session', 'subject', 'retention']),
  sessions: z.number(),
  keys: z.array(z.string()),
  values: counts,
  /** A DSSE envelope: what stands in the ledger, and verifies by the keys of this deployment. */
  envelope: members,
  /** Opens the digest of the subject in it. It is kept nowhere: whoever asked for the erasure keeps it, to show whose it was. */
  opening: z.object({ salt: z.string(), value: z.string() }).optional(),
})
export type WireErasure = z.infer<typeof erasure>

/** A key of the tenant that wraps others: `wraps` keys of sessions and subjects. */
export const vaultKey = z.object({ id: z.string(), made_at: time, current: z.boolean(), wraps: z.number() })

/** What evidence was looked at: the events of that many newest entries. Without `complete` there are older ones. */
export const lookedAt = z.object({ entries: z.number(), from: time.nullable(), complete: z.boolean() })

export const piiStats = z.object({
  sessions: z.number(),
  subjects: z.number(),
  values: z.array(z.object({ kind: z.string(), count: z.number(), oldest: time })),
  keys: z.array(vaultKey),
  /** Events by type. */
  operations: counts,
  integrity_failures: z.number(),
  looked_at: lookedAt,
})

export const recognizer = z.strictObject({
  name: z.string().min(1).max(40),
  kind: z.string().min(2).max(32),
  /** A regular expression of linear time, in RE2's syntax. */
  pattern: z.string().min(1).max(500),
  context: z.array(z.string().max(40)).max(20).optional(),
  validator: z.enum(['luhn', 'mod97', 'aba', 'npi', 'nhs', 'dea']).optional(),
  score: z.number().gt(0).max(1).optional(),
})
export type Recognizer = z.infer<typeof recognizer>

/** One control of a norm: a query over evidence, and what it came to. */
export const complianceControl = z.object({
  id: z.string(),
  norm: z.string(),
  title: z.string(),
  status: z.enum(['pass', 'fail', 'not_measured']),
  /** What was looked at. */
  query: z.string(),
  /** What was found there. */
  found: z.string(),
  at: time,
})
export type ComplianceControl = z.infer<typeof complianceControl>

/** Seconds, from a minute to ten years. */
const seconds = z.number().int().min(60).max(315_360_000)
const kindName = z.string().regex(/^[A-Z][A-Z0-9]*(?:_[A-Z][A-Z0-9]*)*$/)

export const retention = z.object({
  /** How long sessions live after their last use: seconds. */
  sessions: z.number(),
  /** The same of private records of calls. */
  records: z.number(),
  /** Of values of a kind, where that is shorter: seconds after they were last kept. */
  kinds: counts,
  /** What is kept, and until when the oldest of it. */
  posture: z.array(
    z.object({ kind: z.string(), count: z.number(), oldest: time, kept_for: z.number(), until: time, overdue: z.boolean() }),
  ),
  /** When what is over was last taken away; null before the first time since the start. */
  purged_at: time.nullable(),
})

const auditQuery = {
  type: z.string().max(100).optional(),
  principal: z.string().max(200).optional(),
  session: z.string().max(200).optional(),
}

export const pii = {
  detect: route({
    method: 'POST',
    path: '/api/pii/detect',
    needs: 'pii:detect',
    body: z.strictObject({ text, kinds: z.array(z.string().max(100)).max(100).optional(), min_score: z.number().min(0).max(1).optional() }),
    response: z.object({ detections: z.array(detection) }),
  }),
  /** One's own; with `all` everybody's, which needs `pii:audit`. */
  sessions: route({
    method: 'GET',
    path: '/api/pii/sessions',
    needs: 'pii:redact',
    query: z.object({ ...paging, all: z.enum(['true', 'false']).optional() }),
    response: page(piiSession),
  }),
  /** `subject`: whom the data is about; only a keyed hash of it is kept, by which all of it can be erased. */
  createSession: route({
    method: 'POST',
    path: '/api/pii/sessions',
    needs: 'pii:redact',
    body: z.strictObject({
      purpose: purpose.default('unspecified'),
      profile: profile.default('trusted_restore'),
      agent: label.optional(),
      channel: label.optional(),
      conversation: label.optional(),
      subject: z.string().min(1).max(500).optional(),
      expires_at: time.optional(),
    }),
    response: piiSession,
    status: 201,
  }),
  session: route({ method: 'GET', path: '/api/pii/sessions/:id', needs: 'pii:redact', params: byId, response: piiSession }),
  /** Destroys the session's key: its tokens can never be restored again. 404 where nothing is kept, and nothing is certified. */
  forget: route({
    method: 'DELETE',
    path: '/api/pii/sessions/:id',
    needs: 'pii:redact',
    params: byId,
    response: z.object({ ok: z.literal(true), erasure }),
  }),
  redact: route({
    method: 'POST',
    path: '/api/pii/redact',
    needs: 'pii:redact',
    body: z.strictObject({ session_id: id, text }),
    response: z.object({ redacted_text: z.string(), mappings: z.array(mapping) }),
  }),
  /**
   * 409 `unknown-token`: the text holds a token this session never made, and nothing is restored. 409 `integrity-failed`: a value
   * does not open. 403 `profile-forbids`: the session is not to be restored by whoever asks. `principal`: whose session it is.
   */
  restore: route({
    method: 'POST',
    path: '/api/pii/restore',
    needs: 'pii:restore',
    body: z.strictObject({ session_id: id, text, purpose, principal: id.optional() }),
    response: z.object({ restored_text: z.string(), restorations: z.number() }),
  }),
  /** As `restore`. People need to have stepped up. */
  reveal: route({
    method: 'POST',
    path: '/api/pii/reveal',
    needs: 'pii:reveal',
    body: z.strictObject({ session_id: id, token: z.string().max(64), purpose, principal: id.optional() }),
    response: z.object({ value: z.string(), kind: z.string() }),
  }),
  /** Erases all that is kept about a subject: its key, the keys of its sessions, the private records of its calls. Needs a step-up. */
  erase: route({
    method: 'POST',
    path: '/api/pii/subjects/erase',
    needs: 'key:rotate',
    body: z.strictObject({ subject: z.string().min(1).max(500), confirm: z.literal('erase') }),
    response: erasure,
  }),
  stats: route({ method: 'GET', path: '/api/pii/stats', needs: 'pii:audit', response: piiStats }),
  /** Events about personal data, newest first. */
  audit: route({
    method: 'GET',
    path: '/api/pii/audit',
    needs: 'pii:audit',
    query: z.object({ ...paging, ...auditQuery }),
    response: page(auditEvent),
  }),
  /** The same as a file, of the newest 10,000 entries of the ledger. Cells of CSV that a spreadsheet would run begin with an apostrophe. */
  auditExport: route({
    method: 'GET',
    path: '/api/pii/audit/export',
    needs: 'audit:export',
    query: z.object({ ...auditQuery, format: z.enum(['csv', 'json', 'jsonl']).default('jsonl') }),
    response: members,
    type: 'application/octet-stream',
  }),
  compliance: route({
    method: 'GET',
    path: '/api/pii/compliance',
    needs: 'pii:audit',
    response: z.object({ controls: z.array(complianceControl), looked_at: lookedAt }),
  }),
  /** Who saw values again, how often, and what for. */
  accessReport: route({
    method: 'GET',
    path: '/api/pii/access-report',
    needs: 'pii:audit',
    response: z.object({
      items: z.array(
        z.object({
          principal: z.string(),
          restored: z.number(),
          revealed: z.number(),
          released: z.number(),
          values: counts,
          purposes: z.array(z.string()),
          sessions: z.number(),
          last_at: time,
        }),
      ),
      looked_at: lookedAt,
    }),
  }),
  keys: route({ method: 'GET', path: '/api/pii/keys', needs: 'pii:audit', response: z.object({ items: z.array(vaultKey) }) }),
  /** Makes a new key of the tenant. What older ones wrap is wrapped anew while traffic runs, and then they are destroyed. Needs a step-up. */
  rotateKeys: route({
    method: 'POST',
    path: '/api/pii/keys/rotate',
    needs: 'key:rotate',
    body: z.strictObject({ confirm: z.literal('rotate') }),
    response: z.object({ from: z.string().nullable(), to: z.string() }),
    status: 202,
  }),
  recognizers: route({
    method: 'GET',
    path: '/api/pii/recognizers',
    needs: 'pii:detect',
    response: z.object({ items: z.array(recognizer) }),
  }),
  /** Calls are masked by it from then on. 422 `invalid-recognizer`, 422 `personal-data`, 409 `duplicate-id`. */
  addRecognizer: route({
    method: 'POST',
    path: '/api/pii/recognizers',
    needs: 'config:update',
    body: recognizer,
    response: recognizer,
    status: 201,
  }),
  removeRecognizer: route({
    method: 'DELETE',
    path: '/api/pii/recognizers/:id',
    needs: 'config:update',
    params: byId,
    response: z.object({ ok: z.literal(true) }),
  }),
  retention: route({ method: 'GET', path: '/api/pii/retention', needs: 'pii:audit', response: retention }),
  setRetention: route({
    method: 'PUT',
    path: '/api/pii/retention',
    needs: 'config:update',
    body: z.strictObject({ kinds: z.record(kindName, seconds).refine((kinds) => Object.keys(kinds).length <= 100) }),
    response: retention,
  }),
}
