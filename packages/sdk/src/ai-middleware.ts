import { AsyncLocalStorage } from 'node:async_hooks'
import { isObject, type Json, type JsonObject } from '@agentgate/core'
import type { LanguageModelMiddleware } from 'ai'
import type { Agent } from './agent.ts'
import { type Bytes, fromJson, toJson } from './ai-json.ts'
import { anyParams, type ModelOptions } from './govern-model.ts'
import type { CallOptions } from './options.ts'

type Asked = Parameters<NonNullable<LanguageModelMiddleware['wrapStream']>>[0]
type Params = Asked['params']
type Generated = Awaited<ReturnType<Asked['doGenerate']>>
type Stream = Awaited<ReturnType<Asked['doStream']>>['stream']
type Part = Stream extends ReadableStream<infer P> ? P : never

/** One call of a model on its way through the gate: what the gate does not carry. */
interface Calling {
  readonly model: Asked['model']
  readonly headers: Params['headers']
  readonly bytes: Bytes
}

/**
 * Governs a language model of the AI SDK: `wrapLanguageModel({ model, middleware: aiMiddleware(agent) })`. The provider gets tokens,
 * the caller values, whole and streamed, in texts and in the arguments of tools. Registers one tool, `ai_model` unless told: give
 * each middleware of an agent its own name. Files go to the provider as they are, and stand in evidence by their SHA-256. A refused
 * call rejects with `Refused`. What a provider answers besides (`request`, headers and body of its `response`, raw chunks) is left out.
 */
export function aiMiddleware(
  agent: Agent,
  { name = 'ai_model', cost, hold, ...options }: ModelOptions & CallOptions = {},
): LanguageModelMiddleware {
  const calling = new AsyncLocalStorage<Calling>()
  const current = () => {
    const call = calling.getStore()
    if (!call) throw new TypeError(`\`${name}\` is called through its model only: wrap one with its middleware`)
    return call
  }

  agent.tool({
    name,
    input: anyParams,
    effect: 'execute',
    action: 'model.call',
    boundary: 'external',
    ...(cost !== undefined && { cost }),
    streams: {
      shape: 'ai-sdk',
      async open(input, { signal }) {
        const call = current()
        const { stream } = await call.model.doStream(paramsOf(input, call, signal))
        return events(stream, call.bytes)
      },
      ...(hold && { hold }),
    },
    async execute(input, { signal }) {
      const call = current()
      if (!isObject(input)) throw new TypeError('The params of a model are an object.')
      const { request: _, response, ...answer } = await call.model.doGenerate(paramsOf(input, call, signal))
      const { headers: __, body: ___, ...told } = response ?? {}
      return toJson({ ...answer, response: told }, call.bytes)
    },
  })

  /** What the gate decides about, and what goes past it. */
  function asked({ model, params }: Asked) {
    const { abortSignal, headers, includeRawChunks: _, ...rest } = params
    const bytes: Bytes = new Map()
    const input = toJson({ model: model.modelId, provider: model.provider, ...rest }, bytes)
    const call: Calling = { model, headers, bytes }
    return { input, call, how: { ...options, ...(abortSignal && { signal: abortSignal }) } }
  }

  return {
    specificationVersion: 'v4',
    async wrapGenerate(call) {
      const { input, call: now, how } = asked(call)
      const answer = await calling.run(now, () => agent.call(name, input, how))
      // INVARIANT: it is what `execute` made of the model's answer, with values for tokens.
      return fromJson(answer, now.bytes) as Generated
    },
    async wrapStream(call) {
      const { input, call: now, how } = asked(call)
      const read = await calling.run(now, () => agent.stream(name, input, how))
      const stream = new ReadableStream<Part>({
        async pull(controller) {
          try {
            const next = await calling.run(now, () => read.next())
            if (next.done) controller.close()
            // INVARIANT: as in `wrapGenerate`, part by part.
            else controller.enqueue(fromJson(next.value, now.bytes) as Part)
          } catch (error) {
            controller.error(error)
          }
        },
        cancel: async () => void (await read.return()),
      })
      return { stream }
    },
  }
}

function paramsOf(input: JsonObject, { headers, bytes }: Calling, abortSignal: AbortSignal): Params {
  const { model: _, provider: __, ...params } = input
  return { ...(fromJson(params, bytes) as Params), abortSignal, ...(headers && { headers }) }
}

/** The parts of a model's stream as events. Throws what the provider says went wrong. */
async function* events(stream: Stream, bytes: Bytes): AsyncGenerator<Json> {
  for await (const part of stream) {
    if (part.type === 'error') throw part.error instanceof Error ? part.error : new Error('The provider broke the stream off.')
    if (part.type !== 'raw') yield toJson(part, bytes)
  }
}
