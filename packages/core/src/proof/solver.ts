/** Decides SMT-LIB scripts. */
export interface Solver {
  /**
   * Whether what a script asserts can hold together. The script is SMT-LIB 2.6 and ends in `(check-sat)`.
   *
   * Answers `unknown` with the reason when time, memory or what the solver can do ends. Rejects when the script is
   * refused, and with the signal's reason when it aborts.
   */
  readonly check: (script: string, options?: CheckOptions) => Promise<SolverAnswer>
}

export interface CheckOptions {
  /** Terms whose values are wanted when the answer is `sat`. */
  readonly terms?: readonly string[]
  /** Milliseconds; 5,000 when it is not said. */
  readonly limit?: number
  readonly signal?: AbortSignal
}

export type SolverAnswer =
  /** `model` is the solver's answer to `(get-value (terms))`; empty when no term was asked for. */
  { readonly answer: 'sat'; readonly model: string } | { readonly answer: 'unsat' } | { readonly answer: 'unknown'; readonly why: string }
