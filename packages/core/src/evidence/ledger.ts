import type { TenantId } from '../call.ts'
import { type Clock, systemClock } from '../clock.ts'
import type { JsonObject } from '../json.ts'
import { grow, leafHash, rootOf } from './merkle.ts'

export type EntryType = 'decision' | 'outcome' | 'amendment' | 'approval' | 'audit' | 'erasure' | 'grant'

/** A statement to be appended. `body` is the leaf: its exact bytes are hashed, stored and proved. */
export interface NewEntry {
  readonly type: EntryType
  /** Canonical JSON (RFC 8785), UTF-8. Holds no personal data. */
  readonly body: string
  /** Names that only one entry of the tenant may ever take: `outcome/<call>`, `approval/<id>`, `audit/<seq>`. */
  readonly keys?: readonly string[]
  /** Moves the tenant's epoch by one: a policy activation or a revocation. Decisions made under the older epoch are not appended. */
  readonly moves?: boolean
  readonly beside?: Beside
}

/** A change to the private record of a call, made in the same transaction as the append. Never hashed, never shown as it is. */
export interface Beside {
  /** The decision's id. */
  readonly id: string
  /** These members replace those of the record with this id; its other members stay. What JSON does not carry is left out. */
  readonly record: JsonObject
  /** The member of the record that is set to the entry's index. */
  readonly index?: string
}

export interface Entry {
  readonly index: number
  readonly type: EntryType
  readonly body: string
  /** When it was appended, by the store's clock: informative, not part of the leaf. */
  readonly at: number
}

/** The tree of one tenant: RFC 9162, SHA-256. `root` is hex. A new tenant has size 0, the root of nothing, and epoch 0. */
export interface Head {
  readonly size: number
  readonly root: string
  readonly epoch: number
}

/** `moved`: the epoch is not the one given, but this one. `taken`: another entry has this key. Either way nothing was written. */
export type Appended = { readonly first: number; readonly head: Head } | { readonly moved: number } | { readonly taken: string }

/** An append-only log of statements, one tree a tenant. */
export interface Ledger {
  /**
   * All or none, in order. Returns once durable; an exception means that nobody can tell whether it is. An epoch that
   * moved is told before a key that is taken; two entries of one append with the same key are `taken` as well.
   */
  readonly append: (tenant: TenantId, entries: readonly NewEntry[], given?: { readonly epoch: number }) => Promise<Appended>
  /** Entries `from` (inclusive) to `to` (exclusive), with `types` only those: at most the first 1,000 of them. */
  readonly read: (tenant: TenantId, from: number, to: number, types?: readonly EntryType[]) => Promise<readonly Entry[]>
  readonly head: (tenant: TenantId) => Promise<Head>
  /**
   * Hashes (hex) of complete subtrees, in the order asked: node `index` at `level`, where level 0 are the leaves. Rejects
   * with a `RangeError` when one is not complete yet. For inclusion and consistency proofs.
   */
  readonly nodes: (tenant: TenantId, at: readonly { readonly level: number; readonly index: number }[]) => Promise<readonly string[]>
}

/** The most that one `read` answers. */
export const readLimit = 1000

/** Throws a `RangeError` for an append that no ledger takes: empty, over 1,000 entries, or a body or key that is too long. */
export function checkAppend(entries: readonly NewEntry[]): void {
  if (entries.length === 0 || entries.length > 1000) throw new RangeError(`An append takes 1 to 1,000 entries, not ${entries.length}.`)
  for (const { type, body, keys = [] } of entries) {
    if (body.length > 1 << 20) throw new RangeError(`The ${type} entry is longer than 1 MiB: it cannot be appended.`)
    if (keys.some((key) => key.length > 512)) throw new RangeError(`A key of the ${type} entry is longer than 512 characters.`)
  }
}

/** The private record of a call after a change. */
export function besideAfter(earlier: JsonObject | undefined, { record, index }: Beside, at: number): JsonObject {
  return { ...earlier, ...record, ...(index !== undefined && { [index]: at }) }
}

/** A ledger that lets go of calls that nothing can ask for any more. */
export interface ForgettingLedger extends Ledger {
  /**
   * Drops the entries of a decision, their keys, and its private record; then whatever stands before all that is kept, with the
   * nodes that no proof of what is kept needs. Head and epoch stay, `read` leaves the dropped out, and `nodes` rejects.
   */
  readonly forget: (tenant: TenantId, id: string) => void
}

/** The ledger in memory: nothing of it survives the process. `beside` receives each private record as it is after an append. */
export function memoryLedger(
  options: { readonly clock?: Clock; readonly beside?: (tenant: TenantId, id: string, record: JsonObject) => void } = {},
): ForgettingLedger {
  const trees = new Map<TenantId, Tree>()
  const treeOf = (tenant: TenantId): Tree => {
    const tree = trees.get(tenant) ?? newTree()
    trees.set(tenant, tree)
    return tree
  }

  return {
    async append(tenant, entries, given) {
      checkAppend(entries)
      const tree = treeOf(tenant)
      if (given && given.epoch !== tree.epoch) return { moved: tree.epoch }
      const wanted = entries.flatMap(({ keys = [] }) => keys)
      const taken = wanted.find((key, index) => tree.keys.has(key) || wanted.indexOf(key) !== index)
      if (taken !== undefined) return { taken }

      const first = tree.size
      for (const entry of entries) {
        const index = add(tree, entry, options.clock ?? systemClock)
        if (!entry.beside) continue
        const { id } = entry.beside
        const record = besideAfter(tree.records.get(id)?.record, { ...entry.beside, record: plain(entry.beside.record) }, index)
        const { at = [] } = tree.records.get(id) ?? {}
        tree.records.set(id, { record, at: [...at, index] })
        options.beside?.(tenant, id, record)
      }
      return { first, head: headOf(tree) }
    },
    async read(tenant, from, to, types) {
      const { entries, size } = treeOf(tenant)
      const start = Math.max(0, from)
      if (types) {
        const within = [...entries.values()].filter(({ entry: { index, type } }) => index >= start && index < to && types.includes(type))
        return within.slice(0, readLimit).map(({ entry }) => entry)
      }
      const end = Math.min(to, start + readLimit, size)
      return Array.from({ length: Math.max(0, end - start) }, (_, n) => entries.get(start + n)?.entry).filter(
        (entry) => entry !== undefined,
      )
    },
    async head(tenant) {
      return headOf(treeOf(tenant))
    },
    async nodes(tenant, at) {
      const { nodes } = treeOf(tenant)
      return at.map(({ level, index }) => {
        const hash = nodes.get(`${level}/${index}`)
        if (hash === undefined) throw new RangeError(`Subtree ${index} at level ${level} is not complete: ask for an older tree.`)
        return hash
      })
    },
    forget(tenant, id) {
      const tree = treeOf(tenant)
      for (const index of tree.records.get(id)?.at ?? []) drop(tree, index)
      tree.records.delete(id)
      prune(tree)
    },
  }
}

/** The record as JSON carries it: without members that are `undefined`. */
function plain(record: JsonObject): JsonObject {
  return JSON.parse(JSON.stringify(record)) as JsonObject
}

interface Tree {
  size: number
  /** In the order of their index. */
  readonly entries: Map<number, { readonly entry: Entry; readonly keys: readonly string[]; readonly ofCall: boolean }>
  frontier: readonly string[]
  epoch: number
  readonly nodes: Map<string, string>
  readonly keys: Set<string>
  readonly records: Map<string, { readonly record: JsonObject; readonly at: readonly number[] }>
  /** No proof of an entry before it is asked for. */
  pruned: number
}

function newTree(): Tree {
  return { size: 0, entries: new Map(), frontier: [], epoch: 0, nodes: new Map(), keys: new Set(), records: new Map(), pruned: 0 }
}

function headOf({ size, frontier, epoch }: Tree): Head {
  return { size, root: rootOf(frontier), epoch }
}

function add(tree: Tree, { type, body, keys = [], moves, beside }: NewEntry, clock: Clock): number {
  const index = tree.size++
  const grown = grow(index, tree.frontier, leafHash(body))
  for (const { level, index: at, hash } of grown.nodes) tree.nodes.set(`${level}/${at}`, hash)
  tree.frontier = grown.frontier
  tree.entries.set(index, { entry: Object.freeze({ index, type, body, at: clock.now() }), keys, ofCall: beside !== undefined })
  for (const key of keys) tree.keys.add(key)
  if (moves) tree.epoch++
  return index
}

function drop(tree: Tree, index: number): void {
  for (const key of tree.entries.get(index)?.keys ?? []) tree.keys.delete(key)
  tree.entries.delete(index)
}

/** Drops what stands before the first entry of a kept call. The path of a later leaf never goes below a subtree that ends there. */
function prune(tree: Tree): void {
  let first = tree.size
  for (const [index, { ofCall }] of tree.entries) {
    if (ofCall) {
      first = index
      break
    }
    drop(tree, index)
  }
  for (; tree.pruned < first; tree.pruned++) {
    const end = tree.pruned + 1
    for (let level = 1; end % 2 ** level === 0; level++) {
      const index = end / 2 ** level - 1
      tree.nodes.delete(`${level - 1}/${2 * index}`)
      tree.nodes.delete(`${level - 1}/${2 * index + 1}`)
    }
  }
}
