import type { TenantId } from '../call.ts'
import { isObject, type JsonObject } from '../json.ts'
import { contentOf, headOf, type Policies, type PolicyDraft, type PolicyEvent, type PolicySet, type Standing } from './policies.ts'

interface Kept {
  /** Newest first. */
  published: readonly PolicySet[]
  generation: number
  standings: ReadonlyMap<string, Standing>
  drafts: ReadonlyMap<string, PolicyDraft>
  events: readonly (PolicyEvent & { readonly told: boolean })[]
}

/** Keeps policy sets in memory: for tests and the in-process gate. Forgotten when the process ends. */
export function memoryPolicies(): Policies {
  const tenants = new Map<TenantId, Kept>()
  const of = (tenant: TenantId): Kept => {
    const kept = tenants.get(tenant) ?? { published: [], generation: 0, standings: new Map(), drafts: new Map(), events: [] }
    tenants.set(tenant, kept)
    return kept
  }
  const tell = (kept: Kept, event: JsonObject | undefined) => {
    if (event) kept.events = [...kept.events, { seq: kept.events.length + 1, event, told: false }]
  }
  const byId = (a: { readonly id: string }, b: { readonly id: string }) => (a.id < b.id ? -1 : 1)
  const find = (kept: Kept, id: string, version: number) => kept.published.find((set) => set.id === id && set.version === version)

  const policies: Policies = {
    async publish(tenant, set, { event, draft } = {}) {
      const kept = of(tenant)
      if (draft !== undefined && kept.drafts.get(set.id)?.revision === draft)
        kept.drafts = new Map([...kept.drafts].filter(([id]) => id !== set.id))
      const versions = kept.published.filter(({ id }) => id === set.id)
      const same = versions.find((each) => contentOf(each) === contentOf(set))
      if (same) return same
      const version = Object.freeze({ ...set, version: 1 + Math.max(0, ...versions.map((one) => one.version)) })
      kept.published = [version, ...kept.published]
      if (!kept.standings.has(set.id)) {
        kept.standings = new Map([...kept.standings, [set.id, { id: set.id, locked: false, deleted: false, trail: [] }]])
      }
      tell(kept, event && { ...event, facts: { ...factsOf(event), version: version.version } })
      return version
    },
    async load(tenant, sets) {
      for (const { event, ...each } of sets) {
        const more = event && { event }
        await ('publish' in each ? policies.publish(tenant, each.publish, more) : policies.saveDraft(tenant, each.id, each.draft, more))
      }
    },
    async move(tenant, generation, to, event) {
      const kept = of(tenant)
      if (kept.generation !== generation) return false
      if (to.active !== undefined && !find(kept, to.id, to.active)) throw unpublished(to.id, to.active)
      kept.generation++
      kept.standings = new Map([...kept.standings, [to.id, to]])
      tell(kept, event)
      return true
    },
    async standings(tenant) {
      const { generation, standings } = of(tenant)
      return { generation, sets: [...standings.values()].sort(byId) }
    },
    async active(tenant) {
      const kept = of(tenant)
      return [...kept.standings.values()]
        .sort(byId)
        .flatMap(({ id, active }) => (active === undefined ? [] : (find(kept, id, active) ?? [])))
    },
    versions: async (tenant, id) => of(tenant).published.flatMap((set) => (id === undefined || set.id === id ? headOf(set) : [])),
    version: async (tenant, id, version) => find(of(tenant), id, version),
    byDigest: async (tenant, digest) => of(tenant).published.find((set) => set.digest === digest),
    drafts: async (tenant) =>
      [...of(tenant).drafts].map(([id, { revision, editedAt, editedBy }]) => ({ id, revision, editedAt, editedBy })).sort(byId),
    draft: async (tenant, id) => of(tenant).drafts.get(id),
    async saveDraft(tenant, id, draft, { expected, event } = {}) {
      const kept = of(tenant)
      const before = kept.drafts.get(id)?.revision ?? 0
      if (expected !== undefined && expected !== before) return undefined
      const saved: PolicyDraft = { ...draft, revision: before + 1 }
      kept.drafts = new Map([...kept.drafts, [id, saved]])
      tell(kept, event)
      return saved
    },
    async dropDraft(tenant, id) {
      const kept = of(tenant)
      kept.drafts = new Map([...kept.drafts].filter(([each]) => each !== id))
    },
    untold: async (tenant) =>
      of(tenant)
        .events.filter(({ told }) => !told)
        .slice(0, 100)
        .map(({ seq, event }) => ({ seq, event })),
    async told(tenant, seq) {
      const kept = of(tenant)
      kept.events = kept.events.map((each) => (each.seq === seq ? { ...each, told: true } : each))
    },
    events: async (tenant, id) =>
      of(tenant)
        .events.filter(({ event }) => factsOf(event)['set'] === id)
        .slice(-200)
        .map(({ seq, event }) => ({ seq, event }))
        .reverse(),
  }
  return policies
}

function factsOf({ facts }: JsonObject): JsonObject {
  return isObject(facts) ? facts : {}
}

function unpublished(id: string, version: number): RangeError {
  return new RangeError(`Policy set \`${id}\` has no version ${version}: publish it before it is activated.`)
}
