import type { Clock, Principals } from '@agentgate/core'
import type { FastifyRequest } from 'fastify'
import type { Config } from './config.ts'
import type { Who } from './door.ts'
import { accessTokens } from './session/access-token.ts'
import { type ApiKeys, createApiKeys } from './session/api-keys.ts'
import { createAuthenticate } from './session/authenticate.ts'
import { type Cookies, cookiesFor } from './session/cookies.ts'
import { createPasswords } from './session/passwords.ts'
import { createSessions, type Sessions } from './session/sessions.ts'
import { createStepUp, type StepUp } from './session/step-up.ts'
import { createSignIn, type SignIn } from './session/sign-in.ts'
import { createThrottle } from './session/throttle.ts'
import { createUsers, type Users } from './session/users.ts'
import { createTravel, type Travel } from './security/travel.ts'
import type { PlaceOf } from './security/places.ts'
import type { Watch } from './security/watch.ts'
import type { Store } from './store/store.ts'

/** Who people and agents are, and how they prove it. */
export interface Identity {
  readonly users: Users
  readonly sessions: Sessions
  readonly apiKeys: ApiKeys
  readonly signIn: SignIn
  readonly stepUp: StepUp
  readonly cookies: Cookies
  readonly travel: Travel
  readonly authenticate: (request: FastifyRequest) => Promise<Who>
}

export function createIdentity({
  store,
  principals,
  secret,
  config,
  clock,
  placeOf,
  watch,
  inBackground,
}: {
  readonly store: Store
  readonly principals: Principals
  readonly secret: Uint8Array
  readonly config: Pick<Config, 'url' | 'allowedOrigins'>
  readonly clock: Clock
  readonly placeOf: PlaceOf
  readonly watch: Pick<Watch, 'raise'>
  readonly inBackground: (work: Promise<unknown>) => void
}): Identity {
  const passwords = createPasswords()
  const users = createUsers({ store, principals, passwords, clock })
  const sessions = createSessions({ store, tokens: accessTokens({ secret, issuer: config.url, clock }), clock })
  const apiKeys = createApiKeys({ store, principals, clock })
  const cookies = cookiesFor(config.url)
  const allowedOrigins = [...config.allowedOrigins, ...sameMachine(config.url)]
  const check = createAuthenticate({ sessions, apiKeys, cookies, origin: config.url, allowedOrigins })
  return {
    users,
    sessions,
    apiKeys,
    signIn: createSignIn({ users, sessions, passwords, throttle: createThrottle(clock) }),
    stepUp: createStepUp({ store, passwords, throttle: createThrottle(clock), clock }),
    cookies,
    travel: createTravel({ store, placeOf, watch, clock, inBackground }),
    async authenticate({ headers, method, ip }) {
      const { authorization, cookie, origin } = headers
      const site = headers['sec-fetch-site']
      const { principal, session, steppedUpAt } = await check({
        method,
        authorization,
        cookie,
        origin,
        fetchSite: typeof site === 'string' ? site : undefined,
      })
      return {
        asker: { principal, facts: { source_ip: ip } },
        ...(session !== undefined && { session }),
        ...(steppedUpAt !== undefined && { steppedUpAt }),
      }
    },
  }
}

/** The other spellings of an origin on this machine: people type any of them. */
function sameMachine(origin: string): readonly string[] {
  const { protocol, hostname, port } = new URL(origin)
  const names = ['localhost', '127.0.0.1', '[::1]']
  return names.includes(hostname) ? names.map((name) => `${protocol}//${name}${port && `:${port}`}`) : []
}
