import { z } from 'zod'
import { finding, reason } from './calls.ts'
import { route } from './route.ts'
import { byId, id, page, time } from './shapes.ts'

const exchange = {
  verdict: z.enum(['allow', 'hold', 'deny']),
  reason: reason.optional(),
  /** Exactly what the model received, tokens and all; absent when it received nothing. */
  sent: z.string().optional(),
  /** Restored for the person asking; absent when the model gave none. */
  answer: z.string().optional(),
  findings: z.array(finding),
  approval_id: id.optional(),
  trace_id: id,
  certificate_id: id,
}

export const chatAnswer = z.object({
  ...exchange,
  session_id: z.string(),
  /** Whether the built-in demo model answered, or a provider's. */
  model: z.string(),
  /** What the model wanted run, by the trace of that call. */
  tool_call: z.object({ tool: z.string(), trace_id: id, certificate_id: id, status: z.string() }).optional(),
})
export type ChatAnswer = z.infer<typeof chatAnswer>

/** One step of a conversation. `role: tool` is a tool that the model asked for. */
export const message = z.object({
  ...exchange,
  id,
  at: time,
  role: z.enum(['user', 'tool', 'continuation']),
  tool: z.string(),
  /** What the person wrote, restored for that person. Of a tool call: its input. */
  text: z.string(),
  /** As in traces. */
  status: z.string(),
})
export type ChatMessage = z.infer<typeof message>

export const playground = {
  /**
   * Refusals are problems with the verdict: 403 policy or threat, 400 malformed, 429 rate or budget; a hold is 202 with the
   * same body. With `Accept: text/event-stream` the same bodies come as the event `answer`, `held` or `refused`.
   */
  chat: route({
    method: 'POST',
    path: '/api/playground/chat',
    needs: 'playground:use',
    body: z.strictObject({
      session_id: z.string().min(1).max(200),
      text: z.string().min(1).max(100_000),
      /** Controls to run in shadow: demo model only, permission `config:update`. */
      controls: z.array(z.string().max(100)).max(20).optional(),
    }),
    response: chatAnswer,
  }),
  /** One's own conversation, oldest first, with what happened to its held tools since. */
  session: route({
    method: 'GET',
    path: '/api/playground/sessions/:id',
    needs: 'playground:use',
    params: byId,
    response: z.object({ session_id: z.string(), messages: z.array(message) }),
  }),
  sessions: route({
    method: 'GET',
    path: '/api/playground/sessions',
    needs: 'playground:use',
    response: page(z.object({ session_id: z.string(), at: time, messages: z.number() })),
  }),
  model: route({
    method: 'GET',
    path: '/api/playground/model',
    needs: 'playground:use',
    response: z.object({
      provider: z.enum(['demo', 'openai']),
      model: z.string(),
      rate: z.object({ max: z.number(), window_ms: z.number() }),
    }),
  }),
}
