import { isObject, type JsonObject } from '../../json.ts'
import { type EventShape, isArray } from './event-shape.ts'

/**
 * Events of OpenAI's responses: `….delta` continues a text, told apart by its output's and its content's index; `….done`, the end
 * of its output, and the end of the response end it. What these repeat of the text is a whole text by itself.
 */
export const openaiResponses: EventShape = {
  read(event) {
    const type = String(event['type'] ?? '')
    const kind = type.replace(/\.(?:delta|done)$/, '')
    const text = event['delta']
    const channel = `${output(event)}/${kind}/${String(event['content_index'] ?? event['summary_index'] ?? '')}`
    const spoken = type.endsWith('.delta') && typeof text === 'string' && kind !== 'response.audio'
    return {
      parts: spoken ? [{ path: '/delta', channel, place: placeOf(kind), text, carry: (more) => carrying(event, more) }] : [],
      ends: (other) =>
        /^response\.(?:completed|incomplete|cancelled)$/.test(type) ||
        (type === 'response.output_item.done' && other.startsWith(`${output(event)}/`)) ||
        (type.endsWith('.done') && other === channel),
      echoes: ['/logprobs', '/part/logprobs', ...inside(event['item'], '/item'), ...inside(event['response'], '/response')],
    }
  },
  failure: (code, message) => ({ type: 'error', code, message, param: null }),
}

function output(event: JsonObject): string {
  return String(event['output_index'] ?? event['item_id'] ?? '')
}

function placeOf(kind: string): 'text' | 'json' {
  return kind.endsWith('_arguments') ? 'json' : 'text'
}

function carrying(event: JsonObject, more: string): JsonObject {
  return {
    ...Object.fromEntries(Object.entries(event).filter(([key]) => key !== 'obfuscation')),
    delta: more,
    ...(event['logprobs'] !== undefined && { logprobs: [] }),
  }
}

/** Where an item, or a response full of items, holds log probabilities. */
function inside(value: unknown, path: string): readonly string[] {
  if (!isObject(value)) return []
  if (isArray(value['output'])) return value['output'].flatMap((item, at) => inside(item, `${path}/output/${at}`))
  return isArray(value['content']) ? value['content'].map((_, at) => `${path}/content/${at}/logprobs`) : []
}
