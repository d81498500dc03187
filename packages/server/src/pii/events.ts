import { type AuditBody, counted, type Entry, type JsonObject, type Ledger, readAudit, readLimit, type TenantId } from '@agentgate/core'

/** How many of the newest entries of a ledger a report looks at. */
export const mostEntries = 10_000

/** What a report looked at: audit events about personal data and certificates of erasure, newest first. */
export interface Looked {
  readonly events: readonly AuditBody[]
  readonly erasures: readonly Entry[]
  readonly entries: number
  /** When the oldest entry looked at was appended. */
  readonly from: number | undefined
  /** Whether there is nothing older. */
  readonly complete: boolean
}

export async function lookAt(ledger: Ledger, tenant: TenantId, most = mostEntries): Promise<Looked> {
  const { size } = await ledger.head(tenant)
  const events: AuditBody[] = []
  const erasures: Entry[] = []
  const start = Math.max(0, size - most)
  let from: number | undefined
  for (let end = size; end > start; end -= readLimit) {
    const page = await ledger.read(tenant, Math.max(start, end - readLimit), end)
    for (const entry of page.toReversed()) {
      if (entry.type === 'erasure') erasures.push(entry)
      const event = readAudit(entry)
      if (event && isAboutPii(event.event)) events.push(event)
    }
    from = page[0]?.at ?? from
  }
  return { events, erasures, entries: size - start, from, complete: start === 0 }
}

export function isAboutPii(type: string): boolean {
  return type.startsWith('pii.') || type === 'input.released' || type === 'key.rotated'
}

/** A fact that an event tells openly. */
export function told({ facts }: AuditBody, name: string): string {
  const fact = facts[name]
  return fact && 'value' in fact ? String(fact.value) : ''
}

const seeing: ReadonlySet<string> = new Set(['pii.restored', 'pii.revealed', 'input.released'])

/** Whether somebody saw values again: what was refused, did not open or was not there is on the chain as well. */
export function wasSeen(event: AuditBody): boolean {
  return seeing.has(event.event) && ['', 'ok'].includes(told(event, 'integrity')) && told(event, 'count') !== '0'
}

/** Counts by kind as an event tells them: `EMAIL:2,SSN:1`. */
export function written(kinds: Iterable<string>): string {
  return writtenCounts(counted(kinds))
}

export function writtenCounts(counts: JsonObject): string {
  return Object.entries(counts)
    .map(([kind, count]) => `${kind}:${String(count)}`)
    .join(',')
}

/** Adds what `written` wrote to counts. */
export function count(into: Map<string, number>, text: string): void {
  for (const [, kind = '', n] of text.matchAll(/([A-Z_0-9]+):(\d+)/g)) into.set(kind, (into.get(kind) ?? 0) + Number(n))
}
