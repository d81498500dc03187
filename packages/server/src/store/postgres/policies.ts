import type { DraftRow, HeadRow, LoadedRow, StandingRow, TextRow, VersionRow } from '../sqlite/policies.ts'
import type { Database, Sql } from './database.ts'

/** The rows of policy sets: versions, how each set stands, drafts, and what happened. Changes of one tenant come one after another. */
export function policyRows(db: Database) {
  const change = <T>(tenant: string, work: (sql: Sql) => Promise<T>) =>
    db.change(async (sql) => {
      await sql`select pg_advisory_xact_lock(hashtextextended(${`policies ${tenant}`}, 0))`
      return work(sql)
    })

  return {
    /** `event` is JSON with a member `facts`, which gets the version's number. */
    publish: async (
      tenant: string,
      row: Omit<VersionRow, 'version'>,
      content: string,
      event: string | null,
      drafted: number | null,
    ): Promise<VersionRow> => change(tenant, async (sql) => published(sql, tenant, row, content, event, drafted)),
    load: async (tenant: string, sets: readonly LoadedRow[]): Promise<void> =>
      change(tenant, async (sql) => {
        for (const each of sets) {
          if ('publish' in each) await published(sql, tenant, each.publish, each.content, each.event, null)
          else await saved(sql, tenant, each.draft, null, each.event)
        }
      }),
    move: async (tenant: string, expected: number, to: StandingRow, event: string | null): Promise<boolean> =>
      change(tenant, async (sql) => {
        if ((await generationOf(sql, tenant)) !== expected) return false
        if (to.active !== null && !(await versionOf(sql, tenant, to.id, to.active)))
          throw new RangeError(`Policy set \`${to.id}\` has no version ${to.active}: publish it before it is activated.`)
        await sql`
          insert into policy_standing (tenant, id, active, locked, deleted, trail)
            values (${tenant}, ${to.id}, ${to.active}, ${to.locked === 1}, ${to.deleted === 1}, ${to.trail})
            on conflict (tenant, id) do update
              set active = excluded.active, locked = excluded.locked, deleted = excluded.deleted, trail = excluded.trail`
        await sql`insert into policy_generation (tenant, generation) values (${tenant}, 1)
          on conflict (tenant) do update set generation = policy_generation.generation + 1`
        if (event !== null) await happened(sql, tenant, to.id, event)
        return true
      }),
    standings: async (tenant: string): Promise<{ generation: number; sets: StandingRow[] }> =>
      db.moment(async (sql) => ({
        generation: await generationOf(sql, tenant),
        sets: [
          ...(await sql<StandingRow[]>`
            select id, active, locked::int as locked, deleted::int as deleted, trail from policy_standing where tenant = ${tenant} order by id`),
        ],
      })),
    active: async (tenant: string): Promise<{ id: string; active: number }[]> =>
      db.read(async (sql) => [
        ...(await sql<{ id: string; active: number }[]>`
          select id, active from policy_standing where tenant = ${tenant} and active is not null order by id`),
      ]),
    versions: async (tenant: string, id: string | null): Promise<HeadRow[]> =>
      db.read(async (sql) => [
        ...(await sql<HeadRow[]>`
          select id, version, digest, form, published_at, published_by, (invariants is not null)::int as has_invariants from policy_version
            where tenant = ${tenant} ${id === null ? sql`` : sql`and id = ${id}`} order by seq desc`),
      ]),
    version: async (tenant: string, id: string, number: number): Promise<VersionRow | undefined> =>
      db.read((sql) => versionOf(sql, tenant, id, number)),
    byDigest: async (tenant: string, digest: string): Promise<VersionRow | undefined> =>
      db.read(async (sql) => {
        const [row] = await sql<VersionRow[]>`
          select ${whole(sql)} from policy_version where tenant = ${tenant} and digest = ${digest} order by seq desc limit 1`
        return row
      }),
    drafts: async (tenant: string): Promise<Pick<DraftRow, 'id' | 'revision' | 'edited_at' | 'edited_by'>[]> =>
      db.read(async (sql) => [
        ...(await sql<DraftRow[]>`select id, revision, edited_at, edited_by from policy_draft where tenant = ${tenant} order by id`),
      ]),
    draft: async (tenant: string, id: string): Promise<DraftRow | undefined> => db.read((sql) => draftOf(sql, tenant, id)),
    saveDraft: async (
      tenant: string,
      row: Omit<DraftRow, 'revision'>,
      expected: number | null,
      event: string | null,
    ): Promise<number | undefined> => change(tenant, async (sql) => saved(sql, tenant, row, expected, event)),
    dropDraft: async (tenant: string, id: string): Promise<void> =>
      change(tenant, async (sql) => void (await sql`delete from policy_draft where tenant = ${tenant} and id = ${id}`)),
    untold: async (tenant: string): Promise<{ seq: number; event: string }[]> =>
      db.read(async (sql) => [
        ...(await sql<{ seq: number; event: string }[]>`
          select seq, event from policy_event where tenant = ${tenant} and not told order by seq limit 100`),
      ]),
    told: async (tenant: string, seq: number): Promise<void> =>
      db.change(async (sql) => void (await sql`update policy_event set told = true where tenant = ${tenant} and seq = ${seq}`)),
    events: async (tenant: string, id: string): Promise<{ seq: number; event: string }[]> =>
      db.read(async (sql) => [
        ...(await sql<{ seq: number; event: string }[]>`
          select seq, event from policy_event where tenant = ${tenant} and id = ${id} order by seq desc limit 200`),
      ]),
  }
}

async function published(
  sql: Sql,
  tenant: string,
  row: Omit<VersionRow, 'version'>,
  content: string,
  event: string | null,
  drafted: number | null,
): Promise<VersionRow> {
  if (drafted !== null) await sql`delete from policy_draft where tenant = ${tenant} and id = ${row.id} and revision = ${drafted}`
  const [known] = await sql<VersionRow[]>`
    select ${whole(sql)} from policy_version where tenant = ${tenant} and id = ${row.id} and content = ${content}`
  if (known) return known
  const [made] = await sql<VersionRow[]>`
    insert into policy_version (tenant, id, version, content, digest, text, invariants, form, source, published_at, published_by)
      values (${tenant}, ${row.id},
        (select coalesce(max(version), 0) + 1 from policy_version where tenant = ${tenant} and id = ${row.id}), ${content},
        ${row.digest}, ${row.text}, ${row.invariants}, ${row.form}, ${row.source}, ${row.published_at}, ${row.published_by})
      returning ${whole(sql)}`
  if (!made) throw new Error('the policy version was not inserted')
  await sql`insert into policy_standing (tenant, id) values (${tenant}, ${row.id}) on conflict do nothing`
  if (event !== null) {
    const { facts, ...rest } = JSON.parse(event) as { facts: object }
    await happened(sql, tenant, row.id, JSON.stringify({ ...rest, facts: { ...facts, version: made.version } }))
  }
  return made
}

async function saved(
  sql: Sql,
  tenant: string,
  row: Omit<DraftRow, 'revision'>,
  expected: number | null,
  event: string | null,
): Promise<number | undefined> {
  const before = (await draftOf(sql, tenant, row.id))?.revision ?? 0
  if (expected !== null && expected !== before) return undefined
  await sql`
    insert into policy_draft (tenant, id, revision, digest, text, invariants, form, source, edited_at, edited_by)
      values (${tenant}, ${row.id}, ${before + 1}, ${row.digest}, ${row.text}, ${row.invariants}, ${row.form}, ${row.source},
        ${row.edited_at}, ${row.edited_by})
      on conflict (tenant, id) do update set revision = excluded.revision, digest = excluded.digest, text = excluded.text,
        invariants = excluded.invariants, form = excluded.form, source = excluded.source, edited_at = excluded.edited_at,
        edited_by = excluded.edited_by`
  if (event !== null) await happened(sql, tenant, row.id, event)
  return before + 1
}

const texts = 'digest, text, invariants, form, source'

function whole(sql: Sql) {
  return sql.unsafe(`id, version, ${texts}, published_at, published_by`)
}

async function versionOf(sql: Sql, tenant: string, id: string, number: number): Promise<VersionRow | undefined> {
  const [row] = await sql<VersionRow[]>`
    select ${whole(sql)} from policy_version where tenant = ${tenant} and id = ${id} and version = ${number}`
  return row
}

async function draftOf(sql: Sql, tenant: string, id: string): Promise<DraftRow | undefined> {
  const [row] = await sql<(DraftRow & TextRow)[]>`
    select id, revision, digest, text, invariants, form, source, edited_at, edited_by from policy_draft where tenant = ${tenant} and id = ${id}`
  return row
}

async function generationOf(sql: Sql, tenant: string): Promise<number> {
  const [row] = await sql<{ generation: number }[]>`select generation from policy_generation where tenant = ${tenant}`
  return row?.generation ?? 0
}

async function happened(sql: Sql, tenant: string, id: string, event: string): Promise<void> {
  await sql`insert into policy_event (tenant, seq, id, event)
    values (${tenant}, (select coalesce(max(seq), 0) + 1 from policy_event where tenant = ${tenant}), ${id}, ${event})`
}
