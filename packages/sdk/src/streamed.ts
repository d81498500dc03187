import {
  type Decision,
  type EventFlow,
  freeze,
  type Gate,
  type Held,
  isObject,
  type JsonObject,
  type Outcome,
  type Report,
  shapeOf,
  type StreamShape,
  UnknownToken,
  wholeEvents,
} from '@agentgate/core'
import { thrown } from './errors.ts'

/** How a tool streams: the events of a provider, whose texts are known by their shape. */
export interface Streams {
  readonly shape: StreamShape
  /** Begins the stream. `signal` is aborted when its reader goes away, or the stream is cut. */
  readonly open: (input: JsonObject, extra: { readonly signal: AbortSignal }) => PromiseLike<AsyncIterable<unknown>>
  /** For a reader of high risk: `whole` lets nothing out before the call is settled, then each text in one piece. */
  readonly hold?: Held
}

export interface Streamed {
  readonly gate: Gate
  /** An allow. */
  readonly decision: Decision
  readonly streams: Streams
  /** Restores as the events come; absent where only the gate can restore, and then nothing is let out before the call is settled. */
  readonly flow?: EventFlow
  readonly signal: AbortSignal
}

/** How much text and how many events of one stream are kept to be settled. */
const longest = 4_000_000
const mostEvents = 200_000

/**
 * Runs an allowed call that streams, restores its events on their way, and settles the call with all of them, each text whole: with
 * what the model said, masked. What ends the stream is let out once the outcome is on record.
 *
 * Throws what refuses the outcome. Where a token is unknown, nothing of it or after it is let out, and the call is settled as
 * `cut`. A reader that leaves, and a stream that breaks off, settle it as failed.
 */
export async function* streamed({ gate, decision, streams, flow, signal }: Streamed): AsyncGenerator<JsonObject, void> {
  const { shape, open } = streams
  const stop = new AbortController()
  const leave = () => stop.abort(signal.reason)
  signal.addEventListener('abort', leave, { once: true })
  const said: JsonObject[] = []
  let settled = false
  let begun = false

  async function settle(report: Report): Promise<readonly JsonObject[]> {
    settled = true
    const outcome: Outcome = await gate.settle(decision.id, { ...report, ...(begun && { streamed: true }) })
    if (outcome.status !== 'succeeded') throw thrown(decision, outcome)
    return Array.isArray(outcome.output) ? outcome.output.filter(isObject) : []
  }
  const all = () => ({ status: 'succeeded', output: wholeEvents(shapeOf(shape), said) }) as const

  try {
    signal.throwIfAborted()
    const trusted = decision.call.tool.boundary === 'trusted'
    const events = await open(trusted ? await gate.release(decision.id) : decision.call.input, { signal: stop.signal })
    const ending: JsonObject[] = []
    let length = 0
    for await (const each of events) {
      stop.signal.throwIfAborted()
      const event = freeze(each)
      if (!isObject(event)) throw new TypeError('An event of the stream is no object.')
      said.push(event)
      for (const { text } of shapeOf(shape).read(event).parts) length += text.length
      if (length > longest || said.length > mostEvents) throw new RangeError('The stream is too long to be settled as a whole.')
      if (!flow) continue
      const out = await flow.push(event)
      if (flow.open() === 0) ending.push(...out)
      else {
        begun ||= out.length > 0
        yield* [...ending.splice(0), ...out]
      }
    }
    if (flow && flow.open() > 0) throw new TypeError('The stream ended before its last event.')
    const restored = await settle(all())
    yield* flow ? ending : restored
  } catch (error) {
    if (settled) throw error
    stop.abort()
    await settle(
      error instanceof UnknownToken ? all() : { status: 'failed', error: error instanceof Error ? error.message : String(error) },
    )
    throw error
  } finally {
    signal.removeEventListener('abort', leave)
    if (!settled) {
      stop.abort()
      await gate.settle(decision.id, { status: 'failed', error: 'Its reader left the stream before its end.' })
    }
  }
}
