import type { Reason } from '../../decision.ts'
import { isObject, type JsonObject } from '../../json.ts'
import { UnknownToken } from '../restore.ts'
import { flowOf, shapeOf, type StreamShape } from './events.ts'
import type { MaskStreamOptions } from './mask-flow.ts'
import type { RestoreStreamOptions } from './restore-flow.ts'
import { sseReader, type SseEvent, sseText } from './sse.ts'
import { masking, restoring, type Treatment } from './treatment.ts'

export interface SseOptions {
  /** Told once, when the stream was cut: what was let out stays out, the rest is kept back. It belongs on record. */
  readonly cut?: (reason: Reason) => void
}

/**
 * `restoreEvents` for the bytes of a response of server-sent events, cut up in any way. What cannot be restored or read cuts the
 * stream: it ends with an error event in the provider's own form, and the client is told no more.
 */
export function restoreSse(
  shape: StreamShape,
  options: Omit<RestoreStreamOptions, 'place'> & SseOptions,
): TransformStream<Uint8Array, Uint8Array> {
  return overBytes(shape, restoring(options), options)
}

/** `maskEvents` for the bytes of a response of server-sent events, as `restoreSse`. */
export function maskSse(
  shape: StreamShape,
  options: Omit<MaskStreamOptions, 'place'> & SseOptions,
): TransformStream<Uint8Array, Uint8Array> {
  return overBytes(shape, masking(options), options)
}

function overBytes(shape: StreamShape, treatment: Treatment, { cut }: SseOptions): TransformStream<Uint8Array, Uint8Array> {
  const reader = sseReader()
  const encoder = new TextEncoder()
  const flow = flowOf(shape, treatment)

  async function treated(event: SseEvent): Promise<readonly SseEvent[]> {
    if ('comment' in event) return [event]
    if (event.data.trim() === '[DONE]') return [...(await flow.end()).map((each) => said(each)), event]
    const value = JSON.parse(event.data) as unknown
    if (!isObject(value)) throw new SyntaxError('An event of the stream is no JSON object.')
    return (await flow.push(value)).map((each, at, all) => ({
      ...(at === all.length - 1 && event.id !== undefined && { id: event.id }),
      ...said(each, event.event),
    }))
  }

  return new TransformStream({
    async transform(bytes, controller) {
      try {
        for (const event of reader.push(bytes)) {
          for (const each of await treated(event)) controller.enqueue(encoder.encode(sseText(each)))
        }
      } catch (error) {
        const reason = reasonOf(error)
        cut?.(reason)
        const failure = shapeOf(shape).failure(reason.code, reason.message)
        controller.enqueue(encoder.encode(sseText(said(failure, failure['type'] === 'error' ? 'error' : undefined))))
        controller.terminate()
      }
    },
  })
}

/** Why a stream was cut. */
export function reasonOf(error: unknown): Reason {
  if (error instanceof UnknownToken) return { code: error.code, message: error.message }
  return { code: 'control-failed', message: 'The stream could not be checked to its end, so the rest is kept back.' }
}

function said(event: JsonObject, name?: string): SseEvent {
  const type = event['type']
  return { ...(name !== undefined && { event: typeof type === 'string' ? type : name }), data: JSON.stringify(event) }
}
