import type { MovedVersion, PolicyDraft as WireDraft, PolicySetSummary, PolicyVersion, PolicyVersionSummary } from '@agentgate/api'
import { type PolicyDraft, type PolicySet, type PolicyVersionHead, type Standing, stateOf, type TenantId } from '@agentgate/core'
import type { House } from '../house.ts'
import { rfc3339 } from '../wire.ts'
import type { Moved } from './moving.ts'

export function shownVersion(set: PolicySet, active: boolean): PolicyVersion {
  const { id, version, digest, text, invariants, source, publishedAt, publishedBy } = set
  return {
    id,
    version,
    digest,
    active,
    text,
    ...(invariants !== undefined && { invariants }),
    ...(source && { source: { ...source } }),
    published_at: rfc3339(publishedAt),
    published_by: publishedBy,
  }
}

export function shownMoved(set: PolicySet, { standing, newlyAllowed, undecided }: Moved): MovedVersion {
  return {
    ...shownVersion(set, standing.active === set.version),
    ...(newlyAllowed && { newly_allowed: newlyAllowed }),
    ...(undecided && { undecided: [...undecided] }),
  }
}

export function shownHead(head: PolicyVersionHead, active: boolean): PolicyVersionSummary {
  const { id, version, digest, form, hasInvariants, publishedAt, publishedBy } = head
  return { id, version, digest, active, form, has_invariants: hasInvariants, published_at: rfc3339(publishedAt), published_by: publishedBy }
}

export function shownDraft(id: string, { revision, text, invariants, source, digest, editedAt, editedBy }: PolicyDraft): WireDraft {
  return {
    id,
    revision,
    text,
    ...(invariants !== undefined && { invariants }),
    ...(source && { source: { ...source } }),
    digest,
    edited_at: rfc3339(editedAt),
    edited_by: editedBy,
  }
}

/** Every set of a tenant and how it stands, sorted by id. */
export async function summaries({ policies }: Pick<House, 'policies'>, tenant: TenantId): Promise<readonly PolicySetSummary[]> {
  const [{ sets }, versions, drafts] = await Promise.all([policies.standings(tenant), policies.versions(tenant), policies.drafts(tenant)])
  const standings = new Map(sets.map((each) => [each.id, each]))
  const published = Map.groupBy(versions, ({ id }) => id)
  const drafted = new Map(drafts.map((each) => [each.id, each]))
  const ids = [...new Set([...published.keys(), ...drafted.keys()])].sort()
  return ids.map((id) => summary(id, standings.get(id), published.get(id) ?? [], drafted.get(id)))
}

function summary(
  id: string,
  standing: Standing | undefined,
  versions: readonly PolicyVersionHead[],
  draft: { readonly revision: number; readonly editedAt: number; readonly editedBy: string } | undefined,
): PolicySetSummary {
  const [newest] = versions
  return {
    id,
    state: stateOf(standing),
    locked: standing?.locked ?? false,
    versions: versions.length,
    active_version: standing?.active ?? null,
    digest: newest?.digest ?? null,
    published_at: newest ? rfc3339(newest.publishedAt) : null,
    draft: draft ? { revision: draft.revision, edited_at: rfc3339(draft.editedAt), edited_by: draft.editedBy } : null,
  }
}
