import type { Destroyed, Reached, TenantId } from '@agentgate/core'
import type { House } from '../house.ts'
import { certified } from './erasing.ts'

/** How many keys are wrapped anew before the traffic has its turn. */
const step = 50

type Rooms = Pick<House, 'vault' | 'piiSettings' | 'purged' | 'ledger' | 'keys' | 'audit' | 'clock' | 'newId'>

/** Ends what is over in a vault, and finishes a rotation that a crash has cut off. To be called at the start and every few minutes. */
export async function keepVault(house: Rooms, tenant: TenantId): Promise<void> {
  await purge(house, tenant)
  await rewrap(house, tenant)
}

/** Takes away sessions whose time is over and values older than their kind may be, each step of it certified. */
export async function purge(house: Rooms, tenant: TenantId): Promise<void> {
  const { retention } = await house.piiSettings.read(tenant)
  for (let more = true; more; ) {
    const destroyed = await house.vault.purge(tenant, retention)
    more = isSome(destroyed)
    if (more) await certified(house, tenant, { of: 'retention' }, destroyed)
  }
  house.purged.set(tenant, house.clock.now())
}

/** Wraps keys anew until none is left but what does not open, and tells the audit chain which of the older ones are gone. */
export async function rewrap({ vault, audit }: Pick<Rooms, 'vault' | 'audit'>, tenant: TenantId): Promise<void> {
  const before = (await vault.holdings(tenant)).keys
  let count = 0
  let reached: Reached | undefined
  for (let more = true; more; ) {
    const done = await vault.rewrap(tenant, step, reached)
    count += done.rewrapped
    reached = done.reached
    more = done.left > 0 && done.rewrapped + done.damaged.length > 0
  }
  const still = new Set((await vault.holdings(tenant)).keys.map(({ name }) => name))
  const gone = before.map(({ name }) => name).filter((name) => !still.has(name))
  if (gone.length > 0) await audit.record(tenant, { type: 'pii.keys-rewrapped', facts: { count, destroyed: gone.slice(0, 20).join(',') } })
}

function isSome({ sessions, kinds }: Destroyed): boolean {
  return sessions > 0 || Object.keys(kinds).length > 0
}
