import type { Profile } from '@agentgate/api'
import type { Custody, HeldSession, Mask, Owner, TenantId } from '@agentgate/core'
import { ownerOf } from '../owner.ts'

/** The profile of a session: what a call opened may be restored for whoever it belongs to. */
export function profileOf(session: Pick<HeldSession, 'about'> | undefined): Profile {
  const profile = session?.about['profile']
  return profile === 'strict_tokenized' || profile === 'authorized_viewers' ? profile : 'trusted_restore'
}

export async function sessionOf(
  vault: Pick<Custody, 'sessions'>,
  tenant: TenantId,
  principal: string,
  session: string,
): Promise<HeldSession | undefined> {
  const [held] = await vault.sessions(tenant, { principal, session, limit: 1 })
  return held
}

/** Restores nothing in strict sessions: whoever asks gets the tokens, and a trusted tool gets no input. */
export function maskByProfile(mask: Mask, vault: Pick<Custody, 'sessions'>): Mask {
  const isStrict = async ({ tenant, principal, session }: Owner) =>
    profileOf(await sessionOf(vault, tenant, principal, session)) === 'strict_tokenized'
  return {
    ...mask,
    restore: async (masked, call) =>
      /[<%&\\]/.test(JSON.stringify(masked)) && (await isStrict(ownerOf(call))) ? masked : mask.restore(masked, call),
    async restoreInput(call) {
      if (await isStrict(ownerOf(call))) throw new TypeError('The session is strict: nothing in it is restored.')
      return mask.restoreInput(call)
    },
  }
}
