import type { Grant, GrantClaim, GrantOnFile, Grants, TenantId } from '@agentgate/core'
import { digestOfClaim, type OnRecord, type Records } from './on-record.ts'

/**
 * Grants of which each that says something else than its signed statement in the ledger is marked `unsigned`: a row that somebody wrote
 * or changed past us. Who was ever handed one, and which are revoked, is on record, too: who takes such a row away, or back, unbinds
 * nobody.
 */
export function signedGrants(grants: Grants, records: Pick<Records, 'asOfEpoch' | 'newest'>): Grants {
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
    const before = await records.asOfEpoch(tenant)
    // What is handed on moves no epoch.
    const onRecord = found.every((grant) => isSigned(grant, before)) ? before : await records.newest(tenant)
    return found.map((grant) => {
      const revokedAt = grant.revokedAt ?? onRecord.revoked.get(grant.id)
      const issuerKey = onRecord.signers.get(grant.id)
      return {
        ...grant,
        ...(revokedAt !== undefined && { revokedAt }),
        ...(!isSigned(grant, onRecord) ? { unsigned: true as const } : issuerKey !== undefined && { issuerKey }),
      }
    })
  }
}

function isSigned(grant: GrantOnFile, { grants }: OnRecord): boolean {
  try {
    return grants.get(grant.id) === digestOfClaim(claimOf(grant))
  } catch {
    // What is no grant at all has no claim.
    return false
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
