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

/** How much of what a stream said until it broke off is on record with why, in characters; and what stands between. */
const longestTold = 50_000
const toldAfter = '\nUntil then it said:\n'
const brokeOff = 'Its reader left the stream before its end.'

/**
 * Runs an allowed call that streams, restores its events on their way, and settles the call with all of them, each text whole: with
 * what the model said, masked. What ends the stream is let out once the outcome is on record.
 *
 * Throws what refuses the outcome. Where a token is unknown, nothing of it or after it is let out, and the call is settled as
 * `cut`. A reader that leaves, also while nothing comes, and a stream that breaks off, settle it as failed, with what it had said:
 * that is looked at and masked as its whole output would be.
 */
export function streamed(call: Streamed): AsyncGenerator<JsonObject, void> {
  const stop = new AbortController()
  const events = run(call, stop)
  let begun = false
  const left = async () => {
    stop.abort(new Error(brokeOff))
    // What was never begun settles nothing by being left.
    if (!begun) await events.next().catch(() => undefined)
  }
  return {
    next() {
      begun = true
      return events.next()
    },
    return: async () => left().then(() => events.return()),
    throw: async (error) => left().then(() => events.throw(error)),
    [Symbol.asyncIterator]() {
      return this
    },
    [Symbol.asyncDispose]: async () => void (await left().then(() => events.return())),
  }
}

async function* run({ gate, decision, streams, flow, signal }: Streamed, stop: AbortController): AsyncGenerator<JsonObject, void> {
  const { shape, open } = streams
  const leave = () => stop.abort(signal.reason)
  signal.addEventListener('abort', leave, { once: true })
  const said: JsonObject[] = []
  let settled = false
  let begun = false

  async function settle(report: Report): Promise<readonly JsonObject[]> {
    settled = true
    const outcome: Outcome = await gate.settle(decision.id, { ...report, ...(begun && { streamed: true }) })
    if (outcome.status === 'failed') throw thrown(decision, { ...outcome, error: outcome.error.split(toldAfter)[0] ?? '' })
    if (outcome.status !== 'succeeded') throw thrown(decision, outcome)
    return Array.isArray(outcome.output) ? outcome.output.filter(isObject) : []
  }
  const failed = (why: string): Report => ({ status: 'failed', error: why + toldUntil(shape, said) })
  const all = () => ({ status: 'succeeded', output: wholeEvents(shapeOf(shape), said) }) as const

  try {
    if (signal.aborted) leave()
    stop.signal.throwIfAborted()
    const trusted = decision.call.tool.boundary === 'trusted'
    const events = await open(trusted ? await gate.release(decision.id) : decision.call.input, { signal: stop.signal })
    const ending: JsonObject[] = []
    let length = 0
    for await (const each of until(stop.signal, events)) {
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
    await settle(error instanceof UnknownToken ? all() : failed(error instanceof Error ? error.message : String(error)))
    throw error
  } finally {
    signal.removeEventListener('abort', leave)
    if (!settled) {
      stop.abort()
      await gate.settle(decision.id, { ...failed(brokeOff), ...(begun && { streamed: true }) })
    }
  }
}

/** The texts of a stream so far, as they are told with why it broke off. What is too long ends before a word. */
function toldUntil(shape: StreamShape, said: readonly JsonObject[]): string {
  const { read } = shapeOf(shape)
  const texts = wholeEvents(shapeOf(shape), said).flatMap((event) => read(event).parts.map(({ text }) => text))
  const all = texts.filter((text) => text !== '').join('\n')
  const told = all.length <= longestTold ? all : all.slice(0, Math.max(0, all.slice(0, longestTold).search(/\s\S*$/)))
  return told === '' ? '' : toldAfter + told
}

/** The same, until the signal aborts: then it throws the reason, whether or not the next would ever come. */
async function* until<T>(signal: AbortSignal, all: AsyncIterable<T>): AsyncGenerator<T, void> {
  const source = all[Symbol.asyncIterator]()
  const { promise: aborted, reject } = Promise.withResolvers<never>()
  aborted.catch(() => undefined)
  const abort = () => reject(signal.reason)
  signal.addEventListener('abort', abort, { once: true })
  let ended = false
  try {
    for (;;) {
      signal.throwIfAborted()
      const { done, value } = await Promise.race([source.next(), aborted])
      ended = done === true
      if (ended) return
      yield value as T
    }
  } finally {
    signal.removeEventListener('abort', abort)
    // It may be waiting for what never comes.
    if (!ended) void Promise.resolve(source.return?.()).catch(() => undefined)
  }
}
