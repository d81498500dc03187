import { type Clock, checkAppend, isObject, type Json, type Ledger, type NewEntry, readLimit, systemClock } from '@agentgate/core'
import type { PartRow } from './sqlite/calls.ts'
import type { EntryRow } from './sqlite/ledger.ts'
import type { Store } from './store.ts'

/** The ledger in the store. Private records of calls are written beside it, for `storedCalls`. */
export function storedLedger(store: Store, clock: Clock = systemClock): Ledger {
  return {
    async append(tenant, entries, given) {
      checkAppend(entries)
      return store.ask('ledger', 'append', tenant, entries.map(rowOf), given?.epoch, clock.now())
    },
    read: async (tenant, from, to, types) => store.ask('ledger', 'read', tenant, Math.max(0, from), to, readLimit, types),
    head: async (tenant) => store.ask('ledger', 'head', tenant),
    nodes: async (tenant, at) => store.ask('ledger', 'nodes', tenant, at),
  }
}

function rowOf({ type, body, keys = [], moves = false, beside }: NewEntry): EntryRow {
  return { type, body, keys, moves, ...(beside && { part: partOf(beside) }) }
}

function partOf({ id, record, index }: NonNullable<NewEntry['beside']>): PartRow {
  const { decision, outcome } = record
  const call = textIn(decision, 'call', 'id')
  const expiresAt = isObject(decision) ? decision['expiresAt'] : undefined
  const decided = call !== null &&
    typeof expiresAt === 'number' && {
      call,
      verdict: textIn(decision, 'verdict') ?? '',
      tool: textIn(decision, 'call', 'tool', 'name') ?? '',
      principal: textIn(decision, 'call', 'principal', 'id') ?? '',
      expiresAt,
    }
  return { id, record: JSON.stringify(record), member: index ?? null, ...(decided && { decided }), status: textIn(outcome, 'status') }
}

function textIn(value: Json | undefined, ...path: readonly string[]): string | null {
  for (const name of path) value = isObject(value) ? value[name] : undefined
  return typeof value === 'string' ? value : null
}
