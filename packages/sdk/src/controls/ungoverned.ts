import { AsyncLocalStorage } from 'node:async_hooks'
import { type Control, type Decision, type Effect, refusal } from '@agentgate/core'

const name = 'server'

/** Why the server did not decide. */
export interface Away {
  readonly message: string
  /** Whether nothing answered at all; a server that answers, be it with an error, is there. */
  readonly silent: boolean
}

/** Which server is away, for the call that is being decided. */
export const away = new AsyncLocalStorage<Away>()

/**
 * Stands where the server would judge: refuses what it cannot be asked about, but for the effects that may run ungoverned. Never
 * those calls that a person approves, nor tools that get restored input: only the server knows of both.
 */
export function ungoverned(effects: readonly Effect[]): Control {
  return {
    name,
    stage: 'evaluate',
    async evaluate({ tool }) {
      const { silent = false, message = 'The server cannot be asked.' } = away.getStore() ?? {}
      if (silent && effects.includes(tool.effect) && tool.boundary === 'external' && !tool.approval)
        return { verdict: 'pass', facts: { ungoverned: true } }
      return refusal('unreachable', message)
    },
  }
}

/** Whether the call was allowed without the server that governs it. */
export function isUngoverned({ verdict, findings }: Decision): boolean {
  return verdict === 'allow' && findings.some(({ control, facts }) => control === name && facts?.['ungoverned'] === true)
}
