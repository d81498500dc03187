import type { Clock, PrincipalId, TenantId } from '@agentgate/core'
import type { Who } from '../door.ts'
import type { Store } from '../store/store.ts'
import type { Passwords } from './passwords.ts'
import { networkOf, type Throttle } from './throttle.ts'

/** How long a step-up lasts. */
export const stepUpMinutes = 5

export type SteppedUp =
  | { readonly until: number }
  | { readonly refused: 'invalid-credentials' }
  | { readonly refused: 'too-many-attempts'; readonly retryAfterMs: number }

/** Proves again who sits at a session, by the password. */
export type StepUp = (
  tenant: TenantId,
  user: PrincipalId,
  session: string,
  given: { readonly password: string; readonly address: string },
) => Promise<SteppedUp>

/** Whether the session that asks was stepped up in the last minutes. Never so for API keys: they have no session. */
export function hasSteppedUp({ session, steppedUpAt }: Who, { now }: Clock): boolean {
  return session !== undefined && steppedUpAt !== undefined && now() - steppedUpAt < stepUpMinutes * 60_000
}

export function createStepUp({
  store,
  passwords,
  throttle,
  clock,
}: {
  readonly store: Store
  readonly passwords: Passwords
  readonly throttle: Throttle
  readonly clock: Clock
}): StepUp {
  return async (tenant, user, session, { password, address }) => {
    const keys = [{ key: `${networkOf(address)} ${user}`, free: 5 }]
    const retryAfterMs = throttle.attempt(keys)
    if (retryAfterMs !== undefined) return { refused: 'too-many-attempts', retryAfterMs }
    const row = await store.ask('users', 'find', tenant, user)
    const { ok } = await passwords.check(password, row?.password)
    const now = clock.now()
    if (!ok || row?.disabled !== 0 || !(await store.ask('sessions', 'stepUp', tenant, user, session, now))) {
      return { refused: 'invalid-credentials' }
    }
    throttle.succeeded(keys)
    return { until: now + stepUpMinutes * 60_000 }
  }
}
