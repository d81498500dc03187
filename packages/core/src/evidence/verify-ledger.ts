import type { TenantId } from '../call.ts'
import type { AuditKey } from './audit.ts'
import { type Checkpoint, noAudit, originOf } from './checkpoint.ts'
import { grantType } from './grant-statement.ts'
import { type Entry, type Ledger, readLimit } from './ledger.ts'
import { emptyRoot, grow, leafHash, rootOf } from './merkle.ts'
import { type Break, type ChainReport, verifyChain } from './verify-chain.ts'

/** The first place where a ledger is not what it was, and what is wrong there. */
export interface Fault {
  /** The number of the audit event, where one is broken. */
  readonly seq?: number
  /** The entry; absent when there is nothing to point at. */
  readonly index?: number
  readonly how: Break['how']
  /** For people: place and fault, no content of an entry. */
  readonly what: string
}

/** What checking a whole ledger found. `entries_checked` counts all entries, `chain_start` and `chain_end` are of the audit chain. */
export type LedgerReport = Omit<ChainReport, 'first_invalid'> & { readonly first_invalid?: Fault }

/**
 * Checks every entry of a tenant: indexes without a gap, each body against its leaf, the stored hashes and the root against
 * those computed anew, and the audit chain event by event. All of it is read in pages, so memory stays bounded.
 *
 * A store that was rewritten as a whole, or cut off at its end, agrees with itself: that shows only against a `checkpoint`
 * kept elsewhere, whose signature the caller has verified. Whoever can roll back that as well is found out only by someone
 * who holds a later bundle or checkpoint. Private records and taken keys stand beside the ledger and are not checked.
 */
export async function verifyLedger(
  ledger: Ledger,
  {
    tenant,
    keys,
    checkpoint,
    pause,
  }: {
    readonly tenant: TenantId
    readonly keys: readonly AuditKey[]
    readonly checkpoint?: Checkpoint | undefined
    /** Awaited every few entries, so that others get their turn. */
    readonly pause?: () => Promise<unknown>
  },
): Promise<LedgerReport> {
  const { size, root } = await ledger.head(tenant)
  let checked = 0
  let fault: Fault | undefined
  const found = (how: Fault['how'], what: string, index?: number) => {
    fault ??= { how, what, ...(index !== undefined && { index }) }
  }

  if (checkpoint && checkpoint.origin !== originOf(tenant)) found('changed', `The checkpoint is of \`${checkpoint.origin}\`.`)
  const chain = await verifyChain(all(), { tenant, keys, checkpoint: checkpoint?.audit ?? noAudit })
  const first = earlier(fault, chain.first_invalid)
  const { chain_start, chain_end } = chain
  return { valid: first === undefined, entries_checked: checked, chain_start, chain_end, ...(first && { first_invalid: first }) }

  /** All entries, each checked against the tree before it is passed on. */
  async function* all(): AsyncGenerator<Entry> {
    let hashes: readonly string[] = []
    const compare = (at: number) => {
      if (at === checkpoint?.size && (at === 0 ? emptyRoot : rootOf(hashes)) !== checkpoint.root)
        found('changed', `The first ${at} entries are not those of the checkpoint that was kept outside the database.`)
    }
    compare(0)
    const read = async (from: number) => ledger.read(tenant, from, Math.min(size, from + readLimit))
    let ahead = read(0)
    for (let from = 0; from < size; from += readLimit) {
      const to = Math.min(size, from + readLimit)
      const page = await ahead
      // The store reads the next page while this one is hashed.
      if (to < size) ahead = read(to)
      ahead.catch(() => undefined)
      const nodes: { readonly level: number; readonly index: number; readonly hash: string }[] = []
      for (let at = from; at < to && !fault; at++) {
        const entry = page[at - from]
        if (entry?.index !== at) {
          found('removed', `Entry ${at} of ${size} is missing.`, at)
          break
        }
        if (!fits(entry)) found('changed', `Entry ${at} is kept as \`${entry.type}\`, which its body is not.`, at)
        const grown = grow(at, hashes, leafHash(entry.body))
        hashes = grown.frontier
        nodes.push(...grown.nodes)
        compare(at + 1)
        if (at % 100 === 99) await pause?.()
      }
      if (nodes.length > 0) await compareStored(nodes)
      for (const entry of page) {
        checked++
        yield entry
        if (checked % 100 === 0) await pause?.()
      }
    }
    if (!fault && rootOf(hashes) !== root) found('changed', `The root of all ${size} entries is not that of the tree.`)
    if (checkpoint && checkpoint.size > size)
      found('truncated', `The tree has ${size} entries, and the checkpoint kept outside the database has ${checkpoint.size}.`, size)
    await beyond()
  }

  /** A hash is stored with the entry that completes its subtree: what differs is named by that entry. */
  async function compareStored(nodes: readonly { readonly level: number; readonly index: number; readonly hash: string }[]): Promise<void> {
    const last = ({ level, index }: { readonly level: number; readonly index: number }) => (index + 1) * 2 ** level - 1
    const stored = await storedHashes(nodes)
    const at = nodes.findIndex(({ hash }, index) => stored[index] !== hash)
    const node = nodes[at]
    if (!node) return
    const index = last(node)
    const what =
      node.level === 0
        ? `The body of entry ${index} is not the one that was appended: its leaf is another.`
        : stored[at] === undefined
          ? `A hash of the tree that was stored with entry ${index} is missing.`
          : `A hash of the tree that was stored with entry ${index} is not that of its entries.`
    // What stands before a gap or another fault in the same page is the earlier one.
    if (!fault || (fault.index ?? size) >= index)
      fault = { how: node.level > 0 && stored[at] === undefined ? 'removed' : 'changed', what, index }
  }

  async function storedHashes(at: readonly { readonly level: number; readonly index: number }[]): Promise<readonly (string | undefined)[]> {
    const ask = at.map(({ level, index }) => ({ level, index }))
    try {
      return await ledger.nodes(tenant, ask)
    } catch (error) {
      if (!(error instanceof RangeError)) throw error
      const [only] = ask
      if (ask.length <= 1 || !only) return [undefined]
      const half = ask.length >> 1
      const left = await storedHashes(ask.slice(0, half))
      return left.includes(undefined) ? left : [...left, ...(await storedHashes(ask.slice(half)))]
    }
  }

  /** Entries after the last of the tree, unless they were appended meanwhile. */
  async function beyond(): Promise<void> {
    const [entry] = await ledger.read(tenant, size, size + 1)
    if (!entry) return
    await pause?.()
    if ((await ledger.head(tenant)).size <= entry.index)
      found('inserted', `Entry ${entry.index} stands beyond the tree of ${size}.`, entry.index)
  }
}

const envelopeStart = '{"payload":"'
const auditStart = '{"_type":"urn:agentgate:audit-event:1",'

/** The type stands beside the leaf: an audit event kept under another would drop out of the chain, and a grant would bind nobody. */
function fits({ type, body }: Entry): boolean {
  return (type === 'audit') === body.startsWith(auditStart) && (type === 'grant') === holdsGrant(body)
}

/** Whether the signed statement in an envelope is that of a grant: it says so near its end. */
function holdsGrant(body: string): boolean {
  if (!body.startsWith(envelopeStart)) return false
  const payload = body.slice(envelopeStart.length, body.indexOf('"', envelopeStart.length))
  const from = Math.max(0, payload.length - 1_200)
  return Buffer.from(payload.slice(from - (from % 4)), 'base64').includes(`"predicateType":"${grantType}"`)
}

function earlier(tree: Fault | undefined, chain: Break | undefined): Fault | undefined {
  if (!chain) return tree
  const place = chain.index === undefined ? 'behind the last entry' : `at entry ${chain.index}`
  const fault: Fault = { ...chain, what: `The audit chain breaks at event ${chain.seq}, ${place}: ${told[chain.how]}` }
  return tree && (tree.index ?? Number.MAX_SAFE_INTEGER) < (chain.index ?? Number.MAX_SAFE_INTEGER) ? tree : fault
}

const told: { readonly [how in Break['how']]: string } = {
  changed: 'it is not the one that was written.',
  removed: 'it was removed.',
  inserted: 'what stands there does not belong to the chain.',
  reordered: 'it stands elsewhere.',
  truncated: 'it and what followed were cut off.',
}
