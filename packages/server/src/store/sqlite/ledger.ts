import type { Appended, Entry, EntryType, Head } from '@agentgate/core'
import { frontier, grow, leafHash, rootOf } from '@agentgate/core/storing'
import type { Database } from 'better-sqlite3'
import { callRows, type PartRow } from './calls.ts'

/** An entry as it comes from the event loop: its private record is JSON already. */
export interface EntryRow {
  readonly type: EntryType
  readonly body: string
  readonly keys: readonly string[]
  readonly moves: boolean
  readonly part?: PartRow
}

interface Tree {
  readonly size: number
  readonly epoch: number
  readonly frontier: readonly string[]
}

/** The rows of the ledger. `forget` must be called after a rollback: the trees that it remembers may not be those on disk. */
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
  const selectLeaf = db.prepare<[string, number], { hash: Buffer }>('select leaf as hash from entry where tenant = ? and idx = ?')
  const selectNode = db.prepare<[string, number, number], { hash: Buffer }>(
    'select hash from node where tenant = ? and level = ? and idx = ?',
  )
  const calls = callRows(db)
  const trees = new Map<string, Tree>()

  function hashAt(tenant: string, level: number, index: number): string {
    const row = level === 0 ? selectLeaf.get(tenant, index) : selectNode.get(tenant, level, index)
    if (row) return row.hash.toString('hex')
    throw new RangeError(`Subtree ${index} at level ${level} is not complete: ask for an older tree.`)
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

  return {
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
    read: (tenant: string, from: number, to: number, limit: number): Entry[] => selectEntries.all(tenant, from, to, limit),
    head: (tenant: string): Head => headOf(treeOf(tenant)),
    nodes: (tenant: string, at: readonly { readonly level: number; readonly index: number }[]): string[] =>
      at.map(({ level, index }) => hashAt(tenant, level, index)),
  }
}

function headOf({ size, epoch, frontier: hashes }: Tree): Head {
  return { size, root: rootOf(hashes), epoch }
}
