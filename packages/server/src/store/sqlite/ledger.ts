import type { Appended, Entry, EntryType, Head } from '@agentgate/core'
import { frontier, grow, leafHash, nodeHash, rootOf } from '@agentgate/core/storing'
import type { Database } from 'better-sqlite3'
import { StoreError } from '../store-error.ts'
import { callRows, type PartRow } from './calls.ts'

/** An entry as it comes from the event loop: its private record is JSON already. */
export interface EntryRow {
  readonly type: EntryType
  readonly body: string
  readonly keys: readonly string[]
  readonly moves: boolean
  readonly part?: PartRow
}

export interface Position {
  readonly level: number
  readonly index: number
}

interface Tree {
  readonly size: number
  readonly epoch: number
  readonly frontier: readonly string[]
}

/** The rows of the ledger. `check` changes nothing and throws a `StoreError` `corrupt` when a tree and its entries disagree at the end. `forget` must be called after a rollback: the trees that it remembers may not be those on disk. */
export function ledgerRows(db: Database) {
  const selectTree = db.prepare<[string], { size: number; epoch: number }>('select size, epoch from tree where tenant = ?')
  const putTree = db.prepare(
    'insert into tree (tenant, size, epoch) values (?, ?, ?) on conflict (tenant) do update set size = excluded.size, epoch = excluded.epoch',
  )
  const selectKey = db.prepare<[string, string]>('select 1 from entry_key where tenant = ? and name = ?')
  const insertKey = db.prepare('insert into entry_key (tenant, name, idx) values (?, ?, ?)')
  const insertEntry = db.prepare('insert into entry (tenant, idx, type, body, leaf, at) values (?, ?, ?, ?, ?, ?)')
  const insertNode = db.prepare('insert into node (tenant, level, idx, hash) values (?, ?, ?, ?)')
  const selectEntries = db.prepare<[string, number, number, number], Entry>(
    'select idx as "index", type, body, at from entry where tenant = ? and idx >= ? and idx < ? order by idx limit ?',
  )
  const selectOfTypes = db.prepare<[string, number, number, string, number], Entry>(
    `select idx as "index", type, body, at from entry
       where tenant = ? and idx >= ? and idx < ? and type in (select value from json_each(?)) order by idx limit ?`,
  )
  const selectLeaf = db.prepare<[string, number], { hash: Buffer }>('select leaf as hash from entry where tenant = ? and idx = ?')
  const selectNode = db.prepare<[string, number, number], { hash: Buffer }>(
    'select hash from node where tenant = ? and level = ? and idx = ?',
  )
  const selectLeaves = db.prepare<[string, number, number], { hash: Buffer }>(
    'select leaf as hash from entry where tenant = ? and idx >= ? and idx <= ? order by idx',
  )
  const selectNodes = db.prepare<[string, number, number, number], { hash: Buffer }>(
    'select hash from node where tenant = ? and level = ? and idx >= ? and idx <= ? order by idx',
  )
  // From tenant to tenant by the index: a healthy ledger is never read as a whole for this.
  const selectTenants = db.prepare<[], { tenant: string }>(
    `with recursive held (tenant) as (
       select min(tenant) from entry union all
       select (select min(tenant) from entry where tenant > held.tenant) from held where held.tenant is not null
     ) select tenant from held where tenant is not null union select tenant from tree`,
  )
  const selectLast = db.prepare<[string], { index: number; body: string; leaf: Buffer }>(
    'select idx as "index", body, leaf from entry where tenant = ? order by idx desc limit 1',
  )
  const calls = callRows(db)
  const trees = new Map<string, Tree>()

  function hashAt(tenant: string, level: number, index: number): string {
    const row = level === 0 ? selectLeaf.get(tenant, index) : selectNode.get(tenant, level, index)
    if (row) return row.hash.toString('hex')
    throw new RangeError(`Subtree ${index} at level ${level} is not complete: ask for an older tree.`)
  }

  /** The hashes of each level that is asked for without a gap, read as one: one by one is slow for many. */
  function rowsOf(tenant: string, at: readonly Position[]): ReadonlyMap<number, { readonly at: (index: number) => string | undefined }> {
    const found = new Map<number, { readonly at: (index: number) => string | undefined }>()
    for (const [level, all = []] of Object.entries(Object.groupBy(at, (each) => each.level))) {
      const [from, to] = [all[0]?.index ?? 0, all.at(-1)?.index ?? 0]
      if (all.length < 8 || all.some(({ index }, offset) => index !== from + offset)) continue
      const rows = Number(level) === 0 ? selectLeaves.all(tenant, from, to) : selectNodes.all(tenant, Number(level), from, to)
      if (rows.length === all.length) found.set(Number(level), { at: (index) => rows[index - from]?.hash.toString('hex') })
    }
    return found
  }

  function treeOf(tenant: string): Tree {
    const known = trees.get(tenant)
    if (known) return known
    const { size, epoch } = selectTree.get(tenant) ?? { size: 0, epoch: 0 }
    const tree = { size, epoch, frontier: frontier(size).map(({ level, index }) => hashAt(tenant, level, index)) }
    if (trees.size >= 10_000) trees.clear()
    trees.set(tenant, tree)
    return tree
  }

  /** What is wrong at the end of a tenant's tree, seen without reading the rest of it. */
  function wrong(tenant: string): string | undefined {
    const { size } = selectTree.get(tenant) ?? { size: 0 }
    const last = selectLast.get(tenant)
    if ((last?.index ?? -1) !== size - 1) return `its tree has ${size} entries, and the last one there is ${last ? last.index : 'missing'}`
    if (last && leafHash(last.body) !== last.leaf.toString('hex'))
      return `the body of its last entry, ${last.index}, is not the one that was appended`
    try {
      const torn = frontier(size).find(
        ({ level, index }) =>
          level > 0 &&
          hashAt(tenant, level, index) !== nodeHash(hashAt(tenant, level - 1, index * 2), hashAt(tenant, level - 1, index * 2 + 1)),
      )
      return torn && `the hash of its subtree ${torn.index} at level ${torn.level} is not that of its halves`
    } catch (error) {
      if (error instanceof RangeError) return 'hashes of its tree are missing'
      throw error
    }
  }

  return {
    check(folder: string): void {
      for (const { tenant } of selectTenants.all()) {
        const what = wrong(tenant)
        if (what === undefined) continue
        const message = `The ledger of \`${tenant}\` in \`${folder}\` is damaged (${what}), and was left as it is: restore a backup.`
        throw new StoreError('corrupt', message)
      }
    },
    forget: () => trees.clear(),
    append(tenant: string, entries: readonly EntryRow[], epoch: number | undefined, at: number): Appended {
      const tree = treeOf(tenant)
      if (epoch !== undefined && epoch !== tree.epoch) return { moved: tree.epoch }
      const wanted = entries.flatMap(({ keys }) => keys)
      const taken = wanted.find((key, index) => wanted.indexOf(key) !== index || selectKey.get(tenant, key) !== undefined)
      if (taken !== undefined) return { taken }

      let hashes = tree.frontier
      for (const [offset, { type, body, keys, part }] of entries.entries()) {
        const index = tree.size + offset
        const leaf = leafHash(body)
        const grown = grow(index, hashes, leaf)
        hashes = grown.frontier
        insertEntry.run(tenant, index, type, body, Buffer.from(leaf, 'hex'), at)
        for (const node of grown.nodes) if (node.level > 0) insertNode.run(tenant, node.level, node.index, Buffer.from(node.hash, 'hex'))
        for (const key of keys) insertKey.run(tenant, key, index)
        if (part) calls.write(tenant, part, index)
      }
      const moved = entries.filter(({ moves }) => moves).length
      const after = { size: tree.size + entries.length, epoch: tree.epoch + moved, frontier: hashes }
      putTree.run(tenant, after.size, after.epoch)
      trees.set(tenant, after)
      return { first: tree.size, head: headOf(after) }
    },
    read: (tenant: string, from: number, to: number, limit: number, types?: readonly EntryType[]): Entry[] =>
      types ? selectOfTypes.all(tenant, from, to, JSON.stringify(types), limit) : selectEntries.all(tenant, from, to, limit),
    head: (tenant: string): Head => headOf(treeOf(tenant)),
    nodes: (tenant: string, at: readonly Position[]): string[] => {
      const rows = rowsOf(tenant, at)
      return at.map(({ level, index }) => rows.get(level)?.at(index) ?? hashAt(tenant, level, index))
    },
  }
}

function headOf({ size, epoch, frontier: hashes }: Tree): Head {
  return { size, root: rootOf(hashes), epoch }
}
