import type { Analysis, Answer, Changed, PolicyFinding, PolicyTool } from '@agentgate/core'
import { type Asked, type OneWorker, oneWorker, type WorkerOptions } from './one-worker.ts'

/** A policy set by its id and its text. In answers, its policies are named `set/policy`. */
export interface NamedSet {
  readonly id: string
  readonly text: string
}

/** A question about policy sets, as it crosses to the worker. Texts were validated when they were published. */
export type AnalysisQuestion = { readonly tools: readonly PolicyTool[]; readonly limit: number } & (
  | { readonly ask: 'invariants'; readonly sets: readonly NamedSet[]; readonly invariants: string }
  | { readonly ask: 'difference'; readonly before: readonly NamedSet[]; readonly after: readonly NamedSet[] }
  | { readonly ask: 'at-most'; readonly narrow: readonly NamedSet[]; readonly wide: readonly NamedSet[] }
  | { readonly ask: 'findings'; readonly sets: readonly NamedSet[] }
)

/** An invariant's answer, without the syntax of the invariant. */
export type InvariantAnswer = Answer & { readonly invariant: { readonly id: string; readonly says: string } }

/** What a question comes to. */
export interface AnalysisAnswers {
  readonly invariants: readonly InvariantAnswer[]
  readonly difference: { readonly newlyAllowed: Changed; readonly newlyDenied: Changed }
  readonly 'at-most': Answer
  readonly findings: { readonly found: readonly PolicyFinding[]; readonly unknown: Awaited<ReturnType<Analysis['findings']>>['unknown'] }
}

export interface AnalysisWork extends Pick<OneWorker<AnalysisQuestion, unknown>, 'close' | 'running'> {
  /**
   * Asks a question of `analysis` in a worker, encoding included: large sets take seconds. `limit` is for each call that is
   * looked for. Answers `undefined` when the whole is not found out in time, which is not an answer: nothing is shown.
   */
  readonly ask: <A extends AnalysisQuestion['ask']>(
    question: Extract<AnalysisQuestion, { readonly ask: A }>,
    asked: Asked,
  ) => Promise<AnalysisAnswers[A] | undefined>
}

/** The analysis of policy sets, off the event loop: one question at a time. */
export function analysisWork(options: WorkerOptions = {}): AnalysisWork {
  const { ask, close, running } = oneWorker<AnalysisQuestion, AnalysisAnswers[AnalysisQuestion['ask']]>(
    new URL('./analysis-worker.ts', import.meta.url),
    options,
  )
  return {
    // INVARIANT: the worker answers each question by its own kind.
    ask: async (question, asked) => (await ask(question, asked)) as never,
    close,
    running,
  }
}
