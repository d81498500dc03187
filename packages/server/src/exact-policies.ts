import { type Policies, type PolicySet, sha256 } from '@agentgate/core'
import { StoreError } from './store/store-error.ts'

/**
 * Policies of which each set is the text that its digest is of: certificates name what judged by digests. A set whose text somebody
 * changed past us judges nothing, and is no set of that digest. Rejects with a `StoreError` `corrupt` where such a set would judge.
 */
export function exactPolicies(policies: Policies): Policies {
  const known = new WeakSet<PolicySet>()

  return {
    ...policies,
    active: async (tenant) => (await policies.active(tenant)).map(exact),
    async version(...which) {
      const set = await policies.version(...which)
      return set && exact(set)
    },
    async byDigest(tenant, digest) {
      const set = await policies.byDigest(tenant, digest)
      return set && isExact(set) ? set : undefined
    },
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
