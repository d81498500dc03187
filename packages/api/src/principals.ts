import { z } from 'zod'
import { permissions } from './permissions.ts'
import { route } from './route.ts'
import { byId, id, page, time } from './shapes.ts'

export const user = z.object({
  /** Opaque: `User::<id>`. */
  id: z.string(),
  tenant: z.string(),
  email: z.string(),
  roles: z.array(z.string()),
})
export type User = z.infer<typeof user>

/** Of a browser (it sends `Origin`) the tokens are set as HttpOnly cookies and left out of the body. */
export const tokens = z.object({
  access_token: z.string().optional(),
  refresh_token: z.string().optional(),
  token_type: z.literal('Bearer'),
  /** Seconds. */
  expires_in: z.number(),
  user,
})
export type Tokens = z.infer<typeof tokens>

/** A key that an agent or a pipeline authenticates with, without the key. */
export const apiKey = z.object({
  id,
  /** `Agent::<id>`: who calls made with it are made by. */
  principal: z.string(),
  name: z.string(),
  created_by: z.string(),
  created_at: time,
  expires_at: time.optional(),
  last_used_at: time.optional(),
})
export type ApiKey = z.infer<typeof apiKey>

const nothing = z.object({ ok: z.literal(true) })

export const principals = {
  /** 401 `invalid-credentials`, whatever was wrong; 429 `too-many-attempts`. */
  login: route({
    method: 'POST',
    path: '/api/auth/login',
    needs: 'anyone',
    body: z.strictObject({
      email: z.string().max(320),
      password: z.string().max(1_000),
      totp_code: z.string().max(10).optional(),
      backup_code: z.string().max(50).optional(),
      captcha: z.string().max(10_000).optional(),
    }),
    response: tokens,
  }),
  refresh: route({
    method: 'POST',
    path: '/api/auth/refresh',
    needs: 'anyone',
    /** Browsers send it as a cookie. */
    body: z.strictObject({ refresh_token: z.string().max(1_000).optional() }),
    response: tokens,
  }),
  /** Proves again who sits there: for five minutes this session may do what asks for a step-up. 403 `no-session` for API keys. */
  stepUp: route({
    method: 'POST',
    path: '/api/auth/step-up',
    needs: 'signed-in',
    body: z.strictObject({ password: z.string().max(1_000) }),
    response: z.object({ ok: z.literal(true), until: time }),
  }),
  logout: route({ method: 'POST', path: '/api/auth/logout', needs: 'signed-in', response: nothing }),
  me: route({ method: 'GET', path: '/api/auth/me', needs: 'signed-in', response: user }),
  /** What the caller may do; the dashboard enables a control if and only if it is listed. */
  capabilities: route({
    method: 'GET',
    path: '/api/auth/capabilities',
    needs: 'signed-in',
    response: z.object({
      capabilities: z.array(z.object({ permission: z.enum(permissions as [string, ...string[]]), scope: z.enum(['all', 'own']) })),
    }),
  }),
  sessions: route({
    method: 'GET',
    path: '/api/auth/sessions',
    needs: 'signed-in',
    response: page(
      z.object({ id, current: z.boolean(), created_at: time, last_seen_at: time, expires_at: time, user_agent: z.string().optional() }),
    ),
  }),
  revokeSession: route({ method: 'DELETE', path: '/api/auth/sessions/:id', needs: 'signed-in', params: byId, response: nothing }),
  /** One's own keys; with `apikey:manage` everybody's. */
  apiKeys: route({ method: 'GET', path: '/api/auth/api-keys', needs: 'signed-in', response: page(apiKey) }),
  /** The key is told this once. Never with more than its maker's own permissions: 403 `more-than-own`. API keys make none: 403 `only-people`. */
  createApiKey: route({
    method: 'POST',
    path: '/api/auth/api-keys',
    needs: 'signed-in',
    body: z.strictObject({
      name: z.string().min(1).max(100),
      roles: z.array(z.string().max(50)).min(1).max(10).optional(),
      expires_at: time.optional(),
    }),
    response: z.object({ key: z.string(), api_key: apiKey }),
    status: 201,
  }),
  revokeApiKey: route({ method: 'DELETE', path: '/api/auth/api-keys/:id', needs: 'signed-in', params: byId, response: nothing }),
}
