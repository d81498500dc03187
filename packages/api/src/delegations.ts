import { z } from 'zod'
import { route } from './route.ts'
import { byId, id, page, paging, sha256Hex, time } from './shapes.ts'

const principal = z
  .string()
  .max(200)
  .regex(/^(User|Agent)::[\w.:-]+$/, 'a principal, such as `Agent::<id>`')

/** A tool's name, or `effect:` and an effect. */
const action = z.union([
  z.string().regex(/^effect:(read|write|delete|execute|send|pay)$/),
  z
    .string()
    .min(1)
    .max(128)
    .regex(/^[^:\s]+$/, 'the name of a tool, or `effect:read`, `effect:pay`, …'),
])

/** Exact, all below a path (`/reports/*`), or `*`. */
const resource = z
  .string()
  .min(1)
  .max(1_000)
  .refine((text) => !/\*/.test(text.replace(/^\*$|\/\*$/, '')), 'a resource, all below a path (`/reports/*`), or `*`: no other star')

const constraints = z.strictObject({
  /** Micro-dollars that one call may cost. A tool that does not say what it costs is not covered. */
  max_cost: z.number().int().min(0).max(Number.MAX_SAFE_INTEGER).optional(),
  /** How little the content may be trusted that a call is made of: `none` only that of the house, `user` also that of people. */
  taint: z.enum(['none', 'user']).optional(),
})

/** Authority that one principal handed on to another. */
export const grant = z.object({
  id,
  issuer: z.string(),
  holder: z.string(),
  parent: z.string().optional(),
  allowed_actions: z.array(z.string()),
  resource_scope: z.array(z.string()),
  constraints,
  /** `approval`: a person approves each call under it. */
  obligations: z.array(z.enum(['approval'])),
  issued_at: time,
  expires_at: time,
  revoked_at: time.optional(),
  /** Id of the issuer's own key that signed it, beside the server. Absent: the server's word for an issuer that it authenticated. */
  issuer_key: sha256Hex.optional(),
  /** By itself: what it was handed on from may be over. `unsigned`: somebody wrote it into the database, and it covers nothing. */
  state: z.enum(['stands', 'revoked', 'expired', 'unsigned']),
})
export type WireGrant = z.infer<typeof grant>

/** Ed25519: 32 bytes, base64. */
const publicKey = z.string().regex(/^[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$/, '32 bytes in base64')

/** The key by which an issuer signs what it hands on. */
export const issuerKey = z.object({ issuer: z.string(), key_id: sha256Hex, public_key: publicKey })
export type WireIssuerKey = z.infer<typeof issuerKey>

export const delegations = {
  /** Newest first; `standing`: only those that are neither revoked nor over; agents and people without `delegation:write` see what they issued or hold. */
  list: route({
    method: 'GET',
    path: '/api/delegations',
    needs: 'evidence:read',
    query: z.object({ ...paging, holder: principal.optional(), standing: z.literal('true').optional() }),
    response: page(grant),
  }),
  /** A grant with all that it is handed on from, the root last, and its signed statement. */
  get: route({
    method: 'GET',
    path: '/api/delegations/:id',
    needs: 'evidence:read',
    params: byId,
    response: z.object({ chain: z.array(grant), envelope: z.record(z.string(), z.unknown()) }),
  }),
  /**
   * Hands authority on. Without `parent`, whoever holds `delegation:write`; with it, the holder of that grant, to somebody who acts
   * under grants already. From the first grant on, its holder acts under grants only. 422 `wider-than-parent` with the fields,
   * 409 `too-many-grants`, 409 `parent-ended`, 409 `unbound-holder`.
   *
   * An issuer with a key signs each itself: 409 `signature-required` has the `statement` to sign, base64, and takes effect on nothing. Sent
   * again within five minutes, as it was, with `signed`, it is issued. What is signed is its DSSE encoding, of the type
   * `application/vnd.in-toto+json`.
   */
  issue: route({
    method: 'POST',
    path: '/api/delegations',
    needs: 'signed-in',
    body: z.strictObject({
      holder: principal,
      parent: id.optional(),
      /** None: the holder may do only what others hand on to it. */
      allowed_actions: z.array(action).max(50),
      resource_scope: z.array(resource).min(1).max(50),
      constraints: constraints.default({}),
      obligations: z
        .array(z.enum(['approval']))
        .max(1)
        .default([]),
      expires_at: time,
      signed: z
        .strictObject({
          statement: z.base64().max(100_000),
          /** Ed25519: 64 bytes, base64. */
          signature: z.base64().length(88),
        })
        .optional(),
    }),
    response: grant,
    status: 201,
  }),
  /** Administrators and auditors see the keys of all; others their own. */
  issuerKeys: route({
    method: 'GET',
    path: '/api/delegations/issuer-keys',
    needs: 'evidence:read',
    response: z.object({ items: z.array(issuerKey) }),
  }),
  /**
   * From then on, a grant of the caller covers nothing without its own signature. People step up; an agent enrols one key, and an
   * administrator removes it before it enrols another (409 `key-enrolled`).
   */
  enrolKey: route({
    method: 'PUT',
    path: '/api/delegations/issuer-key',
    needs: 'signed-in',
    body: z.strictObject({ public_key: publicKey }),
    response: issuerKey,
  }),
  /** What it signed stands; what its issuer hands on afterwards has the server's word again. Oneself or whoever holds `delegation:write`, stepped up. */
  removeKey: route({
    method: 'DELETE',
    path: '/api/delegations/issuer-keys/:issuer',
    needs: 'signed-in',
    params: z.object({ issuer: principal }),
    response: z.object({ ok: z.literal(true) }),
  }),
  /** Ends it, and all that was handed on from it, for the next decision on. Its issuer, and whoever holds `delegation:write`. */
  revoke: route({ method: 'POST', path: '/api/delegations/:id/revoke', needs: 'signed-in', params: byId, response: grant }),
}
