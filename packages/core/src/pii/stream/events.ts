import type { JsonObject } from '../../json.ts'
import { aiSdk } from './ai-sdk.ts'
import { anthropicMessages } from './anthropic-messages.ts'
import { type EventFlow, eventFlow } from './event-flow.ts'
import type { EventShape } from './event-shape.ts'
import type { MaskStreamOptions } from './mask-flow.ts'
import { openaiChat } from './openai-chat.ts'
import { openaiResponses } from './openai-responses.ts'
import type { RestoreStreamOptions } from './restore-flow.ts'
import { masking, restoring, type Treatment } from './treatment.ts'

/** The providers' streams whose texts are known. */
export type StreamShape = 'openai-chat' | 'openai-responses' | 'anthropic-messages' | 'ai-sdk'

const shapes: Record<StreamShape, EventShape> = {
  'openai-chat': openaiChat,
  'openai-responses': openaiResponses,
  'anthropic-messages': anthropicMessages,
  'ai-sdk': aiSdk,
}

export function shapeOf(name: StreamShape): EventShape {
  return shapes[name]
}

/**
 * Restores the texts of a provider's stream of events, in text and in the arguments of tools. Each text is held back by what may
 * be the beginning of a token, and let out to its last character with the event that ends it. A stream that breaks off before
 * that, or errors, ends without what was held: never with half a token, or a whole one.
 */
export function restoreEvents(shape: StreamShape, options: Omit<RestoreStreamOptions, 'place'>): TransformStream<JsonObject, JsonObject> {
  return through(eventFlow(shapes[shape], restoring(options)))
}

/** Masks the texts of a provider's stream of events; log probabilities, which tell the text once more, are left out. */
export function maskEvents(shape: StreamShape, options: Omit<MaskStreamOptions, 'place'>): TransformStream<JsonObject, JsonObject> {
  return through(eventFlow(shapes[shape], masking(options)))
}

export function flowOf(shape: StreamShape, treatment: Treatment): EventFlow {
  return eventFlow(shapes[shape], treatment)
}

function through(flow: EventFlow): TransformStream<JsonObject, JsonObject> {
  return new TransformStream({
    async transform(event, controller) {
      for (const each of await flow.push(event)) controller.enqueue(each)
    },
  })
}
