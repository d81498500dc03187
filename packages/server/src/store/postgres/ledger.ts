import type { Appended, Entry, EntryType, Head } from '@agentgate/core'
import { frontier, grow, leafHash, nodeHash, rootOf } from '@agentgate/core/storing'
import type { EntryRow } from '../sqlite/ledger.ts'
import { StoreError } from '../store-error.ts'
import { type Append, inGroups } from './appending.ts'
import { partsToWrite, writeParts } from './calls.ts'
import type { Database, Sql } from './database.ts'
import { notDurable } from './durability.ts'

interface Tree {
  readonly size: number
  readonly epoch: number
  readonly frontier: readonly string[]
}

// Where many rows are looked for by their keys, each is a subquery of its own: planned together, a table without statistics is
// read as a whole.

/** What one transaction adds to a tree. */
interface Added {
  readonly entries: { readonly index: number; readonly row: EntryRow; readonly leaf: string; readonly at: number }[]
  readonly nodes: { readonly level: number; readonly index: number; readonly hash: string }[]
  readonly keys: { readonly name: string; readonly index: number }[]
}

/**
 * The rows of the ledger. A tenant's row in `tree` is locked for as long as a transaction appends to it, so that of several
 * processes one appends at a time and the others see what it left; what one process is asked meanwhile shares its next
 * transaction. `check` throws a `StoreError` `corrupt` when a tree and its entries disagree at the end.
 */
export function ledgerRows(db: Database) {
  const append = inGroups((tenant, appends) => db.change(async (sql) => appendAll(sql, tenant, appends)))

  return {
    append: async (tenant: string, entries: readonly EntryRow[], epoch: number | undefined, at: number): Promise<Appended> =>
      append(tenant, { entries, epoch, at }),
    read: async (tenant: string, from: number, to: number, limit: number, types?: readonly EntryType[]): Promise<Entry[]> =>
      db.read(async (sql) => [
        ...(await sql<Entry[]>`
          select idx as index, type, body, at from entry
            where tenant = ${tenant} and idx >= ${from} and idx < ${Math.min(to, Number.MAX_SAFE_INTEGER)}
              and ${types ? sql`type = any(${types as string[]})` : sql`true`} order by idx limit ${limit}`),
      ]),
    head: async (tenant: string): Promise<Head> => db.read(async (sql) => headOf(await readTree(sql, tenant))),
    nodes: async (tenant: string, at: readonly { readonly level: number; readonly index: number }[]): Promise<string[]> =>
      db.read((sql) => hashesAt(sql, tenant, at)),
    check: async (): Promise<void> =>
      db.read(async (sql) => {
        const tenants = await sql<{ tenant: string }[]>`
          with recursive held (tenant) as (
            select min(tenant) from entry union all
            select (select min(tenant) from entry where tenant > held.tenant) from held where held.tenant is not null
          ) select tenant from held where tenant is not null union select tenant from tree`
        for (const { tenant } of tenants) {
          const what = await wrong(sql, tenant)
          if (what === undefined) continue
          const message = `The ledger of \`${tenant}\` in PostgreSQL is damaged (${what}), and was left as it is: restore a backup.`
          throw new StoreError('corrupt', message)
        }
      }),
  }
}

async function appendAll(sql: Sql, tenant: string, appends: readonly Append[]): Promise<Appended[]> {
  const wanted = appends.flatMap(({ entries }) => entries.flatMap(({ keys }) => keys))
  const { tree: before, taken } = await lockTree(sql, tenant, wanted)
  const added: Added = { entries: [], nodes: [], keys: [] }
  let tree = before
  const answers = appends.map((each): Appended => {
    const result = appendOne(tree, taken, each, added)
    if (!('tree' in result)) return result
    tree = result.tree
    return { first: result.first, head: headOf(tree) }
  })
  if (tree.size > before.size) await write(sql, tenant, before, tree, added)
  return answers
}

/**
 * Waits for its turn, then reads what is there: each statement of a transaction sees what was committed before it began.
 * INVARIANT: the lock is sent first; the others are sent right behind it and begin when it is granted.
 */
async function lockTree(sql: Sql, tenant: string, wanted: readonly string[]): Promise<{ tree: Tree; taken: Set<string> }> {
  const locked = sql<{ fsync: string; synchronous_commit: string }[]>`
    select current_setting('fsync') as fsync, current_setting('synchronous_commit') as synchronous_commit
      from tree where tenant = ${tenant} for update`.execute()
  const [[row], tree, taken] = await Promise.all([locked, readTree(sql, tenant), takenOf(sql, tenant, wanted)])
  if (row) {
    const why = notDurable(row)
    if (why !== undefined) throw new StoreError('not-durable', why)
    return { tree, taken }
  }
  await sql`insert into tree (tenant, size, epoch) values (${tenant}, 0, 0) on conflict do nothing`
  return lockTree(sql, tenant, wanted)
}

/** The tree and its frontier in one statement, so of one moment: the subtrees that `frontier(size)` names, largest first. */
async function readTree(sql: Sql, tenant: string): Promise<Tree> {
  const rows = await sql<{ size: number; epoch: number; level: number | null; hash: string | null }[]>`
    select tree.size, tree.epoch, level, case level
        when 0 then (select encode(leaf, 'hex') from entry where tenant = tree.tenant and idx = tree.size - 1)
        else (select encode(hash, 'hex') from node where tenant = tree.tenant and node.level = part.level and idx = (tree.size >> part.level) - 1)
      end as hash
      from tree left join generate_series(0, 52) as part (level) on (tree.size >> level) & 1 = 1
      where tree.tenant = ${tenant} order by level desc`
  const [first] = rows
  if (!first) return { size: 0, epoch: 0, frontier: [] }
  return {
    size: first.size,
    epoch: first.epoch,
    frontier: rows.flatMap(({ level, hash }) => {
      if (level === null) return []
      if (hash === null)
        throw new RangeError(`The subtree at level ${level} that a tree of ${first.size} ends with is missing: verify the chain.`)
      return [hash]
    }),
  }
}

async function takenOf(sql: Sql, tenant: string, names: readonly string[]): Promise<Set<string>> {
  if (names.length === 0) return new Set()
  const rows = await sql<{ name: string }[]>`
    select name from unnest(${names as string[]}::text[]) as wanted (name)
      where (select idx from entry_key where tenant = ${tenant} and entry_key.name = wanted.name) is not null`
  return new Set(rows.map(({ name }) => name))
}

function appendOne(
  before: Tree,
  taken: Set<string>,
  { entries, epoch, at }: Append,
  added: Added,
): Exclude<Appended, { first: number }> | { readonly first: number; readonly tree: Tree } {
  if (epoch !== undefined && epoch !== before.epoch) return { moved: before.epoch }
  const wanted = entries.flatMap(({ keys }) => keys)
  const clash = wanted.find((key, index) => taken.has(key) || wanted.indexOf(key) !== index)
  if (clash !== undefined) return { taken: clash }

  let hashes = before.frontier
  for (const [offset, row] of entries.entries()) {
    const index = before.size + offset
    const leaf = leafHash(row.body)
    const grown = grow(index, hashes, leaf)
    hashes = grown.frontier
    added.entries.push({ index, row, leaf, at })
    added.nodes.push(...grown.nodes.filter(({ level }) => level > 0))
    for (const name of row.keys) {
      taken.add(name)
      added.keys.push({ name, index })
    }
  }
  const moved = entries.filter(({ moves }) => moves).length
  return { first: before.size, tree: { size: before.size + entries.length, epoch: before.epoch + moved, frontier: hashes } }
}

async function write(sql: Sql, tenant: string, before: Tree, after: Tree, { entries, nodes, keys }: Added): Promise<void> {
  const parts = partsToWrite(entries.flatMap(({ row: { part }, index }) => (part ? [{ part, index }] : [])))
  const [moved] = await Promise.all([
    // INVARIANT: the row is locked; that nothing moved beneath is checked all the same.
    sql`update tree set size = ${after.size}, epoch = ${after.epoch} where tenant = ${tenant} and size = ${before.size} and epoch = ${before.epoch}`,
    sql`insert into entry (tenant, idx, type, body, leaf, at)
      select ${tenant}, idx, type, body, decode(leaf, 'hex'), at from unnest(
        ${entries.map(({ index }) => index)}::bigint[], ${entries.map(({ row }) => row.type)}::text[],
        ${entries.map(({ row }) => row.body)}::text[], ${entries.map(({ leaf }) => leaf)}::text[],
        ${entries.map(({ at }) => at)}::bigint[]) as new (idx, type, body, leaf, at)`,
    sql`insert into node (tenant, level, idx, hash)
      select ${tenant}, level, idx, decode(hash, 'hex') from unnest(
        ${nodes.map(({ level }) => level)}::integer[], ${nodes.map(({ index }) => index)}::bigint[],
        ${nodes.map(({ hash }) => hash)}::text[]) as new (level, idx, hash)`,
    sql`insert into entry_key (tenant, name, idx)
      select ${tenant}, name, idx from unnest(
        ${keys.map(({ name }) => name)}::text[], ${keys.map(({ index }) => index)}::bigint[]) as new (name, idx)`,
    ...writeParts(sql, tenant, parts),
  ])
  if (moved.count !== 1)
    throw new StoreError('unavailable', 'The head of the ledger moved beneath an append, so nothing was appended: verify the chain.')
}

async function hashesAt(sql: Sql, tenant: string, at: readonly { readonly level: number; readonly index: number }[]): Promise<string[]> {
  if (at.length === 0) return []
  const rows = await sql<{ hash: string | null }[]>`
    select case level
        when 0 then (select encode(leaf, 'hex') from entry where tenant = ${tenant} and entry.idx = asked.idx)
        else (select encode(hash, 'hex') from node where tenant = ${tenant} and node.level = asked.level and node.idx = asked.idx)
      end as hash
      from unnest(${at.map(({ level }) => level)}::integer[], ${at.map(({ index }) => index)}::bigint[]) with ordinality as asked (level, idx, place)
      order by asked.place`
  return rows.map(({ hash }, place) => {
    if (hash !== null) return hash
    throw new RangeError(`Subtree ${at[place]?.index} at level ${at[place]?.level} is not complete: ask for an older tree.`)
  })
}

/** What is wrong at the end of a tenant's tree, seen without reading the rest of it. */
async function wrong(sql: Sql, tenant: string): Promise<string | undefined> {
  const [tree] = await sql<{ size: number }[]>`select size from tree where tenant = ${tenant}`
  const size = tree?.size ?? 0
  const [last] = await sql<{ index: number; body: string; leaf: string }[]>`
    select idx as index, body, encode(leaf, 'hex') as leaf from entry where tenant = ${tenant} order by idx desc limit 1`
  if ((last?.index ?? -1) !== size - 1) return `its tree has ${size} entries, and the last one there is ${last ? last.index : 'missing'}`
  if (last && leafHash(last.body) !== last.leaf) return `the body of its last entry, ${last.index}, is not the one that was appended`
  try {
    for (const { level, index } of frontier(size)) {
      if (level === 0) continue
      const halves = [
        { level: level - 1, index: index * 2 },
        { level: level - 1, index: index * 2 + 1 },
      ]
      const [whole = '', left = '', right = ''] = await hashesAt(sql, tenant, [{ level, index }, ...halves])
      if (whole !== nodeHash(left, right)) return `the hash of its subtree ${index} at level ${level} is not that of its halves`
    }
    return undefined
  } catch (error) {
    if (error instanceof RangeError) return 'hashes of its tree are missing'
    throw error
  }
}

function headOf({ size, epoch, frontier: hashes }: Tree): Head {
  return { size, root: rootOf(hashes), epoch }
}
