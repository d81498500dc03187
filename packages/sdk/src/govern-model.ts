import type { Held, JsonObject, StreamShape } from '@agentgate/core'
import { shapeOf, wholeEvents, freeze, isObject } from '@agentgate/core'
import type { StandardSchemaV1 } from '@standard-schema/spec'
import type { Agent } from './agent.ts'
import type { CallOptions } from './options.ts'

/** Begins a stream with a vendor's client: `(params, options) => client.chat.completions.create(params, options)`. */
export type OpenStream<Params, Event> = (params: Params, options: { readonly signal: AbortSignal }) => PromiseLike<AsyncIterable<Event>>

export interface ModelOptions {
  /** What the model is called in policies and evidence. */
  readonly name?: string
  /** US dollars a call. */
  readonly cost?: number
  /** For a reader of high risk: see `Streams`. */
  readonly hold?: Held
}

/** A model's stream, governed: the provider gets tokens, the reader values. See `Agent.stream` for what it throws. */
export type GovernedStream<Params, Event> = (params: Params, options?: CallOptions) => Promise<AsyncGenerator<Event, void>>

/** Registers a model of OpenAI's chat completions, or of who speaks as they do, and returns its stream governed. */
export function governChat<Params extends object, Event extends object>(
  agent: Agent,
  open: OpenStream<Params, Event>,
  options: ModelOptions = {},
): GovernedStream<Params, Event> {
  return governModel(agent, 'openai-chat', open, { name: 'openai_chat', ...options })
}

/** Registers a model of OpenAI's responses and returns its stream governed. */
export function governResponses<Params extends object, Event extends object>(
  agent: Agent,
  open: OpenStream<Params, Event>,
  options: ModelOptions = {},
): GovernedStream<Params, Event> {
  return governModel(agent, 'openai-responses', open, { name: 'openai_responses', ...options })
}

/** Registers a model of Anthropic's messages and returns its stream governed. */
export function governMessages<Params extends object, Event extends object>(
  agent: Agent,
  open: OpenStream<Params, Event>,
  options: ModelOptions = {},
): GovernedStream<Params, Event> {
  return governModel(agent, 'anthropic-messages', open, { name: 'anthropic_messages', ...options })
}

/** Called instead of streamed, the model answers with its events, each text whole. */
function governModel<Params extends object, Event extends object>(
  agent: Agent,
  shape: StreamShape,
  open: OpenStream<Params, Event>,
  { name, cost, hold }: ModelOptions & { readonly name: string },
): GovernedStream<Params, Event> {
  // INVARIANT: what goes in is the caller's params with tokens for values, what comes out the client's events with values for tokens.
  const begin = (input: JsonObject, extra: { readonly signal: AbortSignal }) => open(input as unknown as Params, extra)
  agent.tool({
    name,
    input: anyParams,
    effect: 'execute',
    action: 'model.call',
    boundary: 'external',
    ...(cost !== undefined && { cost }),
    streams: { shape, open: begin, ...(hold && { hold }) },
    async execute(input, extra) {
      const events: JsonObject[] = []
      for await (const each of await begin(asObject(input), extra)) events.push(asObject(each))
      return wholeEvents(shapeOf(shape), events)
    },
  })
  return async (params, options) => (await agent.stream(name, params, options)) as unknown as AsyncGenerator<Event, void>
}

/** Whatever a vendor's client takes: what it is, is the vendor's to say. */
export const anyParams: StandardSchemaV1<object, JsonObject> = {
  '~standard': {
    version: 1,
    vendor: 'agentgate',
    validate: (value) => (isObject(value) ? { value } : { issues: [{ message: 'the params of a model are an object' }] }),
  },
}

function asObject(value: unknown): JsonObject {
  const frozen = freeze(value)
  if (!isObject(frozen)) throw new TypeError('An event of the stream is no object.')
  return frozen
}
