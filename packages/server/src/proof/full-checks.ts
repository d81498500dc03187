import type { Solver } from '@agentgate/core'

/** How the theorems fared that were checked as written, besides being simplified. */
export interface Checked {
  /** Not answered yet. */
  readonly pending: number
  readonly agreed: number
  readonly disagreed: number
  /** The solver gave no answer, or too many waited. */
  readonly undecided: number
}

/** Checks theorems as written, apart from the calls that they are of: nothing waits for it. */
export interface FullChecks {
  /** `disagreed` is told when the script can be satisfied, though simplifying said that it cannot. */
  readonly check: (script: string, disagreed: () => void) => void
  readonly checked: () => Checked
  readonly close: () => Promise<void>
}

/** Milliseconds for one check. */
const limit = 30_000

export function fullChecks(solver: Solver & { readonly close: () => Promise<void> }): FullChecks {
  const counts = { pending: 0, agreed: 0, disagreed: 0, undecided: 0 }
  return {
    check(script, disagreed) {
      counts.pending++
      void solver
        .check(script, { limit })
        .then(({ answer }) => {
          if (answer === 'unsat') counts.agreed++
          else if (answer === 'unknown') counts.undecided++
          else {
            counts.disagreed++
            disagreed()
          }
        })
        .catch(() => counts.undecided++)
        .finally(() => counts.pending--)
    },
    checked: () => ({ ...counts }),
    close: () => solver.close(),
  }
}
