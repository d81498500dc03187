import type { AuditBody } from '@agentgate/core'
import { count, told, wasSeen } from './events.ts'

/** Who saw values again, and what for. */
export interface Access {
  readonly principal: string
  readonly restored: number
  readonly revealed: number
  readonly released: number
  readonly values: { readonly [kind: string]: number }
  readonly purposes: readonly string[]
  readonly sessions: number
  readonly lastAt: string
}

const columns = { 'pii.restored': 'restored', 'pii.revealed': 'revealed', 'input.released': 'released' } as const

/** By principal, whoever was the last first. Events are the newest first; those in which nothing was seen are left out. */
export function accessOf(events: readonly AuditBody[]): readonly Access[] {
  const found = new Map<string, AuditBody[]>()
  for (const event of events) {
    if (event.principal === null || !wasSeen(event)) continue
    found.set(event.principal, [...(found.get(event.principal) ?? []), event])
  }
  return [...found].map(([principal, mine]) => {
    const values = new Map<string, number>()
    for (const event of mine) count(values, told(event, 'kinds'))
    const of = (column: string) => mine.filter(({ event }) => columns[event as keyof typeof columns] === column).length
    return {
      principal,
      restored: of('restored'),
      revealed: of('revealed'),
      released: of('released'),
      values: Object.fromEntries(values),
      purposes: [...new Set(mine.map((event) => told(event, 'purpose')).filter((purpose) => purpose !== ''))].slice(0, 20),
      sessions: new Set(mine.map((event) => told(event, 'session')).filter((session) => session !== '')).size,
      lastAt: mine[0]?.at ?? '',
    }
  })
}
