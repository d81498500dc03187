import type { TenantId } from '../call.ts'
import { type AuditBody, type AuditKey, isAuthentic, readAudit, replacedBy } from './audit.ts'
import { type AuditHead, noAudit } from './checkpoint.ts'
import { type Entry, type Ledger, readLimit } from './ledger.ts'

/** Where a chain first breaks, and how. `truncated`: events are missing at its end. */
export interface Break {
  /** The number that the event should have. */
  readonly seq: number
  /** Where in the ledger it stands; absent when there is nothing to point at. */
  readonly index?: number
  readonly how: 'changed' | 'removed' | 'inserted' | 'reordered' | 'truncated'
}

/** What checking an audit chain found. Names are those of the product. */
export interface ChainReport {
  readonly valid: boolean
  readonly entries_checked: number
  /** Hash of the first event and of the last that was found in place, hex; `null` for a chain without events. */
  readonly chain_start: string | null
  readonly chain_end: string | null
  readonly first_invalid?: Break
}

/** All entries of a tenant, in order. */
export async function* entriesOf(ledger: Ledger, tenant: TenantId, from = 0, to = Number.MAX_SAFE_INTEGER): AsyncGenerator<Entry> {
  for (let at = from; at < to; ) {
    const page = await ledger.read(tenant, at, Math.min(to, at + readLimit))
    const last = page.at(-1)
    if (!last) return
    yield* page
    at = last.index + 1
  }
}

/**
 * Checks a tenant's audit chain, event by event, and finds the first that was changed, removed, inserted or reordered. A key that
 * was replaced authenticates nothing behind the event that says so.
 * That its end was cut off shows only against a `checkpoint` head, kept elsewhere. Entries of other types are passed over.
 */
export async function verifyChain(
  entries: AsyncIterable<Entry> | Iterable<Entry>,
  {
    tenant,
    keys,
    checkpoint = noAudit,
  }: { readonly tenant: TenantId; readonly keys: readonly AuditKey[]; readonly checkpoint?: AuditHead },
): Promise<ChainReport> {
  let checked = 0
  let head: AuditHead = noAudit
  let start: string | null = null
  let fault: { readonly entry: Entry; readonly event: AuditBody | undefined } | undefined
  /** Whether the event that belongs at the break stands after it. */
  let next = false
  const replaced = new Set<string>()
  for await (const entry of entries) {
    if (entry.type !== 'audit') continue
    checked++
    const event = authentic(
      entry,
      tenant,
      keys.filter(({ id }) => !replaced.has(id)),
    )
    if (fault) {
      next ||= event !== undefined && follows(event, head)
    } else if (event && follows(event, head) && agrees(event, checkpoint)) {
      head = { count: event.seq, hash: event.hash }
      start ??= event.hash
      const key = replacedBy(event)
      if (key?.kind === 'audit') replaced.add(key.id)
    } else fault = { entry, event }
  }
  const report = { entries_checked: checked, chain_start: start, chain_end: start && head.hash }
  if (fault) {
    const { entry, event } = fault
    return { valid: false, ...report, first_invalid: { seq: head.count + 1, index: entry.index, how: classify(event, head, next) } }
  }
  if (head.count < checkpoint.count) return { valid: false, ...report, first_invalid: { seq: head.count + 1, how: 'truncated' } }
  return { valid: true, ...report }
}

function authentic(entry: Entry, tenant: TenantId, keys: readonly AuditKey[]): AuditBody | undefined {
  const event = readAudit(entry)
  return event?.tenant === tenant && isAuthentic(event, keys) ? event : undefined
}

function follows({ seq, prev }: AuditBody, head: AuditHead): boolean {
  return seq === head.count + 1 && prev === head.hash
}

/** A whole chain written anew by someone with the key differs from what a checkpoint saw. */
function agrees({ seq, hash }: AuditBody, checkpoint: AuditHead): boolean {
  return seq !== checkpoint.count || hash === checkpoint.hash
}

function classify(event: AuditBody | undefined, head: AuditHead, next: boolean): Break['how'] {
  if (!event) return next ? 'inserted' : 'changed'
  if (event.seq <= head.count) return 'inserted'
  if (event.seq === head.count + 1) return 'changed'
  return next ? 'reordered' : 'removed'
}
