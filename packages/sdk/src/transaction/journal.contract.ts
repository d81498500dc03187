import { randomUUID } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { Journal, JournalEntry } from './journal.ts'

/** What every journal must do. `make` answers an empty one. */
export function journalContract(name: string, make: () => Journal | Promise<Journal>): void {
  const started = (transaction: string, step = 0): JournalEntry => ({
    transaction,
    kind: 'started',
    step,
    tool: 'pay',
    input: { amount: 1 },
  })

  describe(`journal: ${name}`, () => {
    it('reads back what was appended, each transaction in its order', async () => {
      const journal = await make()
      const [a, b] = [randomUUID(), randomUUID()]
      const entries: JournalEntry[] = [
        { ...started(a), user: 'ada', session: 's1' } as JournalEntry,
        started(b),
        { transaction: a, kind: 'succeeded', step: 0, output: { id: 'ch_1', of: [1, null] } },
        { transaction: a, kind: 'undoing', step: 0 },
        { transaction: b, kind: 'committed' },
      ]
      for (const entry of entries) await journal.append(entry)
      const read = await journal.read()
      for (const each of [a, b]) {
        const of = (list: readonly JournalEntry[]) => list.filter(({ transaction }) => transaction === each)
        expect(of(read)).toEqual(of(entries))
      }
      expect(read).toHaveLength(entries.length)
    })

    it('keeps the order of appends that were made at once', async () => {
      const journal = await make()
      const id = randomUUID()
      await Promise.all(Array.from({ length: 20 }, (_, step) => journal.append(started(id, step))))
      expect((await journal.read()).map((entry) => 'step' in entry && entry.step)).toEqual(Array.from({ length: 20 }, (_, step) => step))
    })

    it('forgets a transaction, and no other', async () => {
      const journal = await make()
      const [a, b] = [randomUUID(), randomUUID()]
      for (const id of [a, b]) await journal.append(started(id))
      await journal.forget(a)
      await journal.forget(randomUUID())
      expect((await journal.read()).map(({ transaction }) => transaction)).toEqual([b])
    })
  })
}
