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
  /** 409 `threat-closed` when somebody moved it on already. */
  acknowledge: moving('acknowledge'),
  resolve: moving('resolve'),
  dismiss: moving('dismiss'),
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
}
