import {
  contentOf,
  type Policies,
  type PolicyDraft,
  type PolicyEvent,
  type PolicySet,
  type PolicyText,
  type PrincipalId,
  sha256,
} from '@agentgate/core'
import type { LoadedRow, TextRow, VersionRow } from './sqlite/policies.ts'
import type { Store } from './store.ts'

/** Characters of texts that are kept at hand: versions are immutable, so they are read once. */
const most = 32 << 20

/** Policy sets in the store. What is active is asked each time; the texts of a version are read from the store once. */
export function storedPolicies(store: Store): Policies {
  const read = new Map<string, PolicySet>()
  let size = 0

  async function version(tenant: string, id: string, number: number): Promise<PolicySet | undefined> {
    const name = JSON.stringify([tenant, id, number])
    const known = read.get(name)
    if (known) return known
    const row = await store.ask('policies', 'version', tenant, id, number)
    if (!row) return undefined
    const set = Object.freeze(setOf(row))
    read.set(name, set)
    size += set.text.length
    for (const [oldest, { text }] of read) {
      if (size <= most || oldest === name) break
      read.delete(oldest)
      size -= text.length
    }
    return set
  }

  return {
    async publish(tenant, { id, publishedAt, publishedBy, ...text }, { event, draft } = {}) {
      const row = { ...rowOf(text), id, published_at: publishedAt, published_by: publishedBy }
      return setOf(await store.ask('policies', 'publish', tenant, row, sha256(contentOf(text)), written(event), draft ?? null))
    },
    async load(tenant, sets) {
      const rows = sets.map((each): LoadedRow => {
        const event = written(each.event)
        if ('publish' in each) {
          const { id, publishedAt, publishedBy, ...text } = each.publish
          const row = { ...rowOf(text), id, published_at: publishedAt, published_by: publishedBy }
          return { publish: row, content: sha256(contentOf(text)), event }
        }
        const { editedAt, editedBy, ...text } = each.draft
        return { draft: { ...rowOf(text), id: each.id, edited_at: editedAt, edited_by: editedBy }, event }
      })
      await store.ask('policies', 'load', tenant, rows)
    },
    move: async (tenant, generation, { id, active, locked, deleted, trail }, event) =>
      store.ask(
        'policies',
        'move',
        tenant,
        generation,
        { id, active: active ?? null, locked: locked ? 1 : 0, deleted: deleted ? 1 : 0, trail: JSON.stringify(trail) },
        written(event),
      ),
    async standings(tenant) {
      const { generation, sets } = await store.ask('policies', 'standings', tenant)
      return {
        generation,
        sets: sets.map(({ id, active, locked, deleted, trail }) => ({
          id,
          ...(active !== null && { active }),
          locked: locked === 1,
          deleted: deleted === 1,
          trail: JSON.parse(trail) as number[],
        })),
      }
    },
    async active(tenant) {
      const rows = await store.ask('policies', 'active', tenant)
      return (await Promise.all(rows.map(({ id, active }) => version(tenant, id, active)))).flatMap((set) => set ?? [])
    },
    versions: async (tenant, id) =>
      (await store.ask('policies', 'versions', tenant, id ?? null)).map((row) => ({
        id: row.id,
        version: row.version,
        digest: row.digest,
        publishedAt: row.published_at,
        publishedBy: row.published_by as PrincipalId,
        form: row.form ?? 'cedar',
        hasInvariants: row.has_invariants === 1,
      })),
    version,
    async byDigest(tenant, digest) {
      const row = await store.ask('policies', 'byDigest', tenant, digest)
      return row && setOf(row)
    },
    drafts: async (tenant) =>
      (await store.ask('policies', 'drafts', tenant)).map(({ id, revision, edited_at, edited_by }) => ({
        id,
        revision,
        editedAt: edited_at,
        editedBy: edited_by as PrincipalId,
      })),
    async draft(tenant, id) {
      const row = await store.ask('policies', 'draft', tenant, id)
      return row && { ...textOf(row), revision: row.revision, editedAt: row.edited_at, editedBy: row.edited_by as PrincipalId }
    },
    async saveDraft(tenant, id, { editedAt, editedBy, ...text }, { expected, event } = {}): Promise<PolicyDraft | undefined> {
      const row = { ...rowOf(text), id, edited_at: editedAt, edited_by: editedBy }
      const revision = await store.ask('policies', 'saveDraft', tenant, row, expected ?? null, written(event))
      return revision === undefined ? undefined : { ...text, editedAt, editedBy, revision }
    },
    dropDraft: async (tenant, id) => store.ask('policies', 'dropDraft', tenant, id),
    untold: async (tenant) => (await store.ask('policies', 'untold', tenant)).map(eventOf),
    told: async (tenant, seq) => store.ask('policies', 'told', tenant, seq),
    events: async (tenant, id) => (await store.ask('policies', 'events', tenant, id)).map(eventOf),
  }
}

function rowOf({ digest, text, invariants, source }: PolicyText): TextRow {
  return { digest, text, invariants: invariants ?? null, form: source?.form ?? null, source: source?.json ?? null }
}

function textOf({ digest, text, invariants, form, source }: TextRow): PolicyText {
  return {
    digest,
    text,
    ...(form !== null && { source: { form, json: source ?? '' } }),
    ...(invariants !== null && { invariants }),
  }
}

function setOf(row: VersionRow): PolicySet {
  const { id, version, published_at, published_by } = row
  return { ...textOf(row), id, version, publishedAt: published_at, publishedBy: published_by as PrincipalId }
}

function eventOf({ seq, event }: { readonly seq: number; readonly event: string }): PolicyEvent {
  return { seq, event: JSON.parse(event) as PolicyEvent['event'] }
}

function written(event: PolicyEvent['event'] | undefined): string | null {
  return event ? JSON.stringify(event) : null
}
