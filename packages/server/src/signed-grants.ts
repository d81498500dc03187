import {
  canonical,
  type Grant,
  type GrantClaim,
  type GrantOnFile,
  type Grants,
  type PublicKey,
  sha256,
  type SigningKeys,
  spki,
  type TenantId,
  verifyGrant,
} from '@agentgate/core'
import type { Records } from './on-record.ts'

/** Statements that are kept verified. */
const most = 2_000

/**
 * Grants of which each that says something else than its signed statement is marked `unsigned`: a row that somebody wrote or changed
 * past us. Who was ever handed one, and which are revoked, is also on record: who takes such a row away, or back, unbinds nobody.
 */
export function signedGrants(
  grants: Grants,
  { signer, retired }: Pick<SigningKeys, 'signer' | 'retired'>,
  records: Pick<Records, 'asOfEpoch'>,
): Grants {
  const keys: readonly PublicKey[] = [signer.key, ...retired.map(({ raw }) => ({ id: sha256(spki(raw)), raw: new Uint8Array(raw) }))]
  const verified = new Map<string, string>()

  return {
    issue: grants.issue,
    revoke: grants.revoke,
    chain: async (tenant, id) => marked(tenant, await grants.chain(tenant, id)),
    list: async (tenant, of) => marked(tenant, await grants.list(tenant, of)),
    async held(tenant, holders, now) {
      const { holders: bound } = await records.asOfEpoch(tenant)
      const found = await grants.held(tenant, holders, now)
      const missing = [...new Set(holders)].filter((each) => bound.has(each) && !found.some(({ holder }) => holder === each))
      return [
        ...(await Promise.all(found.map(async (holding) => ({ ...holding, standing: await marked(tenant, holding.standing) })))),
        ...missing.map((holder) => ({ holder, standing: [], revoked: false })),
      ]
    },
  }

  async function marked(tenant: TenantId, found: readonly GrantOnFile[]): Promise<readonly GrantOnFile[]> {
    if (found.length === 0) return found
    const { revoked } = await records.asOfEpoch(tenant)
    return Promise.all(
      found.map(async (grant) => {
        const revokedAt = grant.revokedAt ?? revoked.get(grant.id)
        return {
          ...grant,
          ...(revokedAt !== undefined && { revokedAt }),
          ...(!(await isSigned(grant)) && { unsigned: true as const }),
        }
      }),
    )
  }

  async function isSigned(grant: GrantOnFile): Promise<boolean> {
    try {
      return (await claimIn(grant.envelope ?? '')) === canonical(claimOf(grant))
    } catch {
      // What is no grant at all has no claim.
      return false
    }
  }

  async function claimIn(envelope: string): Promise<string | undefined> {
    const known = verified.get(envelope)
    if (known !== undefined) return known
    for (const key of keys) {
      const claim = await verifyGrant(envelope, key).catch(() => undefined)
      if (!claim) continue
      for (const oldest of verified.keys()) if (verified.size >= most) verified.delete(oldest)
      const text = canonical(claim)
      verified.set(envelope, text)
      return text
    }
    return undefined
  }
}

/** What the signed statement of a grant says. */
export function claimOf({
  id,
  tenant,
  issuer,
  holder,
  parent,
  actions,
  resources,
  constraints,
  obligations,
  issuedAt,
  expiresAt,
}: Grant): GrantClaim {
  return {
    grant_id: id,
    tenant,
    issuer,
    holder,
    parent: parent ?? null,
    allowed_actions: actions,
    resource_scope: resources,
    constraints: { max_cost: constraints?.maxCost ?? null, taint: constraints?.taint ?? null },
    obligations: obligations ?? [],
    issued_at: new Date(issuedAt).toISOString(),
    expires_at: new Date(expiresAt).toISOString(),
  }
}
