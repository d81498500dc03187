import type { Example } from './example.ts'
import type { Query } from './inquiry.ts'
import { simplified } from './simplify.ts'
import type { Solver } from './solver.ts'

/** What became of a question about all calls. */
export interface Answer {
  /** `holds`: shown for every call. `violated`: a call shows otherwise, and the evaluator agrees. `unknown`: neither. */
  readonly answer: 'holds' | 'violated' | 'unknown'
  readonly counterexample?: Example
  /** Constructs that are not encoded, by policy and name: with `unknown`, what it may be due to; with `holds`, what it does not depend on. */
  readonly unsupported?: readonly string[]
  /** Why it is unknown. */
  readonly why?: string
}

export interface Asker {
  readonly solver: Solver
  /** Milliseconds for one question; 5,000 when it is not said. */
  readonly limit?: number
  readonly signal?: AbortSignal
  /** When all questions together end, by `performance.now()`. */
  readonly until?: number
}

/** Whether the time for all questions has ended. */
export function isOver({ until = Infinity }: Asker): boolean {
  return performance.now() >= until
}

/** How often the solver is told more about texts before the question is given up. */
const patience = 200

/**
 * Asks whether no call answers a query. A call that the solver finds is shown only when `answers`, which asks the
 * evaluator, says the same of it; otherwise nothing is known.
 */
export async function ask(
  { solver, limit = 5_000, signal, until: end = Infinity }: Asker,
  query: Query | undefined,
  answers: (example: Example) => boolean,
  attested: (example: Example) => Example = (example) => example,
): Promise<Answer> {
  if (!query) return { answer: 'holds' }
  const unsupported = query.unsupported.length > 0 ? { unsupported: query.unsupported } : {}
  const unknown = (why: string): Answer => ({ answer: 'unknown', why, ...unsupported })
  if (performance.now() >= end) return unknown('the solver had no time')
  const until = Math.min(performance.now() + limit, end)
  let current = query
  for (let round = 0; round < patience; round++) {
    const left = Math.ceil(until - performance.now())
    if (left <= 0) return unknown('the time for the question is over')
    const found = await solver.check(current.script, { terms: current.terms, limit: left, ...(signal && { signal }) })
    if (found.answer === 'unsat') return { answer: 'holds', ...unsupported }
    if (found.answer === 'unknown') return unknown(found.why)
    const decoded = current.decode(found.model)
    if ('unsettled' in decoded) return unknown(decoded.unsettled)
    if ('again' in decoded) {
      current = decoded.again
      continue
    }
    const real = (each: Example) => answers(attested(each))
    if (!real(decoded.example)) {
      return unknown(
        query.unsupported.length > 0
          ? 'it depends on what is not encoded'
          : 'the evaluator does not confirm the call that the solver found',
      )
    }
    return { answer: 'violated', counterexample: attested(simplified(decoded.example, decoded.plain, real)), ...unsupported }
  }
  return unknown('its texts were not settled')
}
