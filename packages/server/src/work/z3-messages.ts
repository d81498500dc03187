/** What the worker is asked. */
export interface ToCheck {
  readonly id: number
  readonly script: string
  readonly terms: readonly string[]
}

/** What it answers. */
export interface Checked {
  readonly id: number
  /** Z3's words: `sat`, `unsat`, `unknown`, or an error. */
  readonly answer: string
  readonly model: string
  /** The most megabytes that this worker's Z3 had taken at once. */
  readonly memory: number
}
