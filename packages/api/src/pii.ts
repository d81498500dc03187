import { z } from 'zod'
import { route } from './route.ts'
import { byId, id, page, time } from './shapes.ts'

const text = z.string().max(1_000_000)
const span = { kind: z.string(), start: z.number(), end: z.number(), score: z.number() }

/** Offsets count UTF-16 units. */
export const detection = z.object({ ...span, recognizer: z.string() })
export const mapping = z.object({ token: z.string(), ...span })

export const piiSession = z.object({
  session_id: id,
  principal: z.string(),
  purpose: z.string(),
  created_at: time,
  expires_at: time.optional(),
})

const purpose = z.string().min(1).max(500)

export const pii = {
  detect: route({
    method: 'POST',
    path: '/api/pii/detect',
    needs: 'pii:detect',
    body: z.strictObject({ text, kinds: z.array(z.string().max(100)).max(100).optional(), min_score: z.number().min(0).max(1).optional() }),
    response: z.object({ detections: z.array(detection) }),
  }),
  sessions: route({ method: 'GET', path: '/api/pii/sessions', needs: 'pii:redact', response: page(piiSession) }),
  createSession: route({
    method: 'POST',
    path: '/api/pii/sessions',
    needs: 'pii:redact',
    body: z.strictObject({ purpose: purpose.default('unspecified') }),
    response: piiSession,
    status: 201,
  }),
  session: route({ method: 'GET', path: '/api/pii/sessions/:id', needs: 'pii:redact', params: byId, response: piiSession }),
  /** Destroys the session's key: its tokens can never be restored again. */
  forget: route({
    method: 'DELETE',
    path: '/api/pii/sessions/:id',
    needs: 'pii:redact',
    params: byId,
    response: z.object({ ok: z.literal(true) }),
  }),
  redact: route({
    method: 'POST',
    path: '/api/pii/redact',
    needs: 'pii:redact',
    body: z.strictObject({ session_id: id, text }),
    response: z.object({ redacted_text: z.string(), mappings: z.array(mapping) }),
  }),
  /** 409 `unknown-token`: the text holds a token this session never made, and nothing is restored. */
  restore: route({
    method: 'POST',
    path: '/api/pii/restore',
    needs: 'pii:restore',
    body: z.strictObject({ session_id: id, text, purpose }),
    response: z.object({ restored_text: z.string(), restorations: z.number() }),
  }),
  reveal: route({
    method: 'POST',
    path: '/api/pii/reveal',
    needs: 'pii:reveal',
    body: z.strictObject({ session_id: id, token: z.string().max(64), purpose }),
    response: z.object({ value: z.string() }),
  }),
}
