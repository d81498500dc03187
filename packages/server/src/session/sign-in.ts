import type { PrincipalId, TenantId } from '@agentgate/core'
import type { Passwords } from './passwords.ts'
import type { Sessions, Tokens } from './sessions.ts'
import { networkOf, type Throttle } from './throttle.ts'
import { normalised, type User, type Users } from './users.ts'

/** What somebody gives to sign in, and where from. */
export interface Attempt {
  readonly email: string
  readonly password: string
  /** By a trusted proxy, or of the connection itself. */
  readonly address: string
  readonly userAgent?: string
}

/** One answer to every failure: it tells nobody which addresses are known. `principal` is for the audit log only. */
export type SignedIn =
  | { readonly tokens: Tokens; readonly user: User }
  | { readonly refused: 'invalid-credentials'; readonly tenant?: TenantId; readonly principal?: PrincipalId }
  | { readonly refused: 'too-many-attempts'; readonly retryAfterMs: number }

export type SignIn = (attempt: Attempt) => Promise<SignedIn>

/** Signs people in by address and password. Guessing is slowed down for an account and a network together: nobody locks out anybody elsewhere. */
export function createSignIn({
  users,
  sessions,
  passwords,
  throttle,
}: {
  readonly users: Users
  readonly sessions: Sessions
  readonly passwords: Passwords
  readonly throttle: Throttle
}): SignIn {
  return async ({ email, password, address, userAgent }) => {
    const network = networkOf(address)
    const account = `${network} ${normalised(email)}`
    const keys = [
      { key: account, free: 5 },
      { key: network, free: 50 },
    ]
    const retryAfterMs = throttle.attempt(keys)
    if (retryAfterMs !== undefined) return { refused: 'too-many-attempts', retryAfterMs }

    const row = await users.byEmail(email)
    const { ok, upgrade } = await passwords.check(password, row?.password)
    const tenant = row?.tenant as TenantId
    const id = row?.id as PrincipalId
    if (!row || !ok || row.disabled === 1) return { refused: 'invalid-credentials', ...(row && { tenant, principal: id }) }

    throttle.succeeded(keys)
    const user = await users.find(tenant, id)
    if (!user) return { refused: 'invalid-credentials' }
    if (upgrade !== undefined) await users.storeHash(tenant, id, upgrade)
    return { tokens: await sessions.open(tenant, id, userAgent), user }
  }
}
