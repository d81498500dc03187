import { type Clock, type Custody, type Owner, SealError, type Vault } from '@agentgate/core'

/** A vault that tells when something in it does not open: of each session once a minute. Nothing of it is answered all the same. */
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
    keep: (owner, values) => watching(owner, vault.keep(owner, values)),
    recall: (owner, tokens) => watching(owner, vault.recall(owner, tokens)),
  }
}
