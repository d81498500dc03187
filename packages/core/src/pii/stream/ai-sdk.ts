import type { JsonObject } from '../../json.ts'
import type { EventShape } from './event-shape.ts'

/**
 * Parts of what a language model of the AI SDK streams: `text-delta`, `reasoning-delta` and `tool-input-delta` continue the text of
 * their `id`, the last as the JSON of a tool's arguments; `…-end`, and `finish`, end it. A `tool-call` repeats its arguments whole.
 */
export const aiSdk: EventShape = {
  read(event) {
    const { id, delta } = event
    const [, kind = '', step = ''] = /^(text|reasoning|tool-input)-(delta|end)$/.exec(String(event['type'] ?? '')) ?? []
    const channel = `${kind}/${String(id ?? '')}`
    const spoken = step === 'delta' && typeof delta === 'string'
    const place = kind === 'tool-input' ? 'json' : 'text'
    return {
      parts: spoken ? [{ path: '/delta', channel, place, text: delta, carry: (more) => carrying(event, more) }] : [],
      ends: (other) => event['type'] === 'finish' || (step === 'end' && other === channel),
      echoes: ['/rawValue'],
    }
  },
  failure: (code, message) => ({ type: 'error', error: { code, message } }),
}

function carrying(event: JsonObject, delta: string): JsonObject {
  return { type: event['type'] ?? '', id: event['id'] ?? '', delta }
}
