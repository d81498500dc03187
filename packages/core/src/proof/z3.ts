import { shelf } from './prepared.ts'
import type { Shelf } from './shelf.ts'
import type { Solver } from './solver.ts'

/** Z3 in this thread. What it runs blocks the thread until it ends, so a server runs it in a worker. */
export interface Z3 {
  /** Runs one script on a clean slate; then, if its last answer is `sat` and terms were asked for, tells their values. */
  readonly run: (script: string, terms?: readonly string[]) => { readonly answer: string; readonly model: string }
  /** Opens a place for statements that are asked about with many values. It is closed by who opened it. */
  readonly shelf: () => Shelf
  /** `5.1.0.0`. */
  readonly version: string
  /** The most megabytes that Z3 had taken at once. They are not given back before the instance ends. */
  readonly memory: () => number
  /** Ends Z3's own threads: without it, they keep the process alive. */
  readonly close: () => void
}

/** Megabytes that one question may take: the build has two gigabytes. */
const memoryLimit = 1_000

/** Loads Z3's official WebAssembly build: about half a second, and 35 MB. Each call is an instance of its own. */
export async function openZ3(): Promise<Z3> {
  const { init } = await import('z3-solver')
  const loaded = await init()
  const { em, Z3 } = loaded
  Z3.global_param_set('memory_max_size', `${memoryLimit}`)
  const config = Z3.mk_config()
  const evaluate = (context: unknown, script: string) =>
    String(em.ccall('Z3_eval_smtlib2_string', 'string', ['number', 'string'], [context, script]))
  return {
    shelf: () => shelf(loaded),
    version: Z3.get_full_version().replace(/^Z3 /u, ''),
    run(script, terms = []) {
      const context = Z3.mk_context(config)
      try {
        const answer = evaluate(context, script).trim()
        const model = answer === 'sat' && terms.length > 0 ? evaluate(context, `(get-value (${terms.join(' ')}))`).trim() : ''
        return { answer, model }
      } finally {
        Z3.del_context(context)
      }
    },
    memory() {
      const context = Z3.mk_context(config)
      const said = evaluate(context, '(get-info :all-statistics)')
      Z3.del_context(context)
      return Number(/:max-memory\s+([\d.]+)/u.exec(said)?.[1] ?? 0)
    },
    close: () => em.PThread.terminateAllThreads(),
  }
}

/** A solver on Z3 in this thread: it cannot be interrupted, and its limit is Z3's own. */
export function solverOf(z3: Pick<Z3, 'run'>): Solver {
  return {
    async check(script, { terms, limit = 5_000, signal } = {}) {
      signal?.throwIfAborted()
      return solverAnswer(z3.run(`(set-option :timeout ${limit})\n${script}`, terms))
    },
  }
}

/** Reads what Z3 said. Throws a `TypeError` with its words when it is neither of the three answers. */
export function solverAnswer({ answer, model }: { readonly answer: string; readonly model: string }): Awaited<ReturnType<Solver['check']>> {
  if (answer === 'unsat') return { answer }
  if (answer === 'sat' && !model.startsWith('(error')) return { answer, model }
  if (answer === 'unknown' || answer === 'timeout') return { answer: 'unknown', why: 'the solver gave up within its limit' }
  if (/^\(error "[^"]*(out of memory|memory limit)/u.test(answer)) return { answer: 'unknown', why: 'the solver ran out of memory' }
  throw new TypeError(`The solver refused the script: ${(answer === 'sat' ? model : answer).slice(0, 500)}`)
}
