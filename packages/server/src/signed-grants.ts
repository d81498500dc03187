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
  verifyGrant,
} from '@agentgate/core'

/** Statements that are kept verified. */
const most = 2_000

/**
 * Grants of which each that says something else than its signed statement is marked `unsigned`: a row that somebody wrote or changed
 * past us. When one was revoked is no part of the statement.
 */
export function signedGrants(grants: Grants, { signer, retired }: Pick<SigningKeys, 'signer' | 'retired'>): Grants {
  const keys: readonly PublicKey[] = [signer.key, ...retired.map(({ raw }) => ({ id: sha256(spki(raw)), raw: new Uint8Array(raw) }))]
  const verified = new Map<string, string>()

  return {
    issue: grants.issue,
    revoke: grants.revoke,
    chain: async (tenant, id) => marked(await grants.chain(tenant, id)),
    list: async (tenant, of) => marked(await grants.list(tenant, of)),
    held: async (tenant, holders, now) =>
      Promise.all(
        (await grants.held(tenant, holders, now)).map(async (holding) => ({ ...holding, standing: await marked(holding.standing) })),
      ),
  }

  async function marked(found: readonly GrantOnFile[]): Promise<readonly GrantOnFile[]> {
    return Promise.all(found.map(async (grant) => ((await isSigned(grant)) ? grant : { ...grant, unsigned: true })))
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
