import { z } from 'zod'
import { route } from './route.ts'
import { byId, id, page, time } from './shapes.ts'

export const threatState = z.enum(['pending', 'acknowledged', 'resolved', 'dismissed'])

/** Something seen that may be an attack. */
export const raisedThreat = z.object({
  id,
  /** A kind of payload, `prompt_injection`, `brute_force`, `credential_stuffing`, … */
  kind: z.string(),
  severity: z.enum(['critical', 'high', 'medium']),
  /** Who, by id, or where from: `network:` and an address. */
  subject: z.string(),
  /** The decision by which it was seen last: `GET /api/traces/{id}`. */
  decision_id: z.string().optional(),
  state: threatState,
  /** How often it was seen while it was open. */
  count: z.number().int(),
  first_at: time,
  last_at: time,
  moved_by: z.string().optional(),
  moved_at: time.optional(),
})
export type WireThreat = z.infer<typeof raisedThreat>

/** A threat with its life: the first sighting, the latest ones, and every move, oldest first. */
export const threatStory = raisedThreat.extend({
  steps: z.array(
    z.union([
      z.strictObject({ at: time, decision_id: z.string().optional() }),
      z.strictObject({ at: time, to: z.enum(['acknowledged', 'resolved', 'dismissed']), by: z.string() }),
    ]),
  ),
})
export type WireThreatStory = z.infer<typeof threatStory>

const network = z
  .string()
  .min(2)
  .max(64)
  .regex(/^[0-9a-fA-F.:]+$/, 'an IP address')

/** A principal's id, or `network:` and an address. */
const subject = z
  .string()
  .min(2)
  .max(200)
  .regex(/^(network:[0-9a-fA-F.:]+|\w+::[\w.:-]+)$/, 'a principal, or `network:` and an IP address')

export const block = z.object({ subject, until: time, why: z.string(), by: z.string().optional() })

export const honeyLevel = z.enum(['log', 'alert', 'block'])

export const honeyToken = z.object({
  id,
  /** Where it is planted. */
  name: z.string(),
  /** What becomes of whoever touches it: on record only, people are told too, or principal and network are blocked for an hour as well. */
  level: honeyLevel,
  /** `key-replaced`: planted under an earlier `SECRET_KEY`, and found no more. */
  state: z.enum(['planted', 'retired', 'key-replaced']),
  planted_at: time,
  planted_by: z.string(),
  /** How many calls carried it. */
  touches: z.number().int(),
  touched_at: time.optional(),
  retired_at: time.optional(),
})
export type WireHoneyToken = z.infer<typeof honeyToken>

/** What entered a session of a principal; without `session_id`, all its calls that named none. */
export const taintMark = z.object({ session_id: z.string().optional(), taint: z.enum(['none', 'user', 'untrusted']) })

const moving = (verb: string) =>
  route({ method: 'POST', path: `/api/security/threats/:id/${verb}`, needs: 'threat:update', params: byId, response: raisedThreat })

export const threats = {
  /** Last seen first, at most `limit`. */
  list: route({
    method: 'GET',
    path: '/api/security/threats',
    needs: 'threat:read',
    query: z.object({ state: threatState.optional(), limit: z.coerce.number().int().min(1).max(200).default(50) }),
    response: page(raisedThreat),
  }),
  get: route({ method: 'GET', path: '/api/security/threats/:id', needs: 'threat:read', params: byId, response: threatStory }),
  /** 409 `threat-closed` when somebody moved it on already. */
  acknowledge: moving('acknowledge'),
  resolve: moving('resolve'),
  dismiss: moving('dismiss'),
  /** What has entered the sessions of a principal, by session. */
  taints: route({
    method: 'GET',
    path: '/api/security/taints',
    needs: 'threat:read',
    query: z.object({ principal: id, cursor: z.string().max(200).optional(), limit: z.coerce.number().int().min(1).max(200).default(50) }),
    response: page(taintMark),
  }),
  /**
   * A person has looked at what entered a session, and trusts it again from here on; answers what it was. What enters later taints it anew, a
   * message that still carries what entered before included. 403 `no-session` for API keys, 404 where nothing had entered.
   */
  resetTaint: route({
    method: 'POST',
    path: '/api/security/taints/reset',
    needs: 'threat:update',
    body: z.strictObject({ principal: id, session_id: z.string().min(1).max(200).optional() }),
    response: taintMark,
  }),
  blocklist: route({ method: 'GET', path: '/api/security/blocklist', needs: 'threat:read', response: page(block) }),
  /** Refuses every request from the network of this address, or every call of this principal. 422 `own-network` for the network that asks. */
  block: route({
    method: 'POST',
    path: '/api/security/blocklist',
    needs: 'threat:update',
    body: z.strictObject({ address: network.optional(), principal: id.optional(), hours: z.number().min(0.01).max(8_760).default(1) }),
    response: block,
  }),
  unblock: route({
    method: 'DELETE',
    path: '/api/security/blocklist/:subject',
    needs: 'threat:update',
    params: z.object({ subject }),
    response: z.object({ ok: z.literal(true) }),
  }),
  /** Newest first. Agents do not get to know of them. */
  honeyTokens: route({ method: 'GET', path: '/api/security/honey-tokens', needs: 'threat:update', response: page(honeyToken) }),
  /** Answers the value, this once: plant it where only an intruder looks. 409 `too-many-honey-tokens`. */
  plantHoneyToken: route({
    method: 'POST',
    path: '/api/security/honey-tokens',
    needs: 'threat:update',
    body: z.strictObject({
      name: z.string().min(1).max(100),
      level: honeyLevel.default('alert'),
      /** What the value begins with, so that it looks like what it stands for: `sk_live_`. */
      prefix: z
        .string()
        .regex(/^[\x21-\x7e]{0,100}$/, 'up to 100 ASCII signs, no spaces')
        .default(''),
    }),
    response: z.object({ value: z.string(), honey_token: honeyToken }),
  }),
  /** It is not looked for any more. */
  retireHoneyToken: route({
    method: 'DELETE',
    path: '/api/security/honey-tokens/:id',
    needs: 'threat:update',
    params: byId,
    response: z.object({ ok: z.literal(true) }),
  }),
}
