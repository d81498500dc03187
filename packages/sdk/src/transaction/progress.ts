import type { Json } from '@agentgate/core'
import type { JournalEntry } from './journal.ts'

/** How far a step came. `unknown`: it began, and nothing says what became of it. */
export type StepState = 'unknown' | 'succeeded' | 'failed' | 'undoing' | 'undone' | 'undo-failed'

export interface Step {
  readonly step: number
  readonly tool: string
  readonly input: Json
  readonly user?: string
  readonly session?: string
  readonly tenant?: string
  state: StepState
  output: Json
  /** Its place among those that succeeded: what succeeded last is compensated first. */
  order: number
}

export interface Progress {
  readonly transaction: string
  readonly steps: readonly Step[]
  /** What succeeded in it stays. */
  readonly committed: boolean
}

/** How far each transaction of a journal came. */
export function progressOf(entries: readonly JournalEntry[]): readonly Progress[] {
  const found = new Map<string, { transaction: string; steps: Step[]; committed: boolean }>()
  for (const [order, entry] of entries.entries()) {
    const { transaction, kind } = entry
    const one = found.get(transaction) ?? { transaction, steps: [], committed: false }
    found.set(transaction, one)
    if (kind === 'committed') one.committed = true
    else if (kind === 'started') {
      const { step, tool, input, user, session, tenant } = entry
      const who = {
        ...(user !== undefined && { user }),
        ...(session !== undefined && { session }),
        ...(tenant !== undefined && { tenant }),
      }
      one.steps.push({ step, tool, input, ...who, state: 'unknown', output: null, order: -1 })
    } else {
      // A step that ended after its transaction was settled is no step of it any more.
      const step = one.steps.find((each) => each.step === entry.step)
      if (!step) continue
      step.state = kind
      if (kind === 'succeeded') Object.assign(step, { output: entry.output, order })
    }
  }
  return [...found.values()]
}
