import type { Database } from 'better-sqlite3'

/** The texts of a set, as they stand in a row. */
export interface TextRow {
  readonly digest: string
  readonly text: string
  readonly invariants: string | null
  readonly form: 'quick' | 'conditioned' | null
  readonly source: string | null
}

export interface VersionRow extends TextRow {
  readonly id: string
  readonly version: number
  readonly published_at: number
  readonly published_by: string
}

export type HeadRow = Pick<VersionRow, 'id' | 'version' | 'digest' | 'form' | 'published_at' | 'published_by'> & {
  readonly has_invariants: number
}

export interface DraftRow extends TextRow {
  readonly id: string
  readonly revision: number
  readonly edited_at: number
  readonly edited_by: string
}

/** `trail` is JSON. */
export interface StandingRow {
  readonly id: string
  readonly active: number | null
  readonly locked: number
  readonly deleted: number
  readonly trail: string
}

const texts = 'digest, text, invariants, form, source'
const whole = `id, version, ${texts}, published_at, published_by`

/** One set of several that are written together. */
export type LoadedRow = { readonly event: string | null } & (
  | { readonly publish: Omit<VersionRow, 'version'>; readonly content: string }
  | { readonly draft: Omit<DraftRow, 'revision'> }
)

/** The rows of policy sets: versions, how each set stands, drafts, and what happened. */
export function policyRows(db: Database) {
  const same = db.prepare<[string, string, string], VersionRow>(
    `select ${whole} from policy_version where tenant = ? and id = ? and content = ?`,
  )
  const insert = db.prepare<unknown[], VersionRow>(
    `insert into policy_version (tenant, id, version, content, ${texts}, published_at, published_by)
       values (@tenant, @id, (select coalesce(max(version), 0) + 1 from policy_version where tenant = @tenant and id = @id), @content,
         @digest, @text, @invariants, @form, @source, @published_at, @published_by) returning ${whole}`,
  )
  const stand = db.prepare('insert into policy_standing (tenant, id) values (?, ?) on conflict do nothing')
  const version = db.prepare<[string, string, number], VersionRow>(
    `select ${whole} from policy_version where tenant = ? and id = ? and version = ?`,
  )
  const byDigest = db.prepare<[string, string], VersionRow>(
    `select ${whole} from policy_version where tenant = ? and digest = ? order by seq desc limit 1`,
  )
  const heads = db.prepare<unknown[], HeadRow>(
    `select id, version, digest, form, published_at, published_by, invariants is not null as has_invariants from policy_version
       where tenant = @tenant and (@id is null or id = @id) order by seq desc`,
  )
  const active = db.prepare<[string], { id: string; active: number }>(
    'select id, active from policy_standing where tenant = ? and active is not null order by id',
  )
  const standings = db.prepare<[string], StandingRow>(
    'select id, active, locked, deleted, trail from policy_standing where tenant = ? order by id',
  )
  const generation = db.prepare<[string], { generation: number }>('select generation from policy_generation where tenant = ?')
  const count = db.prepare(
    'insert into policy_generation (tenant, generation) values (?, 1) on conflict (tenant) do update set generation = generation + 1',
  )
  const move = db.prepare(
    `insert into policy_standing (tenant, id, active, locked, deleted, trail) values (@tenant, @id, @active, @locked, @deleted, @trail)
       on conflict (tenant, id) do update set active = @active, locked = @locked, deleted = @deleted, trail = @trail`,
  )
  const draft = db.prepare<[string, string], DraftRow>(
    `select id, revision, ${texts}, edited_at, edited_by from policy_draft where tenant = ? and id = ?`,
  )
  const drafts = db.prepare<[string], Pick<DraftRow, 'id' | 'revision' | 'edited_at' | 'edited_by'>>(
    'select id, revision, edited_at, edited_by from policy_draft where tenant = ? order by id',
  )
  const save = db.prepare(
    `insert or replace into policy_draft (tenant, id, revision, ${texts}, edited_at, edited_by)
       values (@tenant, @id, @revision, @digest, @text, @invariants, @form, @source, @edited_at, @edited_by)`,
  )
  const drop = db.prepare('delete from policy_draft where tenant = ? and id = ?')
  const happened = db.prepare(
    `insert into policy_event (tenant, seq, id, event)
       values (@tenant, (select coalesce(max(seq), 0) + 1 from policy_event where tenant = @tenant), @id, @event)`,
  )
  const untold = db.prepare<[string], { seq: number; event: string }>(
    'select seq, event from policy_event where tenant = ? and told = 0 order by seq limit 100',
  )
  const told = db.prepare('update policy_event set told = 1 where tenant = ? and seq = ?')
  const events = db.prepare<[string, string], { seq: number; event: string }>(
    'select seq, event from policy_event where tenant = ? and id = ? order by seq desc limit 200',
  )
  const generationOf = (tenant: string) => generation.get(tenant)?.generation ?? 0

  const rows = {
    /** `event` is JSON with a member `facts`, which gets the version's number. */
    publish(tenant: string, row: Omit<VersionRow, 'version'>, content: string, event: string | null, drafted: number | null): VersionRow {
      if (drafted !== null && draft.get(tenant, row.id)?.revision === drafted) drop.run(tenant, row.id)
      const known = same.get(tenant, row.id, content)
      if (known) return known
      const made = insert.get({ ...row, tenant, content })
      if (!made) throw new Error('the policy version was not inserted')
      stand.run(tenant, row.id)
      if (event !== null) {
        const { facts, ...rest } = JSON.parse(event) as { facts: object }
        happened.run({ tenant, id: row.id, event: JSON.stringify({ ...rest, facts: { ...facts, version: made.version } }) })
      }
      return made
    },
    load(tenant: string, sets: readonly LoadedRow[]): void {
      for (const each of sets) {
        if ('publish' in each) rows.publish(tenant, each.publish, each.content, each.event, null)
        else rows.saveDraft(tenant, each.draft, null, each.event)
      }
    },
    move(tenant: string, expected: number, to: StandingRow, event: string | null): boolean {
      if (generationOf(tenant) !== expected) return false
      if (to.active !== null && !version.get(tenant, to.id, to.active))
        throw new RangeError(`Policy set \`${to.id}\` has no version ${to.active}: publish it before it is activated.`)
      move.run({ ...to, tenant })
      count.run(tenant)
      if (event !== null) happened.run({ tenant, id: to.id, event })
      return true
    },
    standings: (tenant: string): { generation: number; sets: StandingRow[] } => ({
      generation: generationOf(tenant),
      sets: standings.all(tenant),
    }),
    active: (tenant: string): { id: string; active: number }[] => active.all(tenant),
    versions: (tenant: string, id: string | null): HeadRow[] => heads.all({ tenant, id }),
    version: (tenant: string, id: string, number: number): VersionRow | undefined => version.get(tenant, id, number),
    byDigest: (tenant: string, digest: string): VersionRow | undefined => byDigest.get(tenant, digest),
    drafts: (tenant: string): Pick<DraftRow, 'id' | 'revision' | 'edited_at' | 'edited_by'>[] => drafts.all(tenant),
    draft: (tenant: string, id: string): DraftRow | undefined => draft.get(tenant, id),
    saveDraft(tenant: string, row: Omit<DraftRow, 'revision'>, expected: number | null, event: string | null): number | undefined {
      const before = draft.get(tenant, row.id)?.revision ?? 0
      if (expected !== null && expected !== before) return undefined
      save.run({ ...row, tenant, revision: before + 1 })
      if (event !== null) happened.run({ tenant, id: row.id, event })
      return before + 1
    },
    dropDraft: (tenant: string, id: string): void => void drop.run(tenant, id),
    untold: (tenant: string): { seq: number; event: string }[] => untold.all(tenant),
    told: (tenant: string, seq: number): void => void told.run(tenant, seq),
    events: (tenant: string, id: string): { seq: number; event: string }[] => events.all(tenant, id),
  }
  return rows
}
