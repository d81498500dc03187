import { type Policies, type PolicySet, sha256, type TenantId } from '@agentgate/core'
import type { OnRecord, Records } from './on-record.ts'
import { StoreError } from './store/store-error.ts'

/** How often what is active is compared again with what is on record, while others change it. */
const patience = 3

/**
 * Policies of which each set is the text that its digest is of, and active only as far as the ledger says that somebody activated it:
 * certificates name what judged by digests. A set whose text somebody changed past us judges nothing, and is no set of that digest.
 * Rejects with a `StoreError` `corrupt` where other sets would judge than those on record.
 *
 * `tell` puts on record what happened to policies and is not there yet.
 */
export function exactPolicies(
  policies: Policies,
  { records, tell }: { readonly records: Pick<Records, 'known' | 'newest'>; readonly tell: (tenant: TenantId) => Promise<void> },
): Policies {
  const known = new WeakSet<PolicySet>()

  return {
    ...policies,
    async active(tenant) {
      const sets = (await policies.active(tenant)).map(exact)
      return areOnRecord(sets, records.known(tenant)) ? sets : recorded(tenant)
    },
    async version(...which) {
      const set = await policies.version(...which)
      return set && exact(set)
    },
    async byDigest(tenant, digest) {
      const set = await policies.byDigest(tenant, digest)
      return set && isExact(set) ? set : undefined
    },
  }

  async function recorded(tenant: TenantId): Promise<readonly PolicySet[]> {
    for (let tries = 0; tries < patience; tries++) {
      await tell(tenant)
      const sets = (await policies.active(tenant)).map(exact)
      if (areOnRecord(sets, await records.newest(tenant))) return sets
    }
    throw new StoreError(
      'corrupt',
      'The policy sets that are active in the database are not those that were activated by the ledger: look who writes to the database, and restore a backup.',
    )
  }

  function exact(set: PolicySet): PolicySet {
    if (known.has(set)) return set
    if (!isExact(set))
      throw new StoreError(
        'corrupt',
        `Version ${set.version} of the policy set \`${set.id}\` is not the text that it was published with: look who writes to the database, and restore a backup.`,
      )
    known.add(set)
    return set
  }
}

function isExact({ text, digest }: PolicySet): boolean {
  return sha256(text) === digest
}

function areOnRecord(sets: readonly PolicySet[], { policies }: OnRecord): boolean {
  return sets.length === policies.size && sets.every(({ id, digest }) => policies.get(id) === digest)
}
