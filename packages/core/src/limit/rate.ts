import type { MaskedCall } from '../call.ts'
import { type Control, refusal } from '../control.ts'
import { isObject, type Json } from '../json.ts'
import type { Counter } from './counter.ts'

export type Scope = 'global' | 'tool' | 'user' | 'session' | 'agent' | 'tenant'

export interface RateOptions {
  /** Its name among the controls. */
  readonly name?: string
  /** The namespace of its counts, by default its name: limits of the same one share them. */
  readonly counts?: string
  readonly counter: Counter
  readonly maxCalls: number
  /** Milliseconds. The window slides exactly: no bucket, no burst at its edge. */
  readonly window: number
  /** What is counted together; several together make one key. `user` is the person acted for, else the principal. */
  readonly scope?: Scope | readonly Scope[]
  /** Only calls it is true for are counted. */
  readonly applies?: (call: MaskedCall) => boolean
}

/** Allows so many calls in any window. Only calls that run are charged: a refused, held or abandoned call gives its place back. */
export function rate(options: RateOptions): Control {
  const { name = 'rate', counts = name, counter, maxCalls, window, scope = 'global', applies = () => true } = options
  return {
    name,
    stage: 'reserve',
    async evaluate(call, { now }) {
      if (!applies(call)) return { verdict: 'pass' }
      const id = `${name}/${crypto.randomUUID()}`
      const reserved = await counter.reserve({ id, key: `${counts}/${keyOf(call, scope)}`, amount: 1 }, { max: maxCalls, window }, now)
      if (reserved.ok) return { verdict: 'pass', held: { id } }
      const wait = reserved.wait === undefined ? {} : { retryAfterMs: reserved.wait }
      return refusal('rate-exceeded', `More than ${maxCalls} calls in ${window / 1000} s: wait as long as \`Retry-After\` says.`, wait)
    },
    settle: async (outcome, held) => {
      await settleReservation(counter, outcome.status === 'refused', held)
      return outcome
    },
  }
}

/** The names that a scope counts together. Every part is length-prefixed, so that no two scopes share a key by accident. */
export function keyOf({ tenant, principal, tool, session }: MaskedCall, scope: Scope | readonly Scope[]): string {
  const part = { global: '', tenant, agent: principal.id, user: principal.onBehalfOf ?? principal.id, tool: tool.name, session }
  const scopes = typeof scope === 'string' ? [scope] : scope
  return [tenant, ...scopes.map((each) => `${each}:${part[each].length}:${part[each]}`)].join('/')
}

/** Gives a reservation back if the call never ran, else makes it final, with what was really spent where that is known. */
export async function settleReservation(counter: Counter, refused: boolean, held: Json, spent?: number): Promise<void> {
  const id = isObject(held) ? held['id'] : undefined
  if (typeof id === 'string') await (refused ? counter.release(id) : counter.commit(id, spent))
}
