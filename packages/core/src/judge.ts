import { type Asking, refusal } from './control.ts'
import type { Finding, Found } from './decision.ts'

/** What the gate says on behalf of a control that cannot tell. */
export const cannotTell = refusal(
  'control-failed',
  'A control could not tell whether the call may run, so it may not. Try again; if it stays, see the server log.',
)

/** Hears controls one after the other, for one call. */
export interface Hearing {
  readonly findings: readonly Found[]
  /** Facts that controls see, with what was found so far. */
  readonly asking: Asking
  readonly denied: () => boolean
  /**
   * Asks `name`. A throw, or no answer before the signal aborts, is a `control-failed` denial; what `name` finds after
   * that is handed to `late`, so that nothing it opened stays open.
   */
  readonly ask: <F extends Finding>(name: string, evaluate: () => Promise<F>, late?: (finding: F) => unknown) => Promise<F | Finding>
}

export function hearing(now: number, signal: AbortSignal): Hearing {
  const findings: Found[] = []
  return {
    findings,
    asking: { now, signal, earlier: findings },
    denied: () => findings.some(({ verdict }) => verdict === 'deny'),
    async ask(name, evaluate, late) {
      const started = performance.now()
      const finding = await inTime(signal, evaluate, late).catch((): Finding => cannotTell)
      findings.push({ ...finding, control: name, ms: Math.round((performance.now() - started) * 1000) / 1000 })
      return finding
    },
  }
}

/** Runs `work`, or rejects when the signal aborts first; a value that comes too late goes to `late`. */
export async function inTime<T>(signal: AbortSignal, work: () => Promise<T>, late?: (value: T) => unknown): Promise<T> {
  signal.throwIfAborted()
  let over = false
  const { promise: abort, reject } = Promise.withResolvers<never>()
  const onAbort = () => {
    over = true
    reject(signal.reason instanceof Error ? signal.reason : new Error('aborted'))
  }
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    const working = (async () => work())()
    working.then((value) => over && late?.(value)).catch(() => undefined)
    return await Promise.race([working, abort])
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}

/** Runs `work` under a signal that aborts after `ms`, or when `outer` does. Nothing of it outlives the work. */
export async function within<T>(ms: number, work: (signal: AbortSignal) => Promise<T>, outer?: AbortSignal): Promise<T> {
  const control = new AbortController()
  const leave = () => control.abort(outer?.reason)
  if (outer?.aborted) leave()
  outer?.addEventListener('abort', leave, { once: true })
  const timer = setTimeout(() => control.abort(new Error(`no answer within ${ms} ms`)), ms)
  try {
    return await work(control.signal)
  } finally {
    clearTimeout(timer)
    outer?.removeEventListener('abort', leave)
  }
}
