import type { TenantId } from '@agentgate/core'
import type { House } from './house.ts'

/** How many keys are wrapped anew before the traffic has its turn. */
const step = 50

/** Ends what is over in a vault, and finishes a rotation that a crash has cut off. To be called at the start and every few minutes. */
export async function keepVault({ vault }: Pick<House, 'vault'>, tenant: TenantId): Promise<void> {
  for (let more = true; more; ) {
    const { sessions, kinds } = await vault.purge(tenant)
    more = sessions > 0 || Object.keys(kinds).length > 0
  }
  while ((await vault.rewrap(tenant, step)).left > 0);
}
