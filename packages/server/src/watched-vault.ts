import { type Clock, type Custody, type Owner, SealError, type Vault } from '@agentgate/core'

/** What the names of sessions begin with that somebody opened, on terms and for a subject of their own. */
export const openedPrefix = 'opened-'

/** Nothing is kept in a session that was opened and is over: its terms and its subject went with it. */
export class SessionEnded extends Error {
  override readonly name = 'SessionEnded'
}

/** A vault that tells when something in it does not open: of each session once a minute. Nothing of it is answered all the same. A session that was opened never begins anew. */
export function watchedVault(
  vault: Vault & Custody,
  { clock, failed }: { readonly clock: Clock; readonly failed: (owner: Owner, code: SealError['code']) => void },
): Vault & Custody {
  const told = new Map<string, number>()

  function tell(owner: Owner, { code }: SealError): void {
    const name = JSON.stringify([owner.tenant, owner.principal, owner.session, code])
    const now = clock.now()
    if ((told.get(name) ?? -Infinity) + 60_000 > now) return
    if (told.size >= 1_000) told.clear()
    told.set(name, now)
    failed(owner, code)
  }

  async function watching<T>(owner: Owner, work: Promise<T>): Promise<T> {
    try {
      return await work
    } catch (error) {
      if (error instanceof SealError) tell(owner, error)
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
  }
}
