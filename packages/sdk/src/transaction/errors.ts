import type { Stuck } from './compensating.ts'

/** A transaction failed, and not all of it could be undone. `cause` is why it failed. */
export class TransactionStuck extends Error {
  override readonly name = 'TransactionStuck'
  readonly code = 'transaction-stuck'
  readonly transaction: string
  readonly stuck: readonly Stuck[]

  constructor(transaction: string, stuck: readonly Stuck[], options?: ErrorOptions) {
    const said = stuck.map(({ message }) => message).join('; ')
    super(
      `Transaction \`${transaction}\` could not be undone as a whole: ${said}. \`agent.settleTransaction\` takes it off the list`,
      options,
    )
    this.transaction = transaction
    this.stuck = stuck
  }
}

/** A tool was called for a transaction that has ended: a call that nobody awaited, or a timer. It did not run. */
export class TransactionOver extends Error {
  override readonly name = 'TransactionOver'
  readonly code = 'transaction-over'

  constructor(tool: string) {
    super(`\`${tool}\` was called in a transaction that is over, so it did not run: await every call that a transaction makes`)
  }
}
