import { type Effect, type Gate, GateError, type Observer, observers } from '@agentgate/core'
import type { AgentControl } from './controls/control.ts'
import { away, ungoverned } from './controls/ungoverned.ts'
import { localGate } from './local-gate.ts'
import type { CallOptions } from './options.ts'
import { declare, declareParsed, type Tool } from './tool.ts'

export interface AwayOptions {
  readonly tools: ReadonlyMap<string, Tool>
  /** Only those that record: with a server, it judges. */
  readonly controls?: readonly AgentControl[]
  readonly ungoverned?: readonly Effect[]
  readonly observe: Observer
}

/** What an agent does while the server that governs it is away. */
export interface WhileAway {
  /** Everybody who records what the server decided. */
  readonly observe: Observer
  /**
   * The gate of the server; what it cannot be asked about is refused here, and recorded like any call of an agent in process. A held
   * call is the server's: it is never decided here.
   */
  readonly gateFor: (server: Gate, asked: CallOptions) => Gate
}

export function whileAway({ tools, controls = [], ungoverned: effects = [], observe }: AwayOptions): WhileAway {
  const recording: Observer[] = [observe]
  const recorders = controls.map(
    (control): AgentControl =>
      (house, n) => {
        const { observe: seen, ...judging } = control(house, n)
        if (Object.keys(judging).length > 0 || !seen)
          throw new TypeError('With `url` the server governs: `controls` are those that record, such as `auditLog`, and no others')
        recording.push(seen)
        return { observe: seen }
      },
  )
  const parsed = new Map<string, Tool>()
  const local = localGate({
    controls: [...recorders, () => ({ controls: [ungoverned(effects)] })],
    tools: parsed,
    observe,
    quiet: true,
  })

  return {
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

/** The tool for input that its schema has read already: reading it twice is not reading it once. */
function asParsed(tool: Tool): Tool {
  const { input } = declareParsed(tool, 'external')
  const said = { input: () => input, output: () => input }
  return {
    ...tool,
    input: { '~standard': { version: 1, vendor: 'agentgate', validate: (value) => ({ value }), jsonSchema: said } } as Tool['input'],
  }
}
