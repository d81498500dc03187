import { z } from 'zod'
import { route } from './route.ts'
import { byId, id, members, page, paging, sha256Hex, time } from './shapes.ts'

/** A DSSE envelope: `payload` and `sig` are base64 of exact bytes. */
export const envelope = z.object({
  payloadType: z.string(),
  payload: z.string(),
  signatures: z.array(z.object({ keyid: z.string(), sig: z.string() })),
})
export type WireEnvelope = z.infer<typeof envelope>

export const certificate = z.object({
  decision_id: id,
  call_id: id,
  issued_at: time,
  verdict: z.enum(['allow', 'hold', 'deny']),
  result: z.enum(['ADMISSIBLE', 'INADMISSIBLE']),
  action: z.string(),
  principal: z.string(),
  solver_mode: z.string(),
  /** Index in the ledger. */
  entry: z.number(),
})
export type Certificate = z.infer<typeof certificate>

/** The theorem of one decision, as it was proved: `script` is SMT-LIB 2.6 that any solver answers with `unsat`. */
export const theorem = z.object({
  decision_id: id,
  verdict: z.enum(['allow', 'hold', 'deny']),
  /** SHA-256 of `script`, which the certificate names. */
  theorem_hash: sha256Hex,
  proof_type: z.enum(['CONSTRUCTIVE_TRACE', 'COUNTEREXAMPLE', 'UNSAT_CORE']),
  predicates: z.array(z.object({ name: z.string(), holds: z.boolean(), witness: z.array(z.string()) })),
  /** How many policies it is about, of all that were active. */
  slice: z.object({ read: z.number(), of: z.number() }),
  solver: z.object({ name: z.string(), version: z.string(), mode: z.enum(['off', 'shadow', 'enforce']), answer: z.string() }),
  script: z.string(),
})
export type WireTheorem = z.infer<typeof theorem>

/** One named check of a verification. */
export const check = z.object({ name: z.string(), ok: z.boolean(), detail: z.string().optional() })

export const jwk = z.object({
  kty: z.string(),
  crv: z.string().optional(),
  x: z.string().optional(),
  kid: z.string(),
  use: z.string().optional(),
  alg: z.string().optional(),
})
export const jwks = z.object({ keys: z.array(jwk) })

export const auditEvent = z.object({
  seq: z.number(),
  type: z.string(),
  at: time,
  /** Opaque id of who did it; `system` for the server itself. */
  by: z.string(),
  details: members,
  hash: z.string(),
})
export type AuditEvent = z.infer<typeof auditEvent>

const hashes = z.array(sha256Hex)

/** Which entries of the ledger belong to a period; see `agentgate evidence export`. */
export const period = z.object({
  format: z.literal('agentgate-period/1'),
  tenant: z.string(),
  from: time,
  to: time,
  /** Indexes: from `first` (inclusive) to `end` (exclusive). */
  first: z.number(),
  end: z.number(),
  /** A signed tree head in C2SP tlog-checkpoint form. */
  checkpoint: z.string(),
  /** Leads from all of these entries together to the root of the checkpoint, so that none can be left out. */
  proof: hashes,
})
export type WirePeriod = z.infer<typeof period>

/** An entry of the ledger, exactly as it was hashed. */
export const ledgerEntry = z.object({
  index: z.number(),
  type: z.enum(['decision', 'outcome', 'amendment', 'approval', 'audit', 'erasure', 'grant']),
  at: time,
  /** Canonical JSON (RFC 8785): its UTF-8 is the leaf. */
  body: z.string(),
})
export type LedgerEntry = z.infer<typeof ledgerEntry>
const index = z.coerce.number().int().min(0)

export const evidence = {
  certificates: route({
    method: 'GET',
    path: '/api/certificates',
    needs: 'evidence:read',
    query: z.object(paging),
    response: page(certificate),
  }),
  certificate: route({
    method: 'GET',
    path: '/api/certificates/:id',
    needs: 'evidence:read',
    params: byId,
    response: z.object({ certificate, envelope, statement: members }),
  }),
  bundle: route({
    method: 'GET',
    path: '/api/certificates/:id/bundle',
    needs: 'evidence:read',
    params: byId,
    response: members,
    type: 'application/vnd.agentgate.bundle+json',
  }),
  /** 404 `no-theorem` for a decision that was not proved; 409 `theorem-changed` where this version would write another script. */
  theorem: route({ method: 'GET', path: '/api/certificates/:id/theorem', needs: 'evidence:read', params: byId, response: theorem }),
  /** Verifies a bundle against this server's own keys. A verifier who need not trust us uses the CLI, the browser or openssl. */
  verify: route({
    method: 'POST',
    path: '/api/certificates/verify',
    needs: 'evidence:verify',
    body: z.strictObject({ bundle: members }),
    response: z.object({ valid: z.boolean(), checks: z.array(check) }),
  }),
  keys: route({ method: 'GET', path: '/api/evidence/keys', needs: 'anyone', response: jwks }),
  wellKnownKeys: route({ method: 'GET', path: '/.well-known/agentgate-keys.json', needs: 'anyone', response: jwks }),
  /** A signed tree head in C2SP tlog-checkpoint form. */
  checkpoint: route({
    method: 'GET',
    path: '/api/evidence/checkpoint',
    needs: 'evidence:read',
    response: z.object({ size: z.number(), root: sha256Hex, checkpoint: z.string() }),
  }),
  inclusion: route({
    method: 'GET',
    path: '/api/evidence/proof/inclusion',
    needs: 'evidence:read',
    query: z.object({ index, size: index.optional() }),
    response: z.object({
      index: z.number(),
      size: z.number(),
      leaf: sha256Hex,
      root: sha256Hex.optional(),
      hashes,
      checkpoint: z.string(),
    }),
  }),
  consistency: route({
    method: 'GET',
    path: '/api/evidence/proof/consistency',
    needs: 'evidence:read',
    query: z.object({ from: index, to: index.optional() }),
    response: z.object({ from: z.number(), to: z.number(), hashes }),
  }),
  /** What an auditor takes home of a period: this, its entries, and the bundle of each decision among them. */
  period: route({
    method: 'GET',
    path: '/api/evidence/export',
    needs: 'audit:export',
    query: z.object({ from: time, to: time }),
    response: period,
  }),
  /** Entries `from` (inclusive) to `to` (exclusive), at most 500 of them. */
  entries: route({
    method: 'GET',
    path: '/api/evidence/entries',
    needs: 'audit:export',
    query: z.object({ from: index, to: index }),
    response: z.object({ items: z.array(ledgerEntry) }),
  }),
  audit: route({
    method: 'GET',
    path: '/api/audit',
    needs: 'audit:read',
    query: z.object({ ...paging, type: z.string().max(100).optional() }),
    response: page(auditEvent),
  }),
  /** Checks every entry of the ledger, and the audit chain in it, against each other and against the last checkpoint kept beside the database. */
  verifyChain: route({
    method: 'POST',
    path: '/api/audit/verify-chain',
    needs: 'audit:read',
    response: z.object({
      valid: z.boolean(),
      /** All entries of the ledger. */
      entries_checked: z.number(),
      /** Hash of the first and of the last event found in place; null for a chain without events. */
      chain_start: z.string().nullable(),
      chain_end: z.string().nullable(),
      /** The first place that is wrong: `seq` of an audit event, `index` of an entry, `what` for people. */
      first_invalid: z
        .object({
          seq: z.number().optional(),
          index: z.number().optional(),
          how: z.enum(['changed', 'removed', 'inserted', 'reordered', 'truncated']),
          what: z.string(),
        })
        .optional(),
      /** The checkpoint, kept outside the database, that all of it was compared with; null when none was kept yet. */
      checkpoint: z.object({ size: z.number(), root: sha256Hex }).nullable(),
      /** What this check cannot find out, for people. */
      limits: z.string(),
    }),
  }),
}

/** The decision whose certificate an entry of the ledger is: the body is its envelope. `undefined` for any other. */
export function decisionIn(body: string): string | undefined {
  const { payload } = envelope.parse(JSON.parse(body))
  const statement: unknown = JSON.parse(new TextDecoder().decode(Uint8Array.from(atob(payload), (char) => char.charCodeAt(0))))
  return aDecision.safeParse(statement).data?.predicate.decision_id
}

const aDecision = z.object({ predicate: z.object({ decision_id: id }) })
