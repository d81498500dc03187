import type { Json } from '@agentgate/core'

/** What became of one step of a transaction, or of the transaction itself. */
export type JournalEntry = { readonly transaction: string } & (
  | {
      readonly kind: 'started'
      readonly step: number
      readonly tool: string
      /** As the caller gave it, personal data included: a compensation needs it. */
      readonly input: Json
      readonly user?: string
      readonly session?: string
      readonly tenant?: string
    }
  | { readonly kind: 'succeeded'; readonly step: number; readonly output: Json }
  | { readonly kind: 'failed' | 'undoing' | 'undone' | 'undo-failed'; readonly step: number }
  | { readonly kind: 'committed' }
)

/**
 * Where transactions are written down before they act, so that a crash leaves nothing unknown that was known.
 *
 * An append that rejects may or may not be there: whoever appended must not act on it.
 */
export interface Journal {
  /** Returns once durable. Entries of one transaction keep the order in which they were appended. */
  readonly append: (entry: JournalEntry) => Promise<void>
  /** The entries of every transaction that was not forgotten, in order. Rejects when one cannot be read: then nobody can tell. */
  readonly read: () => Promise<readonly JournalEntry[]>
  /** Nothing more is owed for a transaction. Unknown ids: no effect. */
  readonly forget: (transaction: string) => Promise<void>
}

/** Keeps transactions in memory: what is undone is undone, and a crash forgets it. */
export function memoryJournal(): Journal {
  const kept = new Map<string, JournalEntry[]>()
  return {
    async append(entry) {
      kept.set(entry.transaction, [...(kept.get(entry.transaction) ?? []), Object.freeze({ ...entry })])
    },
    read: async () => [...kept.values()].flat(),
    forget: async (transaction) => void kept.delete(transaction),
  }
}
