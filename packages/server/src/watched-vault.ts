import { type Clock, type Custody, type DamagedKey, type Owner, SealError, type TenantId, type Vault } from '@agentgate/core'

/** What the names of sessions begin with that somebody opened, on terms and for a subject of their own. */
export const openedPrefix = 'opened-'

/** Nothing is kept in a session that was opened and is over: its terms and its subject went with it. */
export class SessionEnded extends Error {
  override readonly name = 'SessionEnded'
}

/**
 * A vault that tells when something in it does not open: of each session once a minute, and of each key that could not be wrapped
 * anew once a day. Nothing of it is answered all the same. A session that was opened never begins anew.
 */
export function watchedVault(
  vault: Vault & Custody,
  { clock, failed }: { readonly clock: Clock; readonly failed: (tenant: TenantId, what: DamagedKey) => void },
): Vault & Custody {
  const told = new Map<string, number>()

  function tell(tenant: TenantId, name: readonly string[], every: number, what: DamagedKey): void {
    const key = JSON.stringify([tenant, ...name, what.code])
    const now = clock.now()
    if ((told.get(key) ?? -Infinity) + every > now) return
    if (told.size >= 1_000) told.clear()
    told.set(key, now)
    failed(tenant, what)
  }

  async function watching<T>(owner: Owner, work: Promise<T>): Promise<T> {
    try {
      return await work
    } catch (error) {
      if (error instanceof SealError) {
        const { tenant, principal, session } = owner
        tell(tenant, ['opening', principal, session], 60_000, { session, code: error.code })
      }
      throw error
    }
  }

  return {
    ...vault,
    open: (owner, terms) => watching(owner, vault.open(owner, terms)),
    async keep(owner, values) {
      const { tenant, principal, session } = owner
      if (session.startsWith(openedPrefix) && (await vault.sessions(tenant, { principal, session, limit: 1 })).length === 0)
        throw new SessionEnded('The session is over: what it was opened for is not known any more.')
      return watching(owner, vault.keep(owner, values))
    },
    recall: (owner, tokens) => watching(owner, vault.recall(owner, tokens)),
    async rewrap(tenant, limit, reached) {
      const done = await vault.rewrap(tenant, limit, reached)
      for (const each of done.damaged) tell(tenant, ['wrapping', 'key' in each ? each.key : each.session], 86_400_000, each)
      return done
    },
  }
}
