import { type Clock, type Principal, type PrincipalId, type TenantId, uuidv7 } from '@agentgate/core'
import type { SessionRow } from '../store/sqlite/sessions.ts'
import type { Store } from '../store/store.ts'
import { type AccessTokens, accessLifetime } from './access-token.ts'
import { secretToken, tokenHash } from './secret-token.ts'
import { familyOf } from './user-agent.ts'

/** What a person who signed in holds. The refresh token is good once. */
export interface Tokens {
  readonly access: string
  readonly refresh: string
  /** Seconds until the access token expires. */
  readonly expiresIn: number
  readonly tenant: TenantId
  readonly principal: PrincipalId
  readonly session: string
}

/** A device that is signed in. */
export interface Session {
  readonly id: string
  readonly createdAt: number
  readonly seenAt: number
  readonly expiresAt: number
  /** Which browser or program, without its version. */
  readonly userAgent?: string
}

/** `reused`: the token had been used before, so somebody has a copy, and the session is revoked. */
export type Refreshed =
  | { readonly tokens: Tokens }
  | { readonly refused: 'invalid' }
  | { readonly refused: 'reused'; readonly principal: PrincipalId; readonly tenant: TenantId }

export interface Sessions {
  readonly open: (tenant: TenantId, user: PrincipalId, userAgent?: string) => Promise<Tokens>
  readonly refresh: (token: string) => Promise<Refreshed>
  /** Who holds the access token, asked of the store each time: a revoked session or a disabled person is out at once. */
  readonly check: (
    token: string,
  ) => Promise<{ readonly principal: Principal; readonly session: string; readonly steppedUpAt?: number } | undefined>
  /** The last seen first. */
  readonly list: (tenant: TenantId, user: PrincipalId) => Promise<readonly Session[]>
  /** `false` when the person has no such session, or it is over. */
  readonly revoke: (tenant: TenantId, user: PrincipalId, id: string) => Promise<boolean>
  /** Revokes all of a person's sessions, but for one; how many. */
  readonly revokeAll: (tenant: TenantId, user: PrincipalId, except?: string) => Promise<number>
}

/** A session ends a week after it was last refreshed, and 30 days after it began. */
const idle = 7 * 86_400_000
const longest = 30 * 86_400_000

export function createSessions({
  store,
  tokens,
  clock,
}: {
  readonly store: Store
  readonly tokens: AccessTokens
  readonly clock: Clock
}): Sessions {
  async function issued({ tenant, user, id }: SessionRow, refresh: string): Promise<Tokens> {
    const claims = { tenant: tenant as TenantId, principal: user as PrincipalId, session: id }
    return { ...claims, refresh, access: await tokens.issue(claims), expiresIn: accessLifetime }
  }

  return {
    async open(tenant, user, userAgent) {
      const now = clock.now()
      const refresh = secretToken('agr_')
      const row: SessionRow = {
        tenant,
        id: uuidv7(now),
        user,
        created_at: now,
        seen_at: now,
        expires_at: now + idle,
        user_agent: userAgent === undefined ? null : familyOf(userAgent),
        stepped_up_at: null,
      }
      await store.ask('sessions', 'open', row, tokenHash(refresh))
      return issued(row, refresh)
    },
    async refresh(token) {
      const fresh = secretToken('agr_')
      const rotated = await store.ask('sessions', 'rotate', tokenHash(token), tokenHash(fresh), clock.now(), idle, longest)
      if (rotated.status === 'rotated') return { tokens: await issued(rotated.session, fresh) }
      if (rotated.status !== 'reused') return { refused: 'invalid' }
      return { refused: 'reused', principal: rotated.session.user as PrincipalId, tenant: rotated.session.tenant as TenantId }
    },
    async check(token) {
      const claims = await tokens.read(token)
      const found = claims && (await store.ask('sessions', 'check', claims.tenant, claims.session, clock.now()))
      if (!found || found.session.user !== claims.principal) return undefined
      const { stepped_up_at: steppedUpAt } = found.session
      const principal = JSON.parse(found.principal) as Principal
      return { principal, session: claims.session, ...(steppedUpAt !== null && { steppedUpAt }) }
    },
    list: async (tenant, user) => (await store.ask('sessions', 'list', tenant, user, clock.now())).map(sessionOf),
    revoke: async (tenant, user, id) => store.ask('sessions', 'revoke', tenant, user, id, clock.now()),
    revokeAll: async (tenant, user, except) => store.ask('sessions', 'revokeAll', tenant, user, except ?? null, clock.now()),
  }
}

function sessionOf({ id, created_at, seen_at, expires_at, user_agent }: SessionRow): Session {
  return { id, createdAt: created_at, seenAt: seen_at, expiresAt: expires_at, ...(user_agent !== null && { userAgent: user_agent }) }
}
