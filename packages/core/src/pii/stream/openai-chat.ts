import { isObject, type Json, type JsonObject } from '../../json.ts'
import { type EventShape, isArray, type Part, textsIn } from './event-shape.ts'

/**
 * Chunks of OpenAI's chat completions, and of those who speak as it does: the texts of each choice's `delta`, reasoning and
 * refusals too, and the arguments of its tool calls by their index. A choice ends with its `finish_reason`. Legacy completions
 * carry a `text`.
 */
export const openaiChat: EventShape = {
  read(event) {
    const choices = isArray(event['choices']) ? event['choices'] : []
    const parts = choices.flatMap((choice, at) => (isObject(choice) ? partsOf(event, choice, at) : []))
    const ended = new Set(choices.flatMap((choice, at) => (isObject(choice) && choice['finish_reason'] ? [number(choice, at)] : [])))
    return {
      parts,
      ends: (channel) => ended.has(channel.slice(0, channel.indexOf('/'))),
      echoes: choices.map((_, at) => `/choices/${at}/logprobs`),
    }
  },
  failure: (code, message) => ({ error: { message, type: 'agentgate_error', param: null, code } }),
}

function number(choice: JsonObject, at: number): string {
  return String(typeof choice['index'] === 'number' ? choice['index'] : at)
}

function partsOf(event: JsonObject, choice: JsonObject, at: number): readonly Part[] {
  const index = number(choice, at)
  return ['delta', 'text'].flatMap((field) =>
    textsIn(choice[field], `/choices/${at}/${field}`, `${index}/${field}`).map((text): Part => {
      const keys = text.channel.split('/').slice(1)
      return {
        ...text,
        place: keys.at(-1) === 'arguments' ? 'json' : 'text',
        carry: (more) => ({
          ...Object.fromEntries(Object.entries(event).filter(([key]) => !['usage', 'x_groq', 'obfuscation'].includes(key))),
          choices: [{ index: Number(index), ...nested(keys, more), logprobs: null, finish_reason: null }],
        }),
      }
    }),
  )
}

/** `['delta', 'tool_calls', '2', 'function', 'arguments']` as the object that it is the way into. */
function nested([key = '', ...rest]: readonly string[], text: string): { readonly [key: string]: Json } {
  const [index] = rest
  if (index === undefined) return { [key]: text }
  if (!/^\d/.test(index)) return { [key]: nested(rest, text) }
  const [at = '', type] = index.split(' ')
  const item = rest.length === 1 ? text : nested(rest.slice(1), text)
  return { [key]: [isObject(item) ? { ...(type === undefined ? { index: Number(at) } : { type }), ...item } : item] }
}
