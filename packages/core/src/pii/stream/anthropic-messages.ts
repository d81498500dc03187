import { isObject } from '../../json.ts'
import { type EventShape, type Part, textsIn } from './event-shape.ts'

/**
 * Events of Anthropic's messages: the texts of each content block by its index, from `content_block_start` on, the arguments of
 * tools as `partial_json`. A block ends with its `content_block_stop`.
 */
export const anthropicMessages: EventShape = {
  read(event) {
    const { type, index, delta, content_block } = event
    const block = String(index ?? '')
    const starts = type === 'content_block_start' && isObject(content_block)
    const goesOn = type === 'content_block_delta' && isObject(delta) && delta['type'] !== 'citations_delta'
    const texts = goesOn ? textsIn(delta, '/delta', block) : starts ? begun(content_block['text'], content_block['thinking'], block) : []
    return {
      parts: texts.map((text): Part => {
        const key = text.path.slice(text.path.lastIndexOf('/') + 1)
        const kind = goesOn ? delta['type'] : key === 'text' ? 'text_delta' : 'thinking_delta'
        return {
          ...text,
          place: key === 'partial_json' ? 'json' : 'text',
          carry: (more) => ({ type: 'content_block_delta', index: index ?? 0, delta: { type: kind ?? '', [key]: more } }),
        }
      }),
      ends: (channel) =>
        type === 'message_stop' ||
        (channel.startsWith(`${block}/`) && (type === 'content_block_stop' || (goesOn && delta['type'] === 'signature_delta'))),
      echoes: [],
    }
  },
  failure: (code, message) => ({ type: 'error', error: { type: 'api_error', message: `${code}: ${message}` } }),
}

/** What a block begins with already: most begin with nothing. */
function begun(text: unknown, thinking: unknown, block: string): ReturnType<typeof textsIn> {
  return [
    ...(typeof text === 'string' ? [{ path: '/content_block/text', channel: `${block}/text`, text }] : []),
    ...(typeof thinking === 'string' ? [{ path: '/content_block/thinking', channel: `${block}/thinking`, text: thinking }] : []),
  ]
}
