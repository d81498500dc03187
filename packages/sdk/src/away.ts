import { type Counter, type Effect, type Gate, GateError, type Observer, observers } from '@agentgate/core'
import { asParsed } from './as-parsed.ts'
import { judgingOnly } from './beside.ts'
import type { AgentControl } from './controls/control.ts'
import { away, ungoverned } from './controls/ungoverned.ts'
import { localGate } from './local-gate.ts'
import type { CallOptions } from './options.ts'
import { declare, type Tool } from './tool.ts'

export interface AwayOptions {
  readonly tools: ReadonlyMap<string, Tool>
  readonly controls: readonly AgentControl[]
  /** Where they count, here and beside the server. */
  readonly counter: Counter
  readonly ungoverned?: readonly Effect[]
  readonly observe: Observer
}

/** What an agent does while the server that governs it is away. */
export interface WhileAway {
  /** Whether any of the controls does more than record. */
  readonly judges: boolean
  /** Everybody who records what the server decided. */
  readonly observe: Observer
  /**
   * The gate of the server; what it cannot be asked about is refused here, and recorded like any call of an agent in process. A held
   * call is the server's: it is never decided here.
   */
  readonly gateFor: (server: Gate, asked: CallOptions) => Gate
}

export function whileAway({ tools, controls, counter, ungoverned: effects = [], observe }: AwayOptions): WhileAway {
  const recording: Observer[] = [observe]
  let judges = false
  const judging = controls.map(
    (control): AgentControl =>
      (house, n) => {
        const parts = judgingOnly(control(house, n))
        if (parts.observe) recording.push(parts.observe)
        judges ||= parts.detect !== undefined || parts.controls !== undefined
        return parts
      },
  )
  const parsed = new Map<string, Tool>()
  const local = localGate({
    controls: [...judging, () => ({ controls: [ungoverned(effects)] })],
    tools: parsed,
    counter,
    observe,
    quiet: true,
  })

  return {
    judges,
    observe: observers(recording, (error) => process.emitWarning(error instanceof Error ? error : String(error))),
    gateFor(server, asked) {
      let deciding = server
      return {
        async decide(request, signal) {
          try {
            return await server.decide(request, signal)
          } catch (error) {
            if (!(error instanceof GateError) || error.code !== 'unreachable' || 'resume' in request) throw error
            const { session, action } = request
            const tool = tools.get(action)
            if (tool) {
              parsed.set(action, asParsed(tool))
              await local.register(declare(asParsed(tool), 'external'))
            }
            deciding = local.gateFor(asked)
            const here = { ...request, ...(session !== undefined && { session: local.sessionOf(session) }) }
            return away.run({ message: error.message, silent: isSilence(error) }, () => deciding.decide(here, signal))
          }
        },
        release: (id) => deciding.release(id),
        settle: (id, report) => deciding.settle(id, report),
      }
    },
  }
}

/** That nothing came back, as `fetch` says it: no server was there to decide. */
function isSilence({ cause }: GateError): boolean {
  return cause instanceof TypeError && cause.message === 'fetch failed'
}
