import { GateError, type Principal } from '@agentgate/core'
import { Fault } from '../fault.ts'
import { type ApiKeys, apiKeyPrefix } from './api-keys.ts'
import { cookieIn, type Cookies } from './cookies.ts'
import { isOurs, type Provenance } from './origin.ts'
import type { Sessions } from './sessions.ts'

/** What a request brings to prove who makes it. */
export interface Presented extends Provenance {
  readonly authorization?: string | undefined
  readonly cookie?: string | undefined
}

export interface Authenticated {
  readonly principal: Principal
  /** Absent for API keys. */
  readonly session?: string
  /** When the session last proved again who sits there; by the server's clock. */
  readonly steppedUpAt?: number
}

/**
 * Who makes a request, by its bearer token (an access token or an API key), else by its cookie. Asks the store each time, so
 * that nothing revoked is ever let in. Throws a `GateError` `unauthenticated`, or a `Fault` `wrong-origin` for a request that
 * another site made a browser send.
 */
export function createAuthenticate({
  sessions,
  apiKeys,
  cookies,
  origin,
  allowedOrigins,
}: {
  readonly sessions: Pick<Sessions, 'check'>
  readonly apiKeys: Pick<ApiKeys, 'check'>
  readonly cookies: Cookies
  readonly origin: string
  readonly allowedOrigins: readonly string[]
}): (presented: Presented) => Promise<Authenticated> {
  return async (presented) => {
    const { authorization, cookie } = presented
    const found =
      authorization === undefined
        ? await byCookie(presented, cookie)
        : await byToken(/^Bearer +([\w.~+/-]{1,4000}=*)$/i.exec(authorization)?.[1])
    if (found) return found
    throw new GateError('unauthenticated', 'The credential is missing, wrong, expired or revoked: sign in, or give a good API key.')
  }

  async function byToken(token: string | undefined): Promise<Authenticated | undefined> {
    if (token === undefined) return undefined
    if (!token.startsWith(apiKeyPrefix)) return sessions.check(token)
    const principal = await apiKeys.check(token)
    return principal && { principal }
  }

  async function byCookie(presented: Presented, header: string | undefined): Promise<Authenticated | undefined> {
    const token = cookieIn(header, cookies.access.name)
    const found = token === undefined ? undefined : await sessions.check(token)
    if (found && !isOurs(presented, origin, allowedOrigins))
      throw new Fault(
        403,
        'wrong-origin',
        'The request comes from a page of another site: make it from the dashboard, or with a bearer token.',
      )
    return found
  }
}
